"""How much memory a model takes, told from its files without loading it."""

import math
from dataclasses import dataclass

from torch import nn

from napari_celle.config import MiniConfig, VqganConfig
from napari_celle.models.checkpoints import embedded, store
from napari_celle.models.checkpoints.catalogue import REINSTALL
from napari_celle.models.checkpoints.fit import Shapes, needed_memory, read_shapes
from napari_celle.models.checkpoints.installed import installed_config
from napari_celle.models.registry import DEFAULT_MODEL, load_model

_MAPS = 15  # feature maps of an image tokenizer at a time, of its finest level
_COPIES = 3  # of the attention weights at a time


@dataclass(frozen=True, slots=True)
class Footprint:
    """Memory of a model in bytes, about.

    Attributes
    ----------
    weights : int
        Held as long as the model is loaded, float32.
    working : int
        On top of it during a prediction, which works on one window at a time.
    """

    weights: int
    working: int


def footprint(name: str) -> Footprint:
    """Return how much memory a model takes; of its weights only the headers are read.

    Raises
    ------
    WeightsError
        If there is no such model, or its files cannot be read.
    """
    if name == DEFAULT_MODEL:
        card = embedded.find(name)
        shapes = read_shapes(sorted(card.folder.glob("*.safetensors")), remedy=REINSTALL)
        return Footprint(_weights(shapes), _mini_working(embedded.read_config(card)))
    if store.is_installed(name) or store.is_folder(name):
        config = installed_config(name)
        remedy = f"Remove {name} with 'napari-celle weights remove {name}' and install it again."
        shapes = read_shapes(sorted(store.find(name).glob("*.safetensors")), remedy=remedy)
        weights = _weights(shapes)
        return Footprint(weights, needed_memory(shapes, config) - weights)
    network = load_model(name, device="cpu").network  # a toy; or there is no such model, which it says
    values = sum(value.numel() for value in network.parameters()) if isinstance(network, nn.Module) else 0
    return Footprint(4 * values, 8 * values)


def _weights(shapes: Shapes) -> int:
    return 4 * sum(math.prod(shape) for shape in shapes.values())


def _mini_working(config: MiniConfig) -> int:
    tokens = config.residue_window + config.nucleus.grid**2 + config.protein.grid**2
    attention = _COPIES * 4 * config.transformer.heads * tokens**2
    return attention + _MAPS * max(_finest_map(config.nucleus), _finest_map(config.protein))


def _finest_map(config: VqganConfig) -> int:
    """Return the bytes of the largest feature map."""
    return 4 * max(config.channels * config.resolution(0) ** 2, config.finish * config.image_size**2)
