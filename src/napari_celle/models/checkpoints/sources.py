"""The files that a published model comes in."""

from pathlib import Path
from typing import Any

from napari_celle.errors import WeightsError
from napari_celle.files.hashing import file_sha256
from napari_celle.models.checkpoints.published_config import read_yaml
from napari_celle.types import OnStep

_CHECKPOINTS = ("model.ckpt", "celle.ckpt")
_SETTINGS = {
    "model": ("config.yaml", "celle.yaml"),
    "reference": ("nucleus_vqgan.yaml",),
    "protein": ("threshold_vqgan.yaml",),
}


def find_checkpoint(path: Path) -> Path:
    """Return the checkpoint that a path names or that its folder holds.

    Raises
    ------
    WeightsError
        If there is none, or it is not clear which.
    """
    if path.is_file():
        return path
    if not path.is_dir():
        raise WeightsError(f"There is no file or folder {path}.")
    known = [path / name for name in _CHECKPOINTS if (path / name).is_file()]
    found = known or [item for item in sorted(path.glob("*.ckpt")) if "vqgan" not in item.name.lower()]
    if len(found) != 1:
        names = ", ".join(item.name for item in found) or "none"
        raise WeightsError(f"{path} should hold one checkpoint, like model.ckpt. Found: {names}. Name the file itself.")
    return found[0]


def read_settings(folder: Path) -> dict[str, Any]:
    """Return what the yaml files of a folder hold, as arguments of :func:`published_config`."""
    found = {part: [folder / name for name in names if (folder / name).is_file()] for part, names in _SETTINGS.items()}
    return {part: read_yaml(paths[0]) if paths else {} for part, paths in found.items()}


def origin(checkpoint: Path, *, on_step: OnStep | None) -> dict[str, str]:
    """Return the SHA-256 of a checkpoint and of the yaml files beside it, by name."""
    if on_step is not None:
        on_step(f"checking {checkpoint.name}", 0, 1)
    names = [name for names in _SETTINGS.values() for name in names]
    files = [checkpoint, *(checkpoint.parent / name for name in names)]
    return {path.name: file_sha256(path) for path in files if path.is_file()}
