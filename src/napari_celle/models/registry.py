"""Models by name: how each is built and what a user should know of it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from napari_celle.config import MiniConfig, ResidueEncoderConfig, TransformerConfig, VqganConfig
from napari_celle.errors import WeightsError
from napari_celle.models import checkpoint
from napari_celle.models.mini import MiniCelle
from napari_celle.types import ModelInfo, OnStep, SamplingOptions

TINY = "tiny"
DEFAULT_MODEL = "celle-mini"

_TINY_IMAGE = VqganConfig(
    patch=4, channels=8, multipliers=(1, 1, 1), blocks=1, norm_groups=4, z_channels=8, embed_dim=8, codes=16
)
_TINY = MiniConfig(
    nucleus=_TINY_IMAGE,
    protein=_TINY_IMAGE,
    residues=ResidueEncoderConfig(dim=16, dilations=(1, 2), pools=2),
    transformer=TransformerConfig(dim=16, depth=2, heads=2, dim_head=8, rotary=1),
    residue_window=100,
)


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """A model ready to run, and what is known of it."""

    network: MiniCelle
    info: ModelInfo


def _tiny(device: str, on_step: OnStep | None) -> LoadedModel:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = MiniCelle(_TINY)
    return LoadedModel(network.eval().to(device), model_info(TINY))


def _embedded(device: str, on_step: OnStep | None) -> LoadedModel:
    card = checkpoint.find(DEFAULT_MODEL)
    network = MiniCelle(checkpoint.read_config(card))
    checkpoint.load_into(network, card, on_step=on_step)
    return LoadedModel(network.eval().to(device), card.info)


MODELS: dict[str, Callable[[str, OnStep | None], LoadedModel]] = {DEFAULT_MODEL: _embedded, TINY: _tiny}
"""Name to a function from device and progress to the model; "tiny" has random weights and is for tests."""


def model_info(name: str) -> ModelInfo:
    """Return what a user should know of a model, without loading it.

    Raises
    ------
    WeightsError
        If there is no such model, or its card cannot be read.
    """
    if name not in MODELS:
        raise WeightsError(f"There is no model {name!r}. Choose from {', '.join(sorted(MODELS))}.")
    if name != TINY:
        return checkpoint.find(name).info
    return ModelInfo(
        name=TINY,
        summary="Random weights at toy size, for tests: its pictures mean nothing.",
        licence="BSD-3-Clause",
        residues=_TINY.residue_window,
        image_size=_TINY.nucleus.image_size,
        pixel_size_um=0.2,
        nucleus_diameter_px=(38.0, 60.0, 92.0),
        weights_sha256="0" * 64,
        sampling=SamplingOptions(steps=2, temperature=1.0),
    )


def load_model(name: str, *, device: str, on_step: OnStep | None = None) -> LoadedModel:
    """Build a model and load its weights.

    Raises
    ------
    WeightsError
        If there is no such model, or its weights are missing or damaged.
    """
    model_info(name)
    return MODELS[name](device, on_step)
