from dataclasses import replace

import numpy as np
import pytest
import torch

from napari_celle.config import EmbeddingConfig, TransformerConfig
from napari_celle.models.registry import _TINY_CELLE2, _TINY_IMAGE, build
from napari_celle.train.masked import MaskedTraining
from napari_celle.train.masks import Masking
from napari_celle.train.published import CELLE2
from napari_celle.train.tokens import PublishedBatches, TokenTable

IMAGE = replace(_TINY_IMAGE, image_size=64)  # 4 x 4 codes
CONFIG = replace(_TINY_CELLE2, reference=IMAGE, protein=IMAGE, window=40)


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    nucleus = rng.integers(0, 16, (4, 16)).astype(np.int16)
    protein = np.repeat(rng.integers(0, 16, (4, 4)), 4, axis=1).astype(np.int16)
    return TokenTable(nucleus, protein, ["MKRAPWDE" * n for n in (1, 2, 3, 4)])


@pytest.fixture
def training():
    torch.manual_seed(0)
    return MaskedTraining(build(CONFIG), steps=60, weights=CELLE2)


def _batches(training, table, **kwargs):
    return PublishedBatches(table, model=training.model, batch=4, **kwargs)


def test_four_samples_are_learned_by_heart(training, table):
    batches = _batches(training, table)
    optimizer = torch.optim.AdamW([p for p in training.parameters() if p.requires_grad], lr=2e-2)
    losses = []
    for number in range(60):
        loss = training.losses(batches[number])["image"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert np.mean(losses[-10:]) < 0.75 * losses[0]


def test_only_what_is_masked_counts(training, table):
    batch = _batches(training, table, masking=Masking(no_sequence=0))[0]
    model = training.model
    codes = batch.protein.masked_fill(batch.masked, model.mask_id)
    logits = model.logits(model.embed(batch.hidden), batch.nucleus, codes)
    image = -logits[:, model.layout.protein_span, model.vocabulary.protein_codes].log_softmax(-1)
    image = image.gather(2, batch.protein.unsqueeze(-1)).squeeze(-1)
    residues = -logits[:, model.layout.residue_span].log_softmax(-1).gather(2, batch.ids.unsqueeze(-1)).squeeze(-1)
    losses = training.losses(batch)
    asked = batch.hidden != batch.ids
    assert losses["image"].item() == pytest.approx(image[batch.masked].mean().item(), rel=1e-4)
    assert losses["residues"].item() == pytest.approx(residues[asked].mean().item(), rel=1e-4)


def test_what_is_masked_is_not_told(training, table):
    batch = _batches(training, table)[0]
    other = batch.protein.clone()
    other[batch.masked] = 3
    asked = batch.hidden != batch.ids
    first = training.losses(batch)["residues"]
    assert asked.any()
    assert torch.equal(first, training.losses(batch._replace(protein=other))["residues"])


def test_a_batch_in_which_no_residue_is_masked_has_the_loss_of_its_pictures(training, table):
    losses = training.losses(_batches(training, table, masking=Masking(no_sequence=0, whole_sequence=1))[0])
    assert losses.keys() == {"image"}
    assert training.weights.total(losses).item() == pytest.approx(losses["image"].item() / 2)


def _step(training, table):
    before = {name: tensor.clone() for name, tensor in training.model.state_dict().items()}
    optimizer = torch.optim.SGD([p for p in training.parameters() if p.requires_grad], lr=1.0)
    training.weights.total(training.losses(_batches(training, table, masking=Masking(no_sequence=0.5))[0])).backward()
    optimizer.step()
    after = training.model.state_dict()
    return {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}


def test_image_tokenizers_and_a_fixed_embedding_stay_as_they_are(training, table):
    changed = _step(training, table)
    assert changed.isdisjoint({"reference", "protein", "embedder", "angles"})
    assert {"transformer", "head", "protein_embedding", "reference_embedding", "separator"} <= changed


def test_an_embedding_can_be_trained_too(table):
    torch.manual_seed(0)
    training = MaskedTraining(build(CONFIG), steps=60, weights=CELLE2, fixed_embedding=False)
    assert "embedder" in _step(training, table)


@pytest.fixture
def language_model():
    pytest.importorskip("transformers")
    config = replace(
        CONFIG,
        embedding=EmbeddingConfig("esm2", dim=16, layers=1, heads=2, hidden=32),
        transformer=TransformerConfig(dim=16, depth=1, heads=2, dim_head=8, rotary=1, rotate_values=True),
    )
    torch.manual_seed(0)
    return build(config)


@pytest.mark.parametrize("fixed", [True, False])
def test_a_language_model_is_trained_when_asked_for_only(language_model, table, fixed):
    training = MaskedTraining(language_model, steps=60, weights=CELLE2, fixed_embedding=fixed)
    assert ("embedder" in _step(training, table)) is not fixed


def test_a_language_model_sees_the_masks(language_model, table):
    training = MaskedTraining(language_model, steps=60, weights=CELLE2)
    batch = _batches(training, table, masking=Masking(no_sequence=1))[0]
    assert not torch.allclose(language_model.embed(batch.hidden), language_model.embed(batch.ids))
    other = batch.ids.clone()
    residues = batch.hidden != batch.ids
    other[residues] = 5
    first = training.losses(batch)["image"]
    assert torch.equal(first, training.losses(batch._replace(ids=other))["image"])  # no residue shines through
