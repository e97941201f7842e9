import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.errors import CelleError
from napari_celle.sampling import decode
from napari_celle.sampling.noise import gumbel_noise

CODES, PLACES = 7, 12
MASK = CODES


def logits_fn(tokens, step):
    """Logits that depend on the tokens already there, the place and the step."""
    place = torch.arange(1, PLACES + 1)[:, None] * torch.arange(1, CODES + 1)  # (N, K)
    known = torch.where(tokens == MASK, 0, tokens + 1).sum(1)[:, None, None]
    return torch.sin(place + known + step).expand(len(tokens), PLACES, CODES)


def run(tokens, *, steps=4, temperature=1.0, top_k=None, seeds=(0,), fn=logits_fn, **more):
    noise = gumbel_noise([torch.Generator().manual_seed(seed) for seed in seeds])
    options = {"steps": steps, "temperature": temperature, "top_k": top_k} | more
    return decode(fn, tokens, mask_id=MASK, noise=noise, **options)


def all_masked(batch=1):
    return torch.full((batch, PLACES), MASK)


@given(st.integers(1, 14), st.lists(st.integers(0, MASK), min_size=PLACES, max_size=PLACES))
def test_given_tokens_survive_and_masks_vanish(steps, row):
    tokens = torch.tensor([row])
    result = run(tokens, steps=steps).tokens
    given_places = tokens != MASK
    assert torch.equal(result[given_places], tokens[given_places])
    assert (result < CODES).all()


def test_one_seed_gives_one_answer_and_another_seed_another():
    first, again, other = (run(all_masked(), seeds=(seed,)).tokens for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_batch_gives_what_its_items_give_one_by_one():
    tokens = all_masked(3)
    tokens[1, :5] = 2
    together = run(tokens, seeds=(0, 1, 2)).tokens
    alone = torch.cat([run(tokens[row : row + 1], seeds=(row,)).tokens for row in range(3)])
    assert torch.equal(together, alone)


def test_without_noise_and_in_one_step_each_place_takes_its_best_code():
    result = run(all_masked(), steps=1, temperature=0.0)
    assert torch.equal(result.tokens, logits_fn(all_masked(), 1).argmax(-1))
    torch.testing.assert_close(result.first, logits_fn(all_masked(), 1))


def test_logits_are_those_before_anything_was_drawn_whatever_the_seed_and_steps():
    for steps, seed in ((1, 0), (3, 1), (PLACES, 2)):
        result = run(all_masked(), steps=steps, seeds=(seed,))
        torch.testing.assert_close(result.first, logits_fn(all_masked(), 1))


def test_each_step_sees_what_the_steps_before_have_filled():
    seen = []
    run(all_masked(), steps=3, fn=lambda tokens, step: (seen.append((step, tokens)), logits_fn(tokens, step))[1])
    assert [step for step, _ in seen] == [1, 2, 3]
    assert [int((tokens == MASK).sum()) for _, tokens in seen] == [12, 10, 6]


def test_the_surest_places_are_filled_first():
    sharp = torch.zeros(1, PLACES, CODES)
    sharp[0, 4, 2] = 10.0
    states = []
    run(all_masked(), steps=PLACES, temperature=0.0, fn=lambda tokens, step: (states.append(tokens.clone()), sharp)[1])
    assert torch.nonzero(states[1][0] != MASK).flatten().tolist() == [4]


@given(st.sampled_from(["cosine", "published"]), st.sampled_from(["probability", "score"]), st.integers(1, 9))
def test_logits_and_step_of_each_place_are_those_of_the_pass_that_filled_it(schedule, confidence, steps):
    seen = []
    tokens = all_masked()
    tokens[0, 3] = 5
    result = run(
        tokens,
        steps=steps,
        schedule=schedule,
        confidence=confidence,
        fn=lambda tokens, step: (seen.append(tokens), logits_fn(tokens, step))[1],
    )
    assert result.step_filled[0, 3] == 0
    assert result.filled_logits[0, 3].tolist() == [0, 0, 0, 0, 0, 1, 0]
    for place in [place for place in range(PLACES) if place != 3]:
        step = int(result.step_filled[0, place])
        torch.testing.assert_close(result.filled_logits[0, place], logits_fn(seen[step - 1], step)[0, place])
        known = [int(state[0, place]) != MASK for state in [*seen, result.tokens]]
        assert known.index(True) == step


def test_as_many_steps_as_places_fill_one_code_a_step():
    assert sorted(run(all_masked(), steps=PLACES).step_filled[0].tolist()) == list(range(1, PLACES + 1))


def test_a_sure_place_goes_before_one_with_a_larger_logit_unless_scores_are_compared():
    logits = torch.zeros(1, PLACES, CODES)
    logits[0, 4, 2] = 10.0  # sure
    logits[0, 7] = 20.0  # large and undecided
    first = [
        run(all_masked(), steps=PLACES, temperature=0.0, confidence=name, fn=lambda *_: logits).step_filled.argmin()
        for name in ("probability", "score")
    ]
    assert first == [4, 7]


def test_what_is_not_known_by_name_is_named():
    for options in ({"schedule": "sine"}, {"confidence": "none"}):
        with pytest.raises(CelleError, match="Choose from"):
            run(all_masked(), **options)


def test_top_one_takes_the_best_code_whatever_the_noise():
    result = run(all_masked(), steps=1, temperature=50.0, top_k=1)
    assert torch.equal(result.tokens, logits_fn(all_masked(), 1).argmax(-1))
