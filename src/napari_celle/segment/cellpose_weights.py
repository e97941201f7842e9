"""The weight file of cellpose: where it is, whether it is the right one, what is in it, and how to get it."""

import json
import os
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import nn

from napari_celle.errors import WeightsError
from napari_celle.files.download import hugging_face_url
from napari_celle.files.hashing import file_sha256

REPO, FILE = "mouseland/cellpose-sam", "cpsam_v2"
"""Where cellpose's authors publish it: repository on Hugging Face, and file."""

VARIABLE = "NAPARI_CELLE_CELLPOSE"

INSTEAD = "Or choose the built-in nuclei, which need no weights."

_RECORD = "record.json"
_UNUSED = {"diam_labels": torch.tensor([30.0]), "diam_mean": torch.tensor([30.0])}  # in files, read by nobody


def find_weights(folder: Path) -> Path:
    """Return cellpose's weight file: ``NAPARI_CELLE_CELLPOSE``, else ``cellpose/cpsam_v2`` in a folder.

    Parameters
    ----------
    folder : Path
        The user's folder of weights.

    Raises
    ------
    WeightsError
        If it is not there, with the address to get it from and the place to put it.
    """
    named = os.environ.get(VARIABLE)
    path = Path(named).expanduser() if named else folder / "cellpose" / FILE
    if not path.is_file():
        because = f" ({VARIABLE} names it)" if named else ""
        raise WeightsError(f"Cellpose's weights are not at {path}{because}. {how_to_get(path)}")
    return path


def how_to_get(path: Path) -> str:
    """Return what to do to have cellpose's weights at ``path``."""
    return (
        f"Download {hugging_face_url(REPO, FILE)} (1.2 GB) and save it as {path}; whoever uses cellpose already has it "
        f"in .cellpose/models in the home folder. Then try again. {INSTEAD}"
    )


def check_weights(path: Path, *, sha256: str | None = None) -> str:
    """Return the SHA-256 of a weight file, compared with what is known of it.

    Parameters
    ----------
    path : Path
        The file.
    sha256 : str or None
        What it must be, in hexadecimal; None takes it from a ``record.json`` beside the file, if there is one.

    Raises
    ------
    WeightsError
        If the file is missing, is another, or its record cannot be read.
    """
    if not path.is_file():
        raise WeightsError(f"Cellpose's weights are not at {path}. {how_to_get(path)}")
    expected = sha256 or recorded_sha256(path)
    found = file_sha256(path)
    if expected and found != expected.lower():
        raise WeightsError(
            f"The cellpose weights {path} are damaged or another file: the SHA-256 is {found}, not {expected}. Delete "
            f"the file. {how_to_get(path)}"
        )
    return found


def recorded_sha256(path: Path) -> str | None:
    """Return the SHA-256 that was written down when the file was installed, None if none was.

    Raises
    ------
    WeightsError
        If the record beside the file cannot be read.
    """
    record = path.with_name(_RECORD)
    if not record.is_file():
        return None
    try:
        recorded = json.loads(record.read_text(encoding="utf-8"))["files"].get(path.name)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(
            f"The record {record} of cellpose's weights cannot be read: {error}. Delete it to use the weights "
            "unchecked, or install them again."
        ) from None
    return None if recorded is None else str(recorded)


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """Return the tensors of a cellpose 4 file by name; nothing in it is run.

    Raises
    ------
    WeightsError
        If it is no network of cellpose 4 with a SAM backbone.
    """
    try:
        content = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as error:
        reason = str(error).split("\n")[0]
        raise _wrong(path, f"it cannot be read ({reason})") from None
    if not isinstance(content, Mapping) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise _wrong(path, "it holds no tensors by name")
    tensors = {str(name).removeprefix("module."): value for name, value in content.items()}
    if "encoder.cls_token" in tensors:
        raise _wrong(path, "it is a CPDINO network, which needs a package of its own")
    if "W2" not in tensors:
        raise _wrong(path, "it is of cellpose 3 or of another program")
    return tensors


def _wrong(path: Path, why: str) -> WeightsError:
    return WeightsError(f"{path} is no network that can be used: {why}. Use cpsam_v2 of cellpose 4. {INSTEAD}")


def fill(build: Callable[[], nn.Module], tensors: Mapping[str, torch.Tensor], path: Path) -> nn.Module:
    """Return a network with the tensors of a file, to be used and not trained.

    Parameters
    ----------
    build : callable
        Makes cellpose's network.
    tensors : Mapping of str to Tensor
        As :func:`read_tensors` returns them. None may be missing: cellpose itself would leave it random.
    path : Path
        The file, to be named.

    Raises
    ------
    WeightsError
        If tensors are missing or of other sizes.
    """
    with torch.device("meta"):
        network = build()
    try:
        missing = network.load_state_dict(_UNUSED | dict(tensors), strict=False, assign=True).missing_keys
    except RuntimeError as error:
        raise _wrong(path, f"its sizes are others ({str(error).split(chr(10))[1].strip()})") from None
    if missing:
        raise _wrong(path, f"it lacks {len(missing)} tensors, among them {missing[0]}")
    return network.requires_grad_(False).eval()
