"""Open the files that other people's weights come in, without running anything that is in them."""

import pickle
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from napari_celle.errors import WeightsError

BOOKKEEPING = (
    "argparse.Namespace",
    "builtins.dict",
    "builtins.float",
    "builtins.int",
    "builtins.list",
    "builtins.str",
    "numpy._core.multiarray.scalar",
    "numpy.core.multiarray.scalar",
    "numpy.dtype",
    "omegaconf.base.ContainerMetadata",
    "omegaconf.base.Metadata",
    "omegaconf.dictconfig.DictConfig",
    "omegaconf.listconfig.ListConfig",
    "omegaconf.nodes.AnyNode",
    "pathlib.Path",
    "pathlib.PosixPath",
    "pathlib.WindowsPath",
    "pytorch_lightning.callbacks.early_stopping.EarlyStopping",
    "pytorch_lightning.callbacks.lr_monitor.LearningRateMonitor",
    "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint",
    "typing.Any",
)
"""What a trainer notes beside the weights. Each becomes a :class:`_Shell`: the real things are not even imported."""

DICTIONARIES = (
    "lightning_fabric.utilities.data.AttributeDict",
    "pytorch_lightning.utilities.parsing.AttributeDict",
)
"""More such notes; torch fills nothing but plain dictionaries."""

DOWNLOAD_AGAIN = "Fetch it again; in a browser, use the download button of the file, not 'save page as'."
_ZIP, _PICKLE = b"PK\x03\x04", b"\x80"


class _Shell:
    """Stands for anything a trainer notes: takes whatever is put in, and does nothing."""

    def __init__(self, *args: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        """Forget it."""


def _dictionary(*args: object) -> dict[Any, Any]:
    """Stand for collections.defaultdict."""
    return {}


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a .ckpt, .pt, .bin or .safetensors file, read from disk when they are used.

    Parameters
    ----------
    path : Path
        Weights of a checkpoint are those under ``state_dict``, if it has such an entry.

    Raises
    ------
    WeightsError
        If the file is none of these, is damaged, or would have to run code to be read. Nothing in it is ever run.
    """
    kind = _kind(path)
    try:
        content = load_file(path) if kind == "safetensors" else _unpickle(path, mmap=kind == "zip")
    except pickle.UnpicklingError as error:
        raise _refused(path, _wanted(error)) from None
    except (SafetensorError, RuntimeError, EOFError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        first = (str(error).splitlines() or [""])[0]
        raise WeightsError(
            f"{path} cannot be read, it may be cut off or damaged ({type(error).__name__}: {first}). {DOWNLOAD_AGAIN}"
        ) from None
    return _tensors(content, path)


def _unpickle(path: Path, *, mmap: bool) -> object:
    harmless: list[Any] = [(_Shell, name) for name in BOOKKEEPING]
    harmless += [(dict, name) for name in DICTIONARIES] + [(_dictionary, "collections.defaultdict")]
    with torch.serialization.safe_globals(harmless):
        if mmap and (unsafe := torch.serialization.get_unsafe_globals_in_checkpoint(path)):
            raise pickle.UnpicklingError(f"GLOBAL {', '.join(sorted(unsafe))} was not an allowed global")
        return torch.load(path, map_location="cpu", weights_only=True, mmap=mmap)


def _kind(path: Path) -> str:
    """Tell "zip" (torch since 2020), "pickle" (before) and "safetensors" from each other, and from what is neither."""
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError as error:
        raise WeightsError(f"The weights file {path} cannot be opened: {error.strerror or error}.") from None
    if start.startswith(_ZIP):
        _check_zip(path)
        return "zip"
    if path.suffix == ".safetensors":
        return "safetensors"
    if start.startswith(_PICKLE):
        return "pickle"
    raise WeightsError(f"{path} is no checkpoint: it is {_looks_like(start)}. {DOWNLOAD_AGAIN}")


def _check_zip(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        raise WeightsError(f"{path} is cut off: the end of the file is missing. {DOWNLOAD_AGAIN}")
    with zipfile.ZipFile(path) as archive:
        if not any(re.fullmatch(r"[^/]+/data\.pkl", name) for name in archive.namelist()):
            raise WeightsError(f"{path} is a zip archive, but no checkpoint of torch. Give the .ckpt file itself.")


def _looks_like(start: bytes) -> str:
    text = start.lstrip().lower()
    if not start:
        return "empty"
    if text.startswith(b"version https://git-lfs"):
        return "only the pointer that git keeps in place of a large file; 'git lfs pull' fetches the file"
    if text.startswith((b"<!doctype", b"<html")):
        return "a web page, as log-in pages and firewalls give in place of a file"
    if all(byte in b"\t\n\r" or 32 <= byte < 127 for byte in start):
        return "a text file"
    return "of an unknown kind"


def _wanted(error: Exception) -> str:
    """Name the things that a refused pickle asked for."""
    found = re.search(r"GLOBAL (.+?) was not an allowed|(?:GLOBAL|function) (\S+)", str(error))
    return (found[1] or found[2]).rstrip(".") if found else ""


def _refused(path: Path, wanted: str) -> WeightsError:
    why = f"asks to load {wanted}" if wanted else "is damaged, or asks for more"
    return WeightsError(
        f"{path} was not opened: besides weights it {why}, which weights do not need and which could run a program on "
        "this computer. Nothing of it was run. Take the file from the authors' own page; if it is theirs, ask them for "
        "a safetensors file."
    )


def _tensors(content: object, path: Path) -> dict[str, Tensor]:
    """Return the tensors of a checkpoint's ``state_dict``, or of the checkpoint itself."""
    inner = content.get("state_dict", content) if isinstance(content, Mapping) else None
    if not isinstance(inner, Mapping):
        raise WeightsError(f"{path} holds no weights: it is a {type(content).__name__} without an entry 'state_dict'.")
    tensors = {str(name): value for name, value in inner.items() if isinstance(value, Tensor)}
    if not tensors:
        raise WeightsError(f"{path} holds no weights: there is no tensor in it.")
    return tensors
