"""The weights that come with the package: find, verify, load strictly, save."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from napari_celle.config import MiniConfig
from napari_celle.errors import CelleError, WeightsError
from napari_celle.files.hashing import file_sha256
from napari_celle.models.checkpoints.catalogue import REINSTALL, read_registry, weights_folder
from napari_celle.models.checkpoints.fit import check_fit
from napari_celle.types import ModelInfo, OnStep, SamplingOptions

CONFIG = "config.json"


@dataclass(frozen=True, slots=True)
class WeightsCard:
    """An entry of weights/registry.toml.

    Attributes
    ----------
    folder : Path
        Where the files lie.
    files : dict of str to str
        File name to its SHA-256.
    info : ModelInfo
        What a user should know.
    """

    folder: Path
    files: dict[str, str]
    info: ModelInfo


def find(name: str, *, folder: Path | None = None) -> WeightsCard:
    """Read the card of a model.

    Parameters
    ----------
    name : str
        A table in registry.toml.
    folder : Path or None
        Folder with registry.toml; None takes the one inside the package.

    Raises
    ------
    WeightsError
        If registry.toml is missing or does not know the model.
    """
    folder = folder or weights_folder()
    embedded = {known: entry for known, entry in read_registry(folder).items() if "files" in entry}
    if name not in embedded:
        raise WeightsError(f"There are no weights for {name!r}. Known are {', '.join(sorted(embedded))}.")
    entry = embedded[name]
    return WeightsCard(folder=folder / name, files=entry["files"], info=_info(name, entry))


def _info(name: str, entry: dict[str, Any]) -> ModelInfo:
    joined = "".join(f"{file}:{digest}\n" for file, digest in sorted(entry["files"].items()))
    return ModelInfo(
        name=name,
        summary=entry["summary"],
        licence=entry["licence"],
        residues=entry["residues"],
        image_size=entry["image_size"],
        pixel_size_um=entry["pixel_size_um"],
        nucleus_diameter_px=tuple(entry["nucleus_diameter_px"]),
        weights_sha256=hashlib.sha256(joined.encode()).hexdigest(),
        sampling=SamplingOptions(**entry["sampling"]),
        nuclear_threshold=entry.get("nuclear_threshold"),
    )


def verify(card: WeightsCard, *, on_step: OnStep | None = None) -> None:
    """Check that every file is there and is the one that was published.

    Raises
    ------
    WeightsError
        Naming the file that is missing or differs.
    """
    for number, (name, expected) in enumerate(sorted(card.files.items())):
        path = card.folder / name
        if on_step is not None:
            on_step("checking weights", number, len(card.files))
        if not path.is_file():
            raise WeightsError(f"The weights of {card.info.name} lack the file {path}. {REINSTALL}")
        if file_sha256(path) != expected:
            raise WeightsError(f"The weights file {path} is damaged: its SHA-256 is not {expected}. {REINSTALL}")


def read_config(card: WeightsCard) -> MiniConfig:
    """Return the sizes that belong to the weights.

    Raises
    ------
    WeightsError
        If config.json is missing or does not fit this version.
    """
    path = card.folder / CONFIG
    try:
        return MiniConfig.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, CelleError) as error:
        raise WeightsError(f"The sizes of {card.info.name} in {path} cannot be read: {error} {REINSTALL}") from None


def load_into(network: nn.Module, card: WeightsCard, *, on_step: OnStep | None = None) -> None:
    """Verify the files of a card and load them into a network; every tensor must be there and fit.

    Raises
    ------
    WeightsError
        If a file is missing, damaged, or does not fit the network.
    """
    verify(card, on_step=on_step)
    tensors: dict[str, Tensor] = {}
    for name in sorted(card.files):
        if name.endswith(".safetensors"):
            tensors |= _read(card.folder / name)
    _check(network, tensors, card)
    network.load_state_dict(tensors, strict=True, assign=True)


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return {name: tensor.float() for name, tensor in load_file(path).items()}
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"The weights file {path} cannot be read: {error}. {REINSTALL}") from None


def _check(network: nn.Module, tensors: dict[str, Tensor], card: WeightsCard) -> None:
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    check_fit(expected, found, what=f"The weights in {card.folder} do not fit {card.info.name}", remedy=REINSTALL)


def save(network: nn.Module, config: MiniConfig, folder: Path) -> dict[str, str]:
    """Write a network's weights, one float16 file for each of its parts, and its sizes.

    Parameters
    ----------
    network : nn.Module
        Its direct children that have tensors become files; tensors of its own go to ``rest.safetensors``.
    config : MiniConfig
        Goes to config.json.
    folder : Path
        Created if needed.

    Returns
    -------
    dict of str to str
        File name to SHA-256, as registry.toml wants it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts: dict[str, dict[str, Tensor]] = {}
    for name, tensor in network.state_dict().items():
        part = name.split(".")[0]
        file = part if part in ("nucleus", "protein", "encoder", "transformer") else "rest"
        parts.setdefault(file, {})[name] = tensor.half().contiguous().cpu()
    for file, tensors in parts.items():
        save_file(tensors, folder / f"{file}.safetensors")
    (folder / CONFIG).write_text(json.dumps(config.to_dict(), indent=2) + "\n", encoding="utf-8")
    names = [*(f"{file}.safetensors" for file in parts), CONFIG]
    return {name: file_sha256(folder / name) for name in sorted(names)}
