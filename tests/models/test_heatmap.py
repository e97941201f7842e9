import numpy as np
import pytest
import torch
import torch.nn.functional as F

from napari_celle.models.heatmap import HEATMAPS, paper, published_causal, published_masked
from napari_celle.sampling import Decoded

CODES = 3
GREY = torch.tensor([0.0, 0.4, 0.9])  # the pixel that each code draws


class Codes:
    """A tokenizer whose pictures are one pixel a code, plus ``dark``."""

    def __init__(self, dark=0.0):
        self.dark = dark

    def decode_mixtures(self, weights):
        return (weights @ GREY).unflatten(1, (2, 2)) + self.dark


def decoded(first, *, filled=None, steps=None, tokens=None):
    """A decoding of four places; logits (4, CODES)."""
    first = torch.as_tensor(first)[None].float()
    return Decoded(
        tokens=first.argmax(-1) if tokens is None else torch.tensor([tokens]),
        first=first,
        filled_logits=first if filled is None else torch.as_tensor(filled)[None].float(),
        step_filled=torch.tensor([steps or [1, 1, 1, 1]]),
    )


LOGITS = np.random.default_rng(0).normal(size=(4, CODES)) * 3


def test_the_papers_map_is_the_expected_picture_whatever_was_drawn():
    expected = (torch.tensor(LOGITS).softmax(-1).float() @ GREY).view(1, 2, 2)
    for tokens in ([0, 0, 0, 0], [2, 1, 0, 1]):
        answer = decoded(LOGITS, filled=LOGITS[::-1].copy(), tokens=tokens, steps=[1, 2, 1, 2])
        torch.testing.assert_close(paper(Codes(), answer), expected)


def test_a_code_that_was_given_is_certain_in_the_papers_map():
    heat = paper(Codes(), decoded(LOGITS, tokens=[2, 1, 0, 1], steps=[0, 1, 1, 1]))
    assert heat[0, 0, 0] == pytest.approx(0.9)
    assert heat[0, 0, 1] != pytest.approx(0.4)


def test_the_published_map_of_a_causal_model_weighs_codes_with_raw_logits():
    expected = (torch.tensor(LOGITS).float() @ GREY).view(1, 2, 2).clamp(0, 1)
    torch.testing.assert_close(published_causal(Codes(), decoded(LOGITS)), expected)


def test_the_published_map_of_a_masked_model_does_not_change_with_the_size_of_the_logits():
    one, ten = (published_masked(Codes(), decoded(LOGITS * size)) for size in (1, 10))
    torch.testing.assert_close(one, ten)


def test_the_published_map_divides_the_logits_of_a_place_by_the_largest_size():
    heat = published_masked(Codes(), decoded([[-4, 1, 2], [0, 0, 1], [1, 0, 0], [1, 0, 0]]))
    torch.testing.assert_close(heat.flatten(), torch.tensor([0.65, 1.0, 0.1, 0.1]))  # the brightest was 0.9


@pytest.mark.parametrize(
    ("dark", "expected"), [(-0.5, [0.1, 0.5, 1, 0.1]), (3.0, [0, 0.4, 0.9, 0]), (0.05, [0.05, 0.45, 0.95, 0.05])]
)
def test_the_published_map_is_shifted_to_reach_white_and_black(dark, expected):
    codes = F.one_hot(torch.tensor([0, 1, 2, 0]), CODES)
    # (-0.5): brightest 0.4, so + 0.6; (3.0): darkest 3, so - 3; (0.05): brightest 0.95, so + 0.05, darkest - 0.05
    torch.testing.assert_close(published_masked(Codes(dark), decoded(codes)).flatten(), torch.tensor(expected))


def test_the_published_map_takes_each_place_from_the_pass_that_filled_it():
    several = decoded(LOGITS * 0, filled=LOGITS, steps=[1, 2, 3, 0])
    torch.testing.assert_close(published_masked(Codes(), several), published_masked(Codes(), decoded(LOGITS)))


def test_the_faithful_map_is_nan_where_a_place_was_filled_before_the_last_pass():
    several = decoded(LOGITS, steps=[1, 2, 2, 2])
    assert published_masked(Codes(), several).isfinite().all()
    assert published_masked(Codes(), several, faithful="all").isnan().any()


@pytest.mark.parametrize("steps", [[1, 1, 1, 1], [0, 0, 0, 0]])
def test_the_faithful_map_of_one_pass_or_of_a_given_picture_is_the_mended_one(steps):
    one = decoded(LOGITS, steps=steps)
    torch.testing.assert_close(published_masked(Codes(), one, faithful="all"), published_masked(Codes(), one))


def test_a_given_picture_is_decoded_from_its_codes():
    codes = F.one_hot(torch.tensor([0, 1, 2, 0]), CODES)
    given = decoded(codes, steps=[0, 0, 0, 0])
    torch.testing.assert_close(published_masked(Codes(0.1), given).flatten(), torch.tensor([0.0, 0.4, 0.9, 0.0]))


@pytest.mark.parametrize("name", HEATMAPS)
def test_every_map_lies_between_0_and_1(name):
    heat = HEATMAPS[name](Codes(), decoded(LOGITS * 5))
    assert heat.shape == (1, 2, 2)
    assert heat.dtype == torch.float32
    assert ((heat >= 0) & (heat <= 1)).all()
