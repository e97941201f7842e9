import numpy as np
import pytest
import torch

from napari_celle.models.mini import MiniCelle
from napari_celle.models.registry import _TINY
from napari_celle.sequence import MASK_ID, PAD_ID
from napari_celle.train.celle import CelleTraining, TokenBatches, TokenTable, tokens_of


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, 16, (2, 6, 256)).astype(np.int16)
    return TokenTable(nucleus=tokens[0], protein=tokens[1], sequences=["MKRAP" * n for n in range(4, 10)])


def test_a_batch_hides_residues_and_names_what_is_to_be_found(table):
    batches = iter(TokenBatches(table, batch=3, residue_window=30, seed=0))
    for batch in (next(batches) for _ in range(20)):
        assert batch.ids.shape == batch.hidden.shape
        assert batch.ids.shape[1] <= 30
        hidden = batch.hidden == MASK_ID
        assert torch.equal(batch.hidden[~hidden], batch.ids[~hidden])
        assert not (batch.ids[hidden] == PAD_ID).any()
        assert batch.masked.any()
        assert (batch.nucleus < 16).all()


def test_a_model_learns_a_picture_by_heart(table):
    torch.manual_seed(0)
    training = CelleTraining(MiniCelle(_TINY), steps=200)
    optimizer = torch.optim.AdamW([p for p in training.parameters() if p.requires_grad], lr=1e-2)
    table.protein[:] = np.arange(256) // 16  # the row of a token tells its code
    batches = iter(TokenBatches(table, batch=2, residue_window=30, seed=0))
    losses = []
    for _ in range(120):
        image = training._losses(next(batches))["image"]
        optimizer.zero_grad()
        image.backward()
        optimizer.step()
        losses.append(image.item())
    assert np.mean(losses[-10:]) < 0.6 * np.log(16)


def test_tokenizers_and_encoder_are_not_changed_by_this_phase():
    training = CelleTraining(MiniCelle(_TINY), steps=10)
    trained = {name.split(".")[0] for name, p in training.model.named_parameters() if p.requires_grad}
    assert trained.isdisjoint({"nucleus", "protein", "encoder"})
    assert {"transformer", "to_protein", "protein_embedding"} <= trained


def test_a_turned_picture_has_turned_tokens():
    torch.manual_seed(0)
    tokenizer = MiniCelle(_TINY).nucleus.eval()
    picture = np.zeros((1, 256, 256), np.uint8)
    picture[0, 20:90, 30:120] = 200
    plain = tokens_of(tokenizer, picture, ways=np.array([0]))
    other = tokens_of(tokenizer, np.rot90(picture, axes=(1, 2)).copy(), ways=np.array([3]))
    np.testing.assert_array_equal(plain, other)
