from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from napari_celle.config import EmbeddingConfig
from napari_celle.models.registry import _TINY_CELLE, _TINY_IMAGE, build
from napari_celle.train.causal import CausalTraining
from napari_celle.train.published import PAPER, LossWeights
from napari_celle.train.tokens import PublishedBatches, TokenTable

IMAGE = replace(_TINY_IMAGE, image_size=64)  # 4 x 4 codes
CONFIG = replace(_TINY_CELLE, reference=IMAGE, protein=IMAGE, window=40)


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    nucleus = rng.integers(0, 16, (4, 16)).astype(np.int16)
    protein = np.repeat(rng.integers(0, 16, (4, 4)), 4, axis=1).astype(np.int16)  # a code a row
    return TokenTable(nucleus, protein, ["MKRAPWDE" * n for n in (1, 2, 3, 4)])


@pytest.fixture
def training():
    torch.manual_seed(0)
    return CausalTraining(build(CONFIG), steps=60, weights=LossWeights())


def _batch(training, table):
    return PublishedBatches(table, model=training.model, batch=4)[0]


def test_four_samples_are_learned_by_heart(training, table):
    batch = _batch(training, table)
    optimizer = torch.optim.AdamW([p for p in training.parameters() if p.requires_grad], lr=2e-2)
    losses = []
    for _ in range(40):
        image = training.losses(batch)["image"]
        optimizer.zero_grad()
        image.backward()
        optimizer.step()
        losses.append(image.item())
    assert losses[-1] < 0.5 * losses[0]


def test_the_loss_is_that_of_each_token_given_those_before_it(training, table):
    batch = _batch(training, table)
    about_next = training.model.next_logits(training.model.embed(batch.ids), batch.nucleus)
    one_by_one = [
        F.cross_entropy(about_next(batch.protein[:, :number]), batch.protein[:, number]) for number in range(16)
    ]
    losses = training.losses(batch)
    assert losses["image"].item() == pytest.approx(torch.stack(one_by_one).mean().item(), rel=1e-4)
    assert losses.keys() == {"residues", "nucleus", "image"}


def test_padding_after_the_protein_does_not_count(training, table):
    batch = _batch(training, table)
    before = training.losses(batch)["residues"]
    with torch.no_grad():
        training.model.head.bias[training.model.alphabet.pad] += 5.0
    after = training.losses(batch)["residues"]
    told = (batch.ids != training.model.alphabet.pad).float().mean()
    assert told < 0.6
    assert after > before + 0.5  # padding made likely helps nowhere


def test_weights_weigh():
    losses = {"residues": torch.tensor(9.0), "nucleus": torch.tensor(18.0), "image": torch.tensor(27.0)}
    assert LossWeights().total(losses).item() == pytest.approx(1 + 2 + 21)
    assert PAPER.total(losses).item() == pytest.approx(1 + 2 + 24)


@pytest.mark.parametrize("kind", ["none", "random"])
def test_models_without_sequence_or_without_nucleus_are_trained_too(table, kind):
    config = replace(CONFIG, embedding=EmbeddingConfig(kind, 16))
    if kind == "random":
        config = replace(config, reference=None)
        table = replace(table, nucleus=table.nucleus[:, :0])
    torch.manual_seed(0)
    training = CausalTraining(build(config), steps=3, weights=LossWeights())
    losses = training.losses(_batch(training, table))
    assert losses.keys() == {"image", "nucleus" if kind == "none" else "residues"}
    assert all(loss.isfinite() for loss in losses.values())


def test_half_precision_gives_nearly_the_same_loss(training, table):
    batch = _batch(training, table)
    exact = training.weights.total(training.losses(batch))
    with torch.autocast("cpu", torch.bfloat16):
        rough = training.weights.total(training.losses(batch))
    assert rough.item() == pytest.approx(exact.item(), rel=0.02)
