"""Installed models into networks: checked before anything is allocated, loaded without a second copy."""

import json
from collections.abc import Callable
from typing import TypeVar

import torch
from safetensors.torch import load_file
from torch import nn

from napari_celle.config import CelleConfig
from napari_celle.device import check_memory
from napari_celle.errors import CelleError, WeightsError
from napari_celle.models.checkpoints import store
from napari_celle.models.checkpoints.catalogue import info_of_record
from napari_celle.models.checkpoints.fit import check_fit, check_vocabulary, needed_memory, read_shapes
from napari_celle.models.embedder import materialise
from napari_celle.types import ModelInfo, OnStep

NetworkT = TypeVar("NetworkT", bound=nn.Module)


def installed_config(name: str) -> CelleConfig:
    """Return the sizes of an installed model.

    Raises
    ------
    WeightsError
        If it is not installed, or its config.json cannot be read.
    """
    path = store.find(name) / store.CONFIG
    store.read_record(name)
    try:
        return CelleConfig.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, CelleError) as error:
        raise WeightsError(f"The sizes of {name} in {path} cannot be read: {error} {_again(name)}") from None


def installed_info(name: str) -> ModelInfo:
    """Return what a user should know of an installed model; errors as :func:`installed_config`."""
    return info_of_record(store.read_record(name), installed_config(name))


def load_installed(
    name: str, *, build: Callable[[CelleConfig], NetworkT], device: str, on_step: OnStep | None = None
) -> NetworkT:
    """Build an installed model and load its weights, float32 and without a second copy.

    Parameters
    ----------
    name : str
        Name it was installed under, or the folder that it lies in.
    build : callable
        From its sizes to the network.
    device : str
        As torch names it.
    on_step : callable or None
        Told of progress; what it raises stops.

    Returns
    -------
    nn.Module
        In evaluation mode.

    Raises
    ------
    WeightsError
        If it is not installed, damaged, or its weights do not fit it.
    DeviceError
        If the device has too little memory; nothing is allocated then.
    """
    config, folder = installed_config(name), store.find(name)
    paths = sorted(folder.glob("*.safetensors"))
    found = read_shapes(paths, remedy=_again(name))
    check_memory(needed_memory(found, config), device=device, what=f"The model {name}")
    with torch.device("meta"):
        network = build(config)
    expected = {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
    if "head.weight" in found:
        check_vocabulary(config, found["head.weight"][0])
    check_fit(expected, found, what=f"The weights in {folder} do not fit {name}", remedy=_again(name))
    store.verify_installed(name, on_step=on_step)
    for path in paths:
        network.load_state_dict(load_file(path), strict=False, assign=True)  # all parts together were checked
    materialise(network)
    return network.eval().to(device)


def _again(name: str) -> str:
    return f"Remove {name} with 'napari-celle weights remove {name}' and install it again."
