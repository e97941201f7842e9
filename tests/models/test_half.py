"""Half precision: less memory, and nearly the same answers."""

import numpy as np
import pytest
import torch

from napari_celle.models.half import half_precision, narrow
from napari_celle.models.registry import LoadedModel, load_model
from napari_celle.predict import Predictor
from napari_celle.simulate import draw_field
from napari_celle.types import PredictionRequest, SamplingOptions


def _predictor(name, *, narrowed):
    model = load_model(name, device="cpu")
    if narrowed:
        narrow(model.network, "bfloat16")
    return Predictor(LoadedModel(model.network, model.info), device="cpu")


def test_the_cpu_computes_in_half_precision():
    assert half_precision("cpu") == "bfloat16"


def test_a_device_is_asked_for_the_one_type_and_then_the_other(monkeypatch):
    original = torch.Tensor.__matmul__

    def old(left, right):
        if left.dtype == torch.bfloat16:
            raise RuntimeError("BFloat16 is not supported")
        return original(left, right)

    monkeypatch.setattr(torch.Tensor, "__matmul__", old)
    assert half_precision("cpu") == "float16"


def test_a_device_that_computes_nonsense_in_half_precision_has_none(monkeypatch):
    original = torch.Tensor.__matmul__
    monkeypatch.setattr(
        torch.Tensor,
        "__matmul__",
        lambda left, right: original(left, right) * (1 if left.dtype == torch.float32 else float("nan")),
    )
    assert half_precision("cpu") is None


@pytest.mark.parametrize("name", ["tiny", "tiny-celle", "tiny-celle2"])
def test_only_the_layers_of_the_transformers_are_narrowed(name):
    network = load_model(name, device="cpu").network
    narrow(network, "bfloat16")
    types = {key: tensor.dtype for key, tensor in network.state_dict().items()}
    assert types["transformer.layers.0.attention.to_qkv.weight"] == torch.bfloat16
    assert types["transformer.layers.0.attention_norm.weight"] == torch.float32
    pictures = [key for key in types if key.startswith(("protein", "nucleus", "reference", "head", "to_protein"))]
    assert pictures
    assert {types[key] for key in pictures} == {torch.float32}


@pytest.mark.parametrize("name", ["tiny", "tiny-celle", "tiny-celle2"])
def test_the_answer_in_half_precision_is_nearly_the_same(name):
    request = PredictionRequest(
        "MSKGEELFTGVVPILVELDGDVNG",
        draw_field(np.random.default_rng(3), size=256).nucleus,
        sampling=SamplingOptions(seed=1, temperature=0.0),
    )
    full, narrowed = (_predictor(name, narrowed=is_half)(request) for is_half in (False, True))
    assert narrowed.heatmap.dtype == np.float32
    assert (full.heatmap != narrowed.heatmap).any()
    if name != "tiny-celle":  # one other code changes all that follow
        np.testing.assert_allclose(narrowed.heatmap, full.heatmap, atol=0.02)
