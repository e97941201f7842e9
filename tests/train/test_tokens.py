import numpy as np
import pytest
import torch

from napari_celle.alphabet import TAPE
from napari_celle.errors import CelleError
from napari_celle.models.registry import TINY_CELLE, TINY_CELLE2, load_model
from napari_celle.train.masks import Masking
from napari_celle.train.tokens import PublishedBatches, TokenTable


@pytest.fixture
def table():
    tokens = np.random.default_rng(0).integers(0, 16, (2, 7, 256)).astype(np.int16)
    return TokenTable(tokens[0], tokens[1], ["MKRAP" * n for n in (1, 2, 3, 4, 5, 6, 40)])


def _batches(table, name=TINY_CELLE2, **kwargs):
    return PublishedBatches(table, model=load_model(name, device="cpu").network, batch=3, **kwargs)


def test_a_batch_is_the_same_whenever_it_is_asked_for(table):
    first, second = _batches(table, seed=5), _batches(table, seed=5)
    forward = [first[number] for number in range(6)]
    for number in (4, 1, 5):
        for one, other in zip(forward[number][:-1], second[number][:-1], strict=True):
            assert torch.equal(one, other)
    other = _batches(table, seed=6)[4]
    assert not torch.equal(other.masked, forward[4].masked)


def test_a_pass_shows_each_sample_once_and_the_next_in_another_order(table):
    batches = _batches(table)
    chosen = np.concatenate([batches._chosen(number) for number in range(14)])
    passes = chosen.reshape(-1, 7)
    assert all(sorted(one) == list(range(7)) for one in passes)
    assert len({tuple(one) for one in passes}) > 3


def test_masks_stand_on_residues_only_and_every_picture_has_one(table):
    batches = _batches(table, masking=Masking(no_sequence=0.5))
    for batch in (batches[number] for number in range(20)):
        hidden = batch.hidden != batch.ids
        assert (batch.hidden[hidden] == TAPE.mask).all()
        assert not np.isin(batch.ids[hidden], (TAPE.start, TAPE.end, TAPE.pad)).any()
        assert batch.masked.any(1).all()
        assert batch.ids.shape == (3, 100)


def test_a_causal_model_gets_no_masks(table):
    batches = _batches(table, name=TINY_CELLE, masking=Masking(no_sequence=1))
    assert torch.equal(batches[0].hidden, batches[0].ids)


def test_long_proteins_are_read_from_anywhere(table):
    batches = _batches(table)
    starts = {tuple(batches._ids("ACDEFGHIKLMNPQRSTVWY" * 10, np.random.default_rng(n))[:3]) for n in range(40)}
    assert len(starts) > 10
    lasts = [batches._ids("A" * 100 + "W", np.random.default_rng(n))[-1] for n in range(20)]
    assert TAPE.ids["W"] in lasts  # the last residue is seen, too


def test_the_fingerprint_tells_tables_apart(table):
    before = _batches(table).fingerprint()
    assert _batches(table, seed=3).fingerprint() == before
    table.protein[0, 0] += 1
    assert _batches(table).fingerprint() != before


def test_nothing_to_train_on_is_said(table):
    with pytest.raises(CelleError, match="no samples"):
        _batches(TokenTable(table.nucleus[:0], table.protein[:0], []))
