"""From the tensors of a published checkpoint to a folder of ours: safetensors, part by part, and config.json."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from napari_celle.config import CelleConfig
from napari_celle.models.checkpoints.fit import check_fit, check_vocabulary
from napari_celle.models.checkpoints.published_keys import to_ours
from napari_celle.models.checkpoints.store import CONFIG
from napari_celle.models.registry import build
from napari_celle.types import OnStep

SHARD = 512 << 20
"""Bytes of a file, about; so much is held in memory while it is written."""

_REMEDY = "Give the configuration files that were published with it."
_PARTS = ("reference", "protein", "embedder", "transformer")


def convert(tensors: Mapping[str, Tensor], config: CelleConfig, folder: Path, *, on_step: OnStep | None = None) -> None:
    """Write a published model to a folder: float32 safetensors and config.json.

    Parameters
    ----------
    tensors : Mapping of str to Tensor
        Under their published names, the language model's included.
    config : CelleConfig
        Goes to config.json.
    folder : Path
        An empty one.
    on_step : callable or None
        Told of the bytes written; what it raises stops the conversion.

    Raises
    ------
    WeightsError
        If tensors are missing, unexpected, or of another shape than the sizes make them.
    """
    write_model(to_ours(tensors, config), config, folder, on_step=on_step)


def write_model(ours: dict[str, Tensor], config: CelleConfig, folder: Path, *, on_step: OnStep | None = None) -> None:
    """Write a model under our own tensor names; other arguments and errors as :func:`convert`.

    ``ours`` is emptied while it is written.
    """
    _check(ours, config)
    (folder / CONFIG).write_text(json.dumps(config.to_dict(), indent=2) + "\n", encoding="utf-8")
    total = sum(tensor.numel() for tensor in ours.values()) * 4
    done = 0
    for file, names in _files({name: tensor.numel() * 4 for name, tensor in ours.items()}):
        if on_step is not None:
            on_step("converting", done, total)
        part = {name: ours.pop(name).float().contiguous() for name in names}
        save_file(part, folder / file)
        shutil.copymode(folder / CONFIG, folder / file)  # safetensors are private, but folders may be shared
        done += sum(tensor.nbytes for tensor in part.values())


def _check(ours: Mapping[str, Tensor], config: CelleConfig) -> None:
    found = {name: tuple(tensor.shape) for name, tensor in ours.items()}
    check_vocabulary(config, found["head.weight"][0])
    with torch.device("meta"):
        network = build(config)
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    check_fit(expected, found, what="The checkpoint does not fit its configuration", remedy=_REMEDY)


def _files(sizes: Mapping[str, int]) -> Iterator[tuple[str, list[str]]]:
    """Give the name and the tensors of each file: the parts of the model, large ones in several files."""
    parts: dict[str, list[list[str]]] = {}
    room: dict[str, int] = {}
    for name, size in sizes.items():
        first = name.split(".")[0]
        part = first if first in _PARTS else "rest"
        if size > room.get(part, 0):
            parts.setdefault(part, []).append([])
            room[part] = max(SHARD, size)
        parts[part][-1].append(name)
        room[part] -= size
    for part, shards in parts.items():
        for number, names in enumerate(shards, start=1):
            yield (f"{part}.safetensors" if len(shards) == 1 else f"{part}-{number:02}.safetensors"), names
