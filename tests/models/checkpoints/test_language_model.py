"""Language models by themselves: their files' names become those of the published checkpoints."""

import pytest
import torch

from napari_celle.config import EmbeddingConfig
from napari_celle.errors import WeightsError
from napari_celle.models.checkpoints.language_model import published_language_model
from napari_celle.models.embedder import build_embedder

TAPE = EmbeddingConfig("tape-bert", dim=24, layers=2, heads=12, hidden=48, positions=40, token_types=1)


def _file(config, prefix, **renamed):
    tensors = {}
    for name, tensor in build_embedder(config).state_dict().items():
        for old, new in renamed.items():
            name = name.replace(old, new)
        tensors[prefix + name.removeprefix("model.")] = tensor
    return tensors


def test_tape_is_read_with_or_without_prefix_and_its_sizes_are_those_of_its_tables():
    for prefix in ("bert.", ""):
        found, config = published_language_model(_file(TAPE, prefix), kind="tape-bert", dim=24)
        assert config == TAPE
        assert found["celle.text_emb.model.embeddings.position_embeddings.weight"].shape == (40, 24)


def test_old_names_of_the_normalisation_are_understood():
    tensors = _file(TAPE, "bert.", **{"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"})
    assert any(name.endswith("gamma") for name in tensors)
    found, _ = published_language_model(tensors, kind="tape-bert", dim=24)
    assert "celle.text_emb.model.embeddings.LayerNorm.weight" in found


def test_esm2_becomes_fair_esm():
    config = EmbeddingConfig("esm2", dim=40, layers=1, heads=20, hidden=64)
    tensors = _file(config, "esm.") | {"lm_head.bias": torch.zeros(33)}
    found, sizes = published_language_model(tensors, kind="esm2", dim=40)
    assert sizes == config
    assert found["celle.text_emb.model.layers.0.fc1.weight"] is tensors["esm.encoder.layer.0.intermediate.dense.weight"]
    assert not any("lm_head" in name for name in found)


def test_an_incomplete_file_and_one_of_another_width_are_told_apart():
    tensors = _file(TAPE, "bert.")
    for wrong, dim in ((tensors, 25), (dict(list(tensors.items())[:-1]), 24), ({}, 24)):
        with pytest.raises(WeightsError, match=f"not the weights of .* tape-bert of width {dim}"):
            published_language_model(wrong, kind="tape-bert", dim=dim)
