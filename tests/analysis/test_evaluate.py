import hashlib
import math
import sys

import numpy as np
import pytest
import torch

from napari_celle.analysis import evaluate
from napari_celle.analysis.evaluate import (
    INCEPTION_FILE,
    inception_figures,
    inception_outputs,
    load_inception,
    vqgan_features,
    vqgan_frechet_distance,
)
from napari_celle.errors import CelleError, WeightsError
from napari_celle.metrics import frechet_distance
from napari_celle.models.registry import load_model


@pytest.fixture(scope="module")
def tokenizer():
    return load_model("tiny", device="cpu").network.protein


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """No weights of the Inception network anywhere."""
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    return tmp_path


@pytest.fixture(scope="module")
def drawn_weights(tmp_path_factory):
    """A file of random weights, of the Inception network's names and shapes."""
    from torchmetrics.image.fid import NoTrainInceptionV3

    path = tmp_path_factory.mktemp("inception") / "random.pth"
    torch.save({}, path)
    with pytest.MonkeyPatch.context() as patch, torch.random.fork_rng():
        torch.manual_seed(0)
        patch.setattr(NoTrainInceptionV3, "load_state_dict", lambda *_: None)
        torch.save(NoTrainInceptionV3("inception-v3-compat", ["2048"], str(path)).state_dict(), path)
    start = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    return path.rename(path.with_name(f"random-{start}.pth"))


def pictures(count, *, seed=0, share=0.5):
    return np.random.default_rng(seed).random((count, 256, 256)) < share


def test_features_are_the_encoders_averaged_over_the_places(tokenizer):
    some = pictures(20)
    found = vqgan_features(some, tokenizer)
    one = tokenizer.vqgan.features(torch.from_numpy(some[17:18]).float().unsqueeze(1)).detach()
    assert found.shape == (20, 8)
    np.testing.assert_allclose(found[17], one.mean((2, 3))[0], rtol=1e-4, atol=1e-6)


def test_pictures_of_another_kind_are_farther_away_than_others_of_the_same(tokenizer):
    real, same, other = pictures(12), pictures(12, seed=1), pictures(12, seed=2, share=0.1)
    near, far = (vqgan_frechet_distance(each, real, tokenizer) for each in (same, other))
    assert vqgan_frechet_distance(real, real, tokenizer) < 1e-9 < near < far / 3
    assert math.isnan(vqgan_frechet_distance(real[:1], real, tokenizer))


@pytest.mark.parametrize(
    "wrong", [np.zeros((0, 8, 8)), np.zeros((8, 8)), np.full((1, 8, 8), 7), np.full((1, 8, 8), np.nan)]
)
def test_what_is_no_stack_of_pictures_is_refused(tokenizer, wrong):
    with pytest.raises(CelleError, match=r"\(N, Y, X\)"):
        vqgan_features(wrong, tokenizer)


def test_weights_that_are_missing_are_named_with_where_to_get_and_put_them(nowhere):
    with pytest.raises(WeightsError) as error:
        load_inception()
    for words in (INCEPTION_FILE, str(nowhere / "weights"), "torch-fidelity on GitHub", "our own image tokenizer"):
        assert words in str(error.value)
    with pytest.raises(WeightsError, match=r"not at .*mine\.pth"):
        load_inception(nowhere / "mine.pth")


def test_another_file_is_refused(nowhere):
    path = nowhere / "weights" / INCEPTION_FILE
    path.parent.mkdir()
    path.write_bytes(b"no weights")
    with pytest.raises(WeightsError, match="damaged, or another file"):
        load_inception()


def test_without_torchmetrics_the_extra_is_named_and_our_own_distance_works(monkeypatch, tokenizer):
    monkeypatch.setitem(sys.modules, "torchmetrics.image.fid", None)
    with pytest.raises(CelleError, match=r"napari-celle\[evaluate\]"):
        load_inception()
    assert vqgan_frechet_distance(pictures(3), pictures(3), tokenizer) < 1e-9


def test_figures_are_those_of_torchmetrics_with_the_same_network(nowhere, drawn_weights, monkeypatch):
    from torchmetrics.image.fid import FrechetInceptionDistance

    monkeypatch.setattr(evaluate, "INCEPTION_FILE", drawn_weights.name)
    network = load_inception(drawn_weights)
    real, predicted = pictures(3)[:, :32, :32], pictures(4, seed=1, share=0.2)[:, :32, :32]
    metric = FrechetInceptionDistance(feature=network)
    metric.set_dtype(torch.float64)
    for each, is_real in ((real, True), (predicted, False)):
        grey = torch.from_numpy(each).byte().mul(255).unsqueeze(1).expand(-1, 3, -1, -1)
        metric.update(grey, real=is_real)
    figures = inception_figures(predicted, real, weights=drawn_weights)
    assert figures.frechet_distance == pytest.approx(float(metric.compute()), rel=1e-3)
    assert (figures.n, figures.to_dict()["n"]) == (4, 4)
    assert figures.score >= 1
    ours = inception_outputs(predicted, network)
    np.testing.assert_allclose(ours.probabilities.sum(1), 1)
    theirs = inception_outputs(real, network)
    assert figures.frechet_distance == pytest.approx(frechet_distance(ours.features, theirs.features))
