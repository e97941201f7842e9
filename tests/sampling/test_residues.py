import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.errors import CelleError
from napari_celle.sampling.noise import gumbel_noise
from napari_celle.sampling.residues import Filling, fill
from napari_celle.sampling.suppression import ResidueIds

IDS = ResidueIds(mask=9, pad=1, start=0, end=2, standard=(4, 5), residues=(4, 5, 6))
ESM = ResidueIds(mask=32, pad=1, start=0, end=2, standard=tuple(range(4, 24)), residues=tuple(range(4, 29)))
START, END, PAD, MASK = IDS.start, IDS.end, IDS.pad, IDS.mask


def logits_fn(tokens, step, columns=10):
    """Logits that depend on the tokens already there, the place and the column."""
    places = torch.arange(1, tokens.shape[1] + 1)[:, None] * torch.arange(1, columns + 1)  # (N, V)
    return torch.sin(places + (tokens * torch.arange(1, tokens.shape[1] + 1)).sum(1)[:, None, None].float())


def run(tokens, *, temperature=1.0, top_k=None, seeds=(0,), fn=logits_fn, ids=IDS, **filling):
    noise = gumbel_noise([torch.Generator().manual_seed(seed) for seed in seeds])
    tokens = torch.as_tensor(tokens)
    return fill(fn, tokens, ids=ids, temperature=temperature, top_k=top_k, noise=noise, filling=Filling(**filling))


proteins = st.lists(st.sampled_from([4, 5, 6, MASK]), min_size=1, max_size=12).map(lambda row: [START, *row, MASK, END])


@given(proteins, st.integers(1, 4), st.booleans(), st.sampled_from([None, 1, 3]))
def test_given_residues_survive_and_masks_become_amino_acids(row, at_once, standard_only, top_k):
    tokens = torch.tensor([row])
    filled = run(tokens, at_once=at_once, standard_only=standard_only, top_k=top_k)
    hidden = tokens == MASK
    assert torch.equal(filled.tokens[~hidden], tokens[~hidden])
    assert set(filled.tokens[hidden].tolist()) <= set(IDS.standard if standard_only else IDS.residues)
    assert sorted(place for step in filled.order[0] for place in step) == hidden[0].nonzero().flatten().tolist()


def test_a_mask_at_the_last_place_is_filled():
    assert run([[START, 4, MASK]]).tokens[0, 2] in IDS.standard


def test_nothing_but_masks_is_filled_from_the_first():
    filled = run([[MASK, MASK, MASK]])
    assert filled.order == (((0,), (1,), (2,)),)
    assert (filled.tokens != MASK).all()


def test_several_runs_are_filled_several_residues_at_once():
    filled = run([[START, MASK, MASK, 4, 4, MASK, MASK, 5, MASK, END]], at_once=3)
    assert filled.order == (((2, 5, 6), (8, 1)),)
    assert (filled.tokens != MASK).all()


def test_padding_does_not_change_the_order():
    protein = [START, MASK, 4, 5, 4, MASK, MASK, END]
    assert run([protein]).order == run([[*protein, *[PAD] * 20]]).order


def test_one_seed_gives_one_answer_and_another_seed_another():
    row = [[START, 4, *[MASK] * 20, END]]
    first, again, other = (run(row, seeds=(seed,), temperature=2.0).tokens for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_batch_gives_what_its_items_give_one_by_one():
    rows = torch.tensor([[START, MASK, MASK, 4, MASK, END], [START, 4, 5, MASK, END, PAD], [START, 4, 5, 4, 5, END]])
    together = run(rows, seeds=(0, 1, 2))
    for row in (0, 1):
        alone = run(rows[row : row + 1], seeds=(row,))
        assert torch.equal(together.tokens[row], alone.tokens[0])
        torch.testing.assert_close(together.logits[row], alone.logits[0])
        assert together.order[row] == alone.order[0]
    assert torch.equal(together.tokens[2], rows[2])


def test_logits_are_raw_of_the_pass_that_filled_and_one_hot_elsewhere():
    tokens = torch.tensor([[START, 4, MASK, MASK, END]])
    filled = run(tokens, temperature=0.0)
    second = tokens.clone()
    second[0, 2] = filled.tokens[0, 2]
    torch.testing.assert_close(filled.logits[0, 2], logits_fn(tokens, 1)[0, 2])
    torch.testing.assert_close(filled.logits[0, 3], logits_fn(second, 2)[0, 3])
    assert filled.logits[0, 1].tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]


def test_without_placing_the_masks_stay_and_all_logits_are_those_of_the_first_pass():
    tokens = torch.tensor([[START, 4, MASK, MASK, END]])
    filled = run(tokens, place=False)
    assert torch.equal(filled.tokens, tokens)
    assert filled.order == (((2,), (3,)),)
    torch.testing.assert_close(filled.logits[0, 2:4], logits_fn(tokens, 1)[0, 2:4])


def test_the_tokens_handed_in_stay_as_they_are():
    tokens = torch.tensor([[START, 4, MASK, END]])
    run(tokens)
    run(tokens, order="published")
    assert tokens[0, 2] == MASK


def test_in_the_published_order_other_letters_are_proposed_and_without_force_other_tokens():
    best = torch.zeros(1, 4, 10)
    best[..., 7], best[..., 6] = 9.0, 5.0
    row = [[START, 4, MASK, END, *[PAD] * 3]]
    best = best[:, :1].expand(1, 7, 10)
    found = [
        run(row, fn=lambda tokens, step: best, temperature=0.0, **options).tokens[0, 2].item()
        for options in ({}, {"order": "published"}, {"order": "published", "standard_only": False})
    ]
    assert found == [4, 6, 7]


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([[START, 4, END]], {}, "No residue is masked"),
        ([[START, MASK, END]], {"at_once": 0}, "at once"),
        ([[START, MASK, END]], {"order": "inward"}, "outward, published"),
        ([[START, MASK, 4, 4, 4, END], [START, MASK, MASK, 4, 4, END]], {"order": "published"}, "one by one"),
    ],
)
def test_what_cannot_be_filled_is_named(rows, options, message):
    with pytest.raises(CelleError, match=message):
        run(rows, seeds=range(len(rows)), **options)


@pytest.mark.parametrize("name", ["n_term", "c_term_padded", "three_at_a_time", "without_placing"])
def test_what_the_authors_code_recorded_follows_from_its_logits(fixtures, name):
    folder = fixtures / "celle2_small"
    arrays = np.load(folder / f"sample_text_{name}.npz")
    meta = json.loads((folder / "meta.json").read_text())["statistics"][f"sample_text_{name}"]
    recorded = torch.from_numpy(arrays["text_logits"])
    filled = run(
        torch.from_numpy(arrays["text_tokens"]).long(),
        fn=lambda tokens, step: recorded,  # the order does not depend on them
        ids=ESM,
        temperature=0.0,
        order="published",
        at_once=meta.get("n_unmask", 1),
        standard_only=meta["force_aas"],
        place=meta.get("place_amino", True),
    )
    assert torch.equal(filled.tokens.int(), torch.from_numpy(arrays["text_tokens_out"]))
    torch.testing.assert_close(filled.logits, recorded, rtol=0, atol=0)
