import math

import numpy as np
import pytest
import torch

from napari_celle.analysis.images.picture_sets import Collected, set_figures
from napari_celle.analysis.images.samples import Sample
from napari_celle.models.registry import load_model


@pytest.fixture(scope="module")
def collected():
    """Four random pictures, given back as they are and inverted; the last one is smaller."""
    found, rng = Collected(), np.random.default_rng(0)
    for number, size in enumerate((256, 256, 256, 200)):
        truth = rng.random((size, size)) > (number + 1) / 6
        sample = Sample(number, "MK", truth * 1, truth * 1, truth)
        found.add(sample, {"same": (truth, truth * 1.0)})
        found.add_pictures(sample, {"other": (~truth, ~truth * 1.0)})
    return found


class Features(torch.nn.Module):
    """Stands for the Inception network: the means of eight bands of a picture."""

    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(8, 3)

    def forward(self, pixels):
        return pixels[:, 0].double().unflatten(1, (8, -1)).mean((2, 3)) / 255


def test_equal_pictures_are_at_no_distance(collected):
    tokenizer = load_model("tiny", device="cpu").network.protein
    figures = set_figures(collected, tokenizer, size=256, device="cpu")
    assert figures["same"]["frechet_distance"].mean == pytest.approx(0, abs=1e-6)
    assert figures["other"]["frechet_distance"].mean > figures["same"]["frechet_distance"].mean
    assert math.isnan(figures["same"]["frechet_distance"].sd)
    assert list(figures["same"]) == ["frechet_distance"]


def test_an_inception_network_adds_its_figures(collected):
    tokenizer = load_model("tiny", device="cpu").network.protein
    figures = set_figures(collected, tokenizer, size=256, device="cpu", inception=Features())
    assert list(figures["other"]) == ["frechet_distance", "fid", "inception_score"]
    assert figures["same"]["fid"].mean == pytest.approx(0, abs=1e-6)
    assert figures["other"]["fid"].mean > 0.01
    assert figures["same"]["inception_score"].mean >= 1
