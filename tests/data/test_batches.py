import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.data.batches import crop, length_batches, mask_residues, pad, similar_lengths
from napari_celle.sequence import MASK_ID, PAD_ID, tokenize

SEQUENCES = ["M" + "AKLV" * n for n in range(1, 60)]


def rng(seed=0):
    return np.random.default_rng(seed)


def test_every_protein_comes_once_in_an_epoch():
    batches = list(length_batches(SEQUENCES, window=100, residues=500, rng=rng()))
    assert sorted(np.concatenate([indices for indices, _ in batches])) == list(range(len(SEQUENCES)))
    assert len(batches) > 5


def test_a_batch_holds_its_proteins_cut_to_the_window_and_padded_at_the_end():
    for indices, ids in length_batches(SEQUENCES, window=100, residues=500, rng=rng()):
        for index, row in zip(indices, ids, strict=True):
            residues = row[row != PAD_ID]
            assert len(residues) == min(len(SEQUENCES[index]), 100)
            np.testing.assert_array_equal(row[: len(residues)], residues)
            if len(SEQUENCES[index]) <= 100:
                np.testing.assert_array_equal(residues, tokenize(SEQUENCES[index]))


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 9))
def test_a_crop_is_a_run_of_the_protein(length, window, seed):
    part = crop(np.arange(length), window, rng(seed))
    assert len(part) == min(length, window)
    np.testing.assert_array_equal(part, np.arange(part[0], part[0] + len(part)))


def test_masks_hide_their_share_and_never_the_padding():
    ids = pad([np.full(900, 3), np.full(1000, 4), np.full(500, 5)])
    hidden = mask_residues(ids, np.array([0.0, 0.2, 1.0]), rng())
    assert ((hidden == PAD_ID) == (ids == PAD_ID)).all()
    counts = (hidden == MASK_ID).sum(1)
    assert counts[0] == 0
    assert 150 < counts[1] < 250
    assert counts[2] == 500


def test_batches_of_similar_length_use_each_item_at_most_once():
    lengths = rng(1).integers(10, 1000, 103)
    batches = list(similar_lengths(lengths, batch=10, rng=rng()))
    assert len(batches) == 10
    assert len(np.unique(np.concatenate(batches))) == 100
    assert np.mean([np.ptp(lengths[batch]) for batch in batches]) < 400
