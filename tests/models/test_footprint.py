"""The memory of a model is told from its files."""

import pytest
import torch

from napari_celle.errors import WeightsError
from napari_celle.models.footprint import Footprint, footprint
from napari_celle.models.registry import DEFAULT_MODEL, TINY, load_model


@pytest.mark.parametrize("name", [DEFAULT_MODEL, TINY])
def test_weights_are_four_bytes_for_each_value_of_the_network(name):
    network = load_model(name, device="cpu").network
    values = sum(value.numel() for value in network.parameters())
    assert footprint(name).weights == pytest.approx(4 * values, rel=0.02)  # and a few buffers


def test_the_default_model_works_in_a_tenth_of_a_gigabyte():
    assert 20e6 < footprint(DEFAULT_MODEL).working < 200e6


def test_no_weights_are_loaded(monkeypatch):
    monkeypatch.setattr(torch.nn.Module, "__init__", None)
    assert isinstance(footprint(DEFAULT_MODEL), Footprint)


def test_a_model_that_is_not_here_is_named():
    with pytest.raises(WeightsError, match="no model 'none-such'"):
        footprint("none-such")
