"""Models by name: how each is built and what a user should know of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from napari_celle.config import (
    CelleConfig,
    EmbeddingConfig,
    MiniConfig,
    ResidueEncoderConfig,
    TransformerConfig,
    VqganConfig,
)
from napari_celle.errors import WeightsError
from napari_celle.models.causal import CausalCelle
from napari_celle.models.checkpoints import embedded, installed, store
from napari_celle.models.masked import MaskedCelle
from napari_celle.models.mini import MiniCelle
from napari_celle.models.network import Network
from napari_celle.native import load_triton
from napari_celle.preprocess import RECIPES, Recipe
from napari_celle.types import Faithful, ModelInfo, OnStep, SamplingOptions

DEFAULT_MODEL = "celle-mini"
TINY, TINY_CELLE, TINY_CELLE2 = "tiny", "tiny-celle", "tiny-celle2"

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
_TINY_CELLE2 = CelleConfig(
    decoding="masked",
    embedding=EmbeddingConfig("random", dim=16),
    window=100,
    reference=_TINY_IMAGE,
    protein=_TINY_IMAGE,
    transformer=TransformerConfig(dim=16, depth=2, heads=2, dim_head=8, rotary=1, rotate_values=True),
    pixels="hpa",
)
_TINY_CELLE = replace(
    _TINY_CELLE2,
    decoding="causal",
    transformer=replace(_TINY_CELLE2.transformer, causal=True, token_shift=True),
    pixels="celle",
)


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """A model ready to run, and what is known of it."""

    network: Network
    info: ModelInfo


def build(config: CelleConfig, *, faithful: Faithful = "none") -> CausalCelle | MaskedCelle:
    """Build a model of the papers, or a variant, with random weights."""
    load_triton()  # the first step on the meta device, and transformers, import it
    return (CausalCelle if config.decoding == "causal" else MaskedCelle)(config, faithful=faithful)


def _embedded(device: str, on_step: OnStep | None) -> LoadedModel:
    card = embedded.find(DEFAULT_MODEL)
    network = MiniCelle(embedded.read_config(card))
    embedded.load_into(network, card, on_step=on_step)
    return LoadedModel(network.eval().to(device), card.info)


_TOYS: dict[str, Callable[[Faithful], MiniCelle | CausalCelle | MaskedCelle]] = {
    TINY: lambda faithful: MiniCelle(_TINY),
    TINY_CELLE: lambda faithful: build(_TINY_CELLE, faithful=faithful),
    TINY_CELLE2: lambda faithful: build(_TINY_CELLE2, faithful=faithful),
}
"""Real classes at toy size with random weights, for tests."""
_TOY_PIXELS = {TINY: MiniCelle.pixels, TINY_CELLE: _TINY_CELLE.pixels, TINY_CELLE2: _TINY_CELLE2.pixels}


def model_names() -> tuple[str, ...]:
    """Return the models to choose from: the one that comes with the package, and those that were installed."""
    return (DEFAULT_MODEL, *store.installed())


def model_info(name: str) -> ModelInfo:
    """Return what a user should know of a model, by its name or folder, without loading it.

    Raises
    ------
    WeightsError
        If there is no such model, or its card cannot be read.
    """
    if name == DEFAULT_MODEL:
        return embedded.find(name).info
    if name in _TOYS:
        return _toy_info(name)
    if store.is_installed(name) or store.is_folder(name):
        return installed.installed_info(name)
    raise WeightsError(
        f"There is no model {name!r} here. Choose from {', '.join(model_names())}, or give the folder of a model that "
        "was trained; 'napari-celle weights list' shows those that can be fetched or imported."
    )


def _toy_info(name: str) -> ModelInfo:
    return ModelInfo(
        name=name,
        summary="Random weights at toy size, for tests: its pictures mean nothing.",
        licence="BSD-3-Clause",
        residues=_TINY.residue_window,
        image_size=_TINY.nucleus.image_size,
        pixel_size_um=0.2,
        nucleus_diameter_px=(38.0, 60.0, 92.0),
        weights_sha256="0" * 64,
        sampling=SamplingOptions(steps=2, temperature=1.0),
    )


def model_recipe(name: str) -> Recipe:
    """Return what a model sees of a picture, by its name or folder, without loading it; errors as `model_info`."""
    if name == DEFAULT_MODEL:
        return RECIPES[MiniCelle.pixels]
    if name in _TOYS:
        return RECIPES[_TOY_PIXELS[name]]
    model_info(name)
    return RECIPES[installed.installed_config(name).pixels]


def load_model(name: str, *, device: str, faithful: Faithful = "none", on_step: OnStep | None = None) -> LoadedModel:
    """Build a model and load its weights.

    Parameters
    ----------
    name : str
        One of :func:`model_names`, or the folder of a model that was trained.
    device : str
        As torch names it.
    faithful : str
        "all" reproduces the oddities of the authors' code; for celle-mini it means nothing.
    on_step : callable or None
        Told of progress; may raise to stop.

    Raises
    ------
    WeightsError
        If there is no such model, or its weights are missing or damaged.
    """
    info = model_info(name)
    if name == DEFAULT_MODEL:
        return _embedded(device, on_step)
    if name in _TOYS:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return LoadedModel(_TOYS[name](faithful).eval().to(device), info)
    network = installed.load_installed(
        name, build=lambda config: build(config, faithful=faithful), device=device, on_step=on_step
    )
    return LoadedModel(network, info)
