"""Image tokenizers that are given to a model."""

from dataclasses import replace

import pytest
import torch

from napari_celle.config import TokenizerConfig
from napari_celle.errors import CelleError
from napari_celle.models.checkpoints.tokenizers import Tokenizer
from napari_celle.models.registry import _TINY_CELLE2, _TINY_IMAGE
from napari_celle.train.image_tokenizers import Tokenizers, check_codes, config_with, exchanged

BLIND = replace(_TINY_CELLE2, reference=None)


def _tokenizer(channel="protein", pixels="hpa", threshold=True, **sizes):
    return Tokenizer(TokenizerConfig(replace(_TINY_IMAGE, **sizes), channel, pixels=pixels, threshold=threshold), {})


@pytest.mark.parametrize("threshold", [True, False])
def test_the_protein_image_is_what_its_tokenizer_knows(threshold):
    config = config_with(_TINY_CELLE2, Tokenizers(protein=_tokenizer(threshold=threshold, channels=16)))
    assert config.grey is not threshold
    assert (config.protein.channels, config.reference) == (16, _TINY_CELLE2.reference)


def test_a_model_stays_as_it_is_without_tokenizers():
    assert config_with(_TINY_CELLE2, Tokenizers()) == _TINY_CELLE2


def test_pictures_are_prepared_as_both_tokenizers_know_them():
    both = Tokenizers(_tokenizer("nucleus", "opencell", threshold=False), _tokenizer(pixels="opencell"))
    assert config_with(_TINY_CELLE2, both).pixels == "opencell"
    assert config_with(BLIND, Tokenizers(protein=_tokenizer(pixels="opencell"))).pixels == "opencell"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (Tokenizers(protein=_tokenizer(pixels="celle")), "prepared in different ways: celle, hpa"),
        (Tokenizers(_tokenizer("nucleus", "celle"), _tokenizer()), "prepared in different ways: celle, hpa"),
        (Tokenizers(protein=_tokenizer(image_size=64)), "nucleus sees 256 pixels along an edge, .* protein 64"),
    ],
)
def test_tokenizers_that_do_not_fit_each_other_are_told(given, words):
    with pytest.raises(CelleError, match=words):
        config_with(_TINY_CELLE2, given)


@pytest.mark.parametrize(
    ("config", "given", "words"),
    [
        (_TINY_CELLE2, Tokenizers(protein=_tokenizer(codes=32)), "16 codes for the protein .* tokenizer 32"),
        (
            _TINY_CELLE2,
            Tokenizers(_tokenizer("nucleus", image_size=64)),
            "for the nucleus and 16 x 16 places, .* 4 x 4",
        ),
        (BLIND, Tokenizers(_tokenizer("nucleus")), "reads no nucleus image"),
    ],
)
def test_tokenizers_with_other_codes_than_the_model_knows_are_told(config, given, words):
    with pytest.raises(CelleError, match=words):
        check_codes(config, given)


def test_all_tensors_of_a_tokenizer_make_room_for_those_of_another():
    state = {
        name: torch.zeros(1) for name in ("protein.vqgan.old", "protein.vqgan.both", "reference.vqgan.old", "head")
    }
    other = Tokenizer(_tokenizer().config, {"both": torch.ones(1), "new": torch.ones(1)})
    mixed = exchanged(state, Tokenizers(protein=other))
    assert {name: value.item() for name, value in mixed.items()} == {
        "protein.vqgan.both": 1, "protein.vqgan.new": 1, "reference.vqgan.old": 0, "head": 0
    }  # fmt: skip
    assert exchanged(state, Tokenizers()) == state
