"""The ways to find nuclei, as one call each that can run in a thread: no Qt and no layer in here."""

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_celle.errors import CelleError
from napari_celle.image import check_plane
from napari_celle.segment.classical import ClassicalOptions, segment
from napari_celle.types import OnStep, Window
from napari_celle.ui.frames import LayerPlane

if TYPE_CHECKING:
    from napari_celle.segment.cellpose import Cellpose

BUILT_IN, CELLPOSE = "built-in", "cellpose 4"


@dataclass(frozen=True, slots=True, eq=False)
class NucleiRequest:
    """Where are the nuclei in this picture?

    Attributes
    ----------
    plane : LayerPlane
        Read in the thread.
    window : Window
        The part of it to look at.
    engine : str
        ``BUILT_IN`` or ``CELLPOSE``.
    options : Mapping
        Keywords of ``ClassicalOptions`` or ``CellposeOptions``.
    device : str
        Of cellpose.
    """

    plane: LayerPlane
    window: Window
    engine: str
    options: Mapping[str, float | None]
    device: str = "auto"


@dataclass(frozen=True, slots=True, eq=False)
class FoundNuclei:
    """The answer: (Y, X) int32 labels, what they were made by, and their checksum, which painting changes."""

    labels: np.ndarray
    made_by: dict[str, Any]
    checksum: int


class CellposeShelf:
    """Keeps the cellpose network that was loaded last, and the weight file that the user chose.

    Safe from any thread.
    """

    def __init__(self) -> None:
        self.chosen: Path | None = None
        self._lock = Lock()
        self._loaded: tuple[Path, str, Cellpose] | None = None

    def look(self, on_step: OnStep, *_: object) -> Path:
        """Give the weight file, without opening it.

        Raises
        ------
        WeightsError
            It is not there; the text names the file and how to get it.
        CelleError
            The package is not installed.
        """
        on_step("looking for cellpose", 0, 1)
        from napari_celle.models.checkpoints.store import store_folder
        from napari_celle.segment.cellpose_weights import INSTEAD, find_weights

        if find_spec("cellpose") is None:
            install = "Install it with: pip install 'napari-celle[cellpose]'."
            raise CelleError(f"The package cellpose is not installed. {install} {INSTEAD}")
        return self.chosen if self.chosen and self.chosen.is_file() else find_weights(store_folder())

    def choose(self, path: Path, device: str, on_step: OnStep) -> Path:
        """Check and load a weight file, which is used from now on; errors as ``load_cellpose``."""
        self._load(path, device, on_step)
        self.chosen = path
        return path

    def network(self, device: str, on_step: OnStep) -> "Cellpose":
        """Give the network, loading it if need be; errors as :meth:`look` and ``load_cellpose``."""
        return self._load(self.look(on_step), device, on_step)

    def _load(self, path: Path, device: str, on_step: OnStep) -> "Cellpose":
        on_step("loading cellpose", 0, 1)
        from napari_celle.segment.cellpose import load_cellpose

        with self._lock:
            if self._loaded is None or self._loaded[:2] != (path, device):
                self._loaded = None  # frees the memory of the one before
                self._loaded = (path, device, load_cellpose(path, device=device))
            return self._loaded[2]


@cache
def shared_shelf() -> CellposeShelf:
    """Give the one shelf of this process."""
    return CellposeShelf()


def find_nuclei(shelf: CellposeShelf, request: NucleiRequest, on_step: OnStep, *_: object) -> FoundNuclei:
    """Read the pixels and find the nuclei in them; runs in the thread of a job.

    Raises
    ------
    CelleError
        The picture or an option is no use, or cellpose or its weights are missing.
    """
    on_step("reading the image", 0, 1)
    plane = check_plane(request.plane[request.window.slices])
    labels, made_by = _ENGINES[request.engine](shelf, request, plane, on_step)
    labels = np.ascontiguousarray(labels)
    return FoundNuclei(labels, {"engine": request.engine, **made_by}, checksum(labels))


def checksum(labels: np.ndarray) -> int:
    """Return a number that changes when labels are painted; of 4,096 x 4,096 int32 in less than 0.1 s."""
    return zlib.crc32(np.ascontiguousarray(labels).data)


def _by_built_in(
    shelf: CellposeShelf, request: NucleiRequest, plane: np.ndarray, on_step: OnStep
) -> tuple[np.ndarray, dict[str, Any]]:
    options = ClassicalOptions(**request.options)  # type: ignore[arg-type]
    return segment(plane, options=options, on_step=on_step), {"options": asdict(options)}


def _by_cellpose(
    shelf: CellposeShelf, request: NucleiRequest, plane: np.ndarray, on_step: OnStep
) -> tuple[np.ndarray, dict[str, Any]]:
    cellpose = shelf.network(request.device, on_step)
    from napari_celle.segment.cellpose import CellposeOptions

    options = CellposeOptions(**request.options)  # type: ignore[arg-type]
    made_by = {"options": asdict(options), "weights_sha256": cellpose.sha256, "device": cellpose.device}
    return partial(cellpose, options=options, on_step=on_step)(plane), made_by


_ENGINES = {BUILT_IN: _by_built_in, CELLPOSE: _by_cellpose}
