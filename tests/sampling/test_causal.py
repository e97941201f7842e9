import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.errors import CelleError
from napari_celle.sampling.causal import decode
from napari_celle.sampling.noise import gumbel_noise

CODES, PLACES = 30, 12


def logits_fn(tokens):
    """Logits of the next token that depend on all tokens so far."""
    so_far = ((tokens + 1) * torch.arange(1, tokens.shape[1] + 1)).sum(1, keepdim=True)  # (B, 1)
    return 3 * torch.sin((so_far + 1.0) * torch.arange(1, CODES + 1))


def run(given=None, *, temperature=1.0, seeds=(0,), fn=logits_fn, **options):
    noise = gumbel_noise([torch.Generator().manual_seed(seed) for seed in seeds])
    given = torch.empty(len(seeds), 0, dtype=torch.int64) if given is None else given
    options = {"length": PLACES, "top_k": None} | options
    return decode(fn, given, temperature=temperature, noise=noise, **options)


@given(st.lists(st.integers(0, CODES - 1), max_size=PLACES - 1))
def test_given_tokens_survive_and_the_image_is_complete(row):
    result = run(torch.tensor([row], dtype=torch.int64))
    assert result.tokens.shape == (1, PLACES)
    assert result.tokens[0, : len(row)].tolist() == row
    assert result.step_filled[0].tolist() == [0] * len(row) + list(range(1, PLACES - len(row) + 1))
    assert result.filled_logits[0, : len(row)].argmax(-1).tolist() == row


def test_without_noise_each_token_is_the_best_after_those_before():
    result = run(temperature=0.0)
    for place in range(PLACES):
        logits = logits_fn(result.tokens[:, :place])
        assert result.tokens[0, place] == logits.argmax()
        torch.testing.assert_close(result.filled_logits[:, place], logits)


def test_one_seed_gives_one_answer_and_another_seed_another():
    first, again, other = (run(seeds=(seed,)).tokens for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_batch_gives_what_its_items_give_one_by_one():
    together = run(seeds=(0, 1, 2))
    alone = [run(seeds=(seed,)) for seed in (0, 1, 2)]
    assert torch.equal(together.tokens, torch.cat([one.tokens for one in alone]))
    torch.testing.assert_close(together.filled_logits, torch.cat([one.filled_logits for one in alone]))


def test_top_one_takes_the_best_code_whatever_the_noise():
    assert torch.equal(run(temperature=50.0, top_k=1).tokens, run(temperature=0.0).tokens)


def test_typical_sampling_draws_no_token_that_is_not_typical():
    sure = torch.full((CODES,), -20.0)
    sure[:5] = torch.tensor([0.0, -0.1, -0.2, -0.3, -0.4])
    typical, all_of_them = (
        run(fn=lambda tokens: sure[None], keep=keep, temperature=30.0, length=200).tokens.unique()
        for keep in ("typical", "top-k")
    )
    assert len(typical) <= 20 < len(all_of_them)


def test_the_model_is_asked_once_for_each_token_that_is_drawn():
    lengths = []
    run(torch.zeros(1, 4, dtype=torch.int64), fn=lambda tokens: (lengths.append(tokens.shape[1]), logits_fn(tokens))[1])
    assert lengths == list(range(4, PLACES))


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [(None, {"keep": "best"}, "top-k, typical"), (torch.zeros(1, PLACES, dtype=torch.int64), {}, "at least one")],
)
def test_what_cannot_be_drawn_is_named(given, options, message):
    with pytest.raises(CelleError, match=message):
        run(given, **options)
