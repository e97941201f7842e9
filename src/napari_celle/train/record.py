"""``run.json``: what a training run was made of, beside its weights."""

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

import napari_celle
from napari_celle.errors import CelleError

RUN = "run.json"
_PACKAGES = ("napari-celle", "torch", "lightning", "numpy", "scipy", "scikit-image")
_SAME = ("config", "made_of", "data")


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What is written to ``run.json``.

    Attributes
    ----------
    config : Mapping
        The ``TrainConfig`` as a dictionary, the seed among it.
    made_of : Mapping
        What the caller says of model and data.
    data : Mapping of str to str
        "samples" and "checks": SHA-256 of the data.
    parts : tuple of Mapping
        Each start of the run: at which step, when, on what hardware, with which code and packages.
    steps : int
        Steps done.
    seconds : float
        Time spent in training, all parts together.
    metrics : Mapping of str to float
        The last values logged.
    best : Mapping
        "step", and the name and value of the monitored metric, of ``checkpoints/best.ckpt``.
    """

    config: Mapping[str, Any]
    made_of: Mapping[str, Any]
    data: Mapping[str, str]
    parts: tuple[Mapping[str, Any], ...] = ()
    steps: int = 0
    seconds: float = 0.0
    metrics: Mapping[str, float] = field(default_factory=dict)
    best: Mapping[str, Any] = field(default_factory=dict)


def write_record(folder: Path, record: RunRecord) -> None:
    """Write ``run.json`` at once or not at all."""
    part = folder / f"{RUN}.part"
    part.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
    os.replace(part, folder / RUN)


def read_record(folder: Path) -> RunRecord | None:
    """Return what was written to ``run.json``, None if there is none.

    Raises
    ------
    CelleError
        If it cannot be read.
    """
    path = folder / RUN
    if not path.is_file():
        return None
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return RunRecord(**values | {"parts": tuple(values["parts"])})
    except (ValueError, KeyError, TypeError) as error:
        raise CelleError(f"{path} cannot be read: {error}. Train into another folder.") from None


def check_same(found: RunRecord, asked: RunRecord, *, folder: Path) -> None:
    """Raise ``CelleError`` if a folder holds a run of other settings or data than those asked for."""
    plain = json.loads(json.dumps(asdict(asked)))  # tuples become lists, as in the file
    before, now = asdict(found), plain
    differing = [
        f"{part}.{name}"
        for part in _SAME
        for name in sorted({*before[part], *now[part]})
        if before[part].get(name) != now[part].get(name)
    ]
    if differing:
        raise CelleError(
            f"The folder {folder} holds another training run, which differs in {', '.join(differing)}. Train into "
            "another folder, or give the settings and data of that run to go on with it."
        )


def start(step: int, *, hardware: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is to be known of a part of a run that starts now."""
    return {
        "from_step": step,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "hardware": dict(hardware),
        "code_sha256": code_sha256(),
        "versions": {**{name: _version(name) for name in _PACKAGES}, "python": platform.python_version()},
    }


def code_sha256() -> str:
    """Return the SHA-256 over the names and contents of the package's Python files."""
    folder = Path(napari_celle.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def arrays_sha256(*arrays: np.ndarray) -> str:
    """Return the SHA-256 over shapes, types and values of arrays."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.shape} {array.dtype}\n".encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def tensors_sha256(tensors: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 over names and values of tensors, whatever their order."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(f"{name}\n".encode() + tensors[name].float().contiguous().numpy(force=True).tobytes())
    return digest.hexdigest()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
