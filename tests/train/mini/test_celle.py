import numpy as np
import pytest
import torch

from napari_celle.models.mini import MiniCelle
from napari_celle.models.registry import _TINY
from napari_celle.sequence import MASK_ID, PAD_ID
from napari_celle.train.masks import Masking
from napari_celle.train.mini.celle import CelleTraining, MiniBatches, start_from_codebooks
from napari_celle.train.tokens import TokenTable, tokens_of


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, 16, (2, 6, 256)).astype(np.int16)
    return TokenTable(nucleus=tokens[0], protein=tokens[1], sequences=["MKRAP" * n for n in range(4, 10)])


def test_a_batch_hides_residues_and_names_what_is_to_be_found(table):
    batches = MiniBatches(table, batch=3, residue_window=30, seed=0)
    for batch in (batches[number] for number in range(20)):
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
    batches = MiniBatches(table, batch=2, residue_window=30, seed=0)
    losses = []
    for number in range(120):
        image = training._losses(batches[number])["image"]
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


def test_batches_of_similar_proteins_are_the_same_whenever_they_are_asked_for(table):
    first, second = (MiniBatches(table, batch=2, residue_window=30, seed=3) for _ in range(2))
    forward = [first[number] for number in range(7)]
    for number in (5, 0, 4):
        one, other = forward[number], second[number]
        assert all(torch.equal(a, b) for a, b in zip(one[:-1], other[:-1], strict=True))
        assert one.window == other.window


def test_a_sequence_is_left_out_as_often_as_asked_for(table):
    batches = MiniBatches(table, batch=3, masking=Masking(no_sequence=1), seed=0)
    batch = batches[0]
    assert (batch.hidden[batch.ids != PAD_ID] == MASK_ID).all()


def test_similar_codes_start_alike_and_the_same_each_time():
    torch.manual_seed(0)
    model = MiniCelle(_TINY)
    codes = model.protein.vqgan.quantizer.embedding.weight
    with torch.no_grad():
        codes[1] = codes[0]
    start_from_codebooks(model, seed=1)
    first = model.to_protein.weight.clone()
    torch.testing.assert_close(first[0], first[1])
    assert not torch.allclose(first[0], first[2])
    torch.randn(5)
    start_from_codebooks(model, seed=1)  # to the scale that the weights have
    torch.testing.assert_close(model.to_protein.weight / model.to_protein.weight.std(), first / first.std())
