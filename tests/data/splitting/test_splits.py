"""Proteins are shared out at random, and what belongs together stays together."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.data.splitting.splits import split_proteins
from napari_celle.errors import CelleError

SHARES = {"train": 0.8, "val": 0.1, "test": 0.1}


def _split(sequences, shares=SHARES, *, seed=0, clusters=None):
    return split_proteins(sequences, shares, rng=np.random.default_rng(seed), clusters=clusters)


def _proteins(count):
    return [f"M{'A' * number}" for number in range(count)]


def test_a_hundred_proteins_come_out_as_asked():
    assert Counter(_split(_proteins(100))) == {"train": 80, "val": 10, "test": 10}


@given(st.lists(st.sampled_from(_proteins(12)), min_size=1, max_size=60), st.integers(0, 5), st.booleans())
def test_all_pictures_of_a_protein_and_all_proteins_of_a_family_are_on_one_side(sequences, seed, families):
    sequences = [*sequences, *_proteins(12)]
    clusters = {protein: number % 5 for number, protein in enumerate(_proteins(12))} if families else None
    splits = _split(sequences, seed=seed, clusters=clusters)
    assert len(splits) == len(sequences)
    assert set(splits) == set(SHARES)
    group = clusters.__getitem__ if clusters else str
    of = {}
    for sequence, split in zip(sequences, splits, strict=True):
        assert of.setdefault(group(sequence), split) == split


def test_few_proteins_leave_no_split_empty():
    assert Counter(_split(_proteins(3))) == {"train": 1, "val": 1, "test": 1}
    with pytest.raises(CelleError, match="2 families or proteins are too few for the splits train, val, test"):
        _split(_proteins(2))


def test_a_split_without_a_share_gets_nothing():
    assert Counter(_split(_proteins(10), {"train": 0.8, "val": 0.2, "test": 0})) == {"train": 8, "val": 2}


def test_the_same_seed_gives_the_same_split_whatever_the_order_of_the_rows():
    proteins = _proteins(30)
    first = dict(zip(proteins, _split(proteins), strict=True))
    assert first == dict(zip(proteins[::-1], _split(proteins[::-1]), strict=True))
    assert first != dict(zip(proteins, _split(proteins, seed=1), strict=True))


def test_a_large_family_goes_where_it_fits():
    proteins = _proteins(20)
    clusters = {protein: 0 if number < 14 else number for number, protein in enumerate(proteins)}
    splits = _split(proteins, clusters=clusters)
    assert set(splits[:14]) == {"train"}
    assert Counter(splits) == {"train": 16, "val": 2, "test": 2}


@pytest.mark.parametrize("shares", [{"train": 0.8, "val": 0.1}, {"train": 1.2, "val": -0.2}, {"train": float("nan")}])
def test_shares_that_are_none_are_told(shares):
    with pytest.raises(CelleError, match=r"add up to 1, not train"):
        _split(_proteins(10), shares)
