"""Nuclei by cellpose 4, from a weight file on this computer: the only importer of ``cellpose``.

cellpose 4.2 takes a name that it does not know for its default model and downloads that, with the verification of
servers switched off in the whole process (``utils.download_url_to_file``). Only ``CellposeModel.__init__`` leads
there, so it is never called: the network is built and filled here, and cellpose's ``eval`` runs it. Importing it also
lets CUDA round float32 products to TF32 for every network of the process (``vit.py``); that is taken back.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from skimage.segmentation import relabel_sequential
from torch import nn

from napari_celle.device import check_memory, choose_device, out_of_memory
from napari_celle.errors import CelleError, DeviceError, ImageError
from napari_celle.image import check_plane, normalise
from napari_celle.native import load_triton
from napari_celle.segment.cellpose_weights import INSTEAD, check_weights, fill, read_tensors
from napari_celle.types import OnStep

_TRAINED_DIAMETER = 30.0  # pixels to which cellpose brings a diameter that it is told
_SMALLEST_DIAMETER = 2.0
_TILE, _OVERLAP = 256, 0.1  # cellpose's own
_TILES_AT_ONCE = {"cuda": 8}  # cellpose's own; one elsewhere, where memory is short and more are no faster
_WORKSPACE = 1.0e9  # bytes beside the weights, estimated from the sizes of the layers

_CellposeModel = Any  # cellpose has no types
_sparse_checks: Callable[[bool], AbstractContextManager[None]] = torch.sparse.check_sparse_tensor_invariants
# torch warns when it is left open whether to check, and cellpose leaves it open


@dataclass(frozen=True, slots=True)
class CellposeOptions:
    """How cellpose makes nuclei of what its network sees.

    Attributes
    ----------
    diameter : float or None
        Of a typical nucleus in image pixels, which is scaled to 30; None leaves the image as it is, which cellpose is
        trained for from about 7 to 120 pixels.
    flow_threshold : float
        Nuclei whose shape disagrees more than this with the flows that it comes from are dropped; 0 keeps all.
    cellprob_threshold : float
        Pixels above are nucleus, as a logit; lower finds more and larger nuclei.
    """

    diameter: float | None = None
    flow_threshold: float = 0.4
    cellprob_threshold: float = 0.0


_DEFAULT = CellposeOptions()


@dataclass(frozen=True, slots=True, eq=False)
class Cellpose:
    """A cellpose network on a device: call it with an image; see :func:`load_cellpose`.

    Attributes
    ----------
    weights : Path
        File that it came from.
    sha256 : str
        Of that file.
    device : str
        As torch names it.
    """

    weights: Path
    sha256: str
    device: str
    _model: _CellposeModel = field(repr=False)

    def __call__(
        self, image: np.ndarray, *, options: CellposeOptions = _DEFAULT, on_step: OnStep | None = None
    ) -> np.ndarray:
        """Return nucleus labels: (Y, X) int32, 0 for background, 1 to the number of nuclei; none is no error.

        Parameters
        ----------
        image : np.ndarray
            (Y, X), any real dtype and range.
        options : CellposeOptions
            Thresholds and diameter.
        on_step : callable or None
            Told of the layers of the network done and in all, tile after tile; raises ``Cancelled`` to stop. The
            masks that are made of its output at the end cannot be stopped.

        Raises
        ------
        ImageError
            As :func:`napari_celle.image.check_plane`; a diameter that does not suit the image.
        DeviceError
            Out of memory.
        """
        plane = check_plane(image)
        _check_diameter(options.diameter, plane.shape)
        at_once = _TILES_AT_ONCE.get(self.device.split(":")[0], 1)
        passes = math.ceil(_tiles(plane.shape, options.diameter) / at_once)
        try:
            with _sparse_checks(True), _reported(self._model.net.encoder.blocks, on_step, passes=passes):
                masks, _, _ = self._model.eval(
                    _normalised(plane),
                    normalize={"normalize": False},  # a bare False would stay cellpose's default
                    batch_size=at_once,
                    diameter=options.diameter,
                    flow_threshold=options.flow_threshold,
                    cellprob_threshold=options.cellprob_threshold,
                    max_size_fraction=1.0,  # its 0.4 drops the one nucleus of a small picture
                )
        except RuntimeError as error:
            if not out_of_memory(error, self.device):
                raise
            raise DeviceError(
                f"{self.device} ran out of memory while cellpose was looking for nuclei. Close other programs, choose "
                f"the device 'cpu', or give a larger nucleus diameter. {INSTEAD}"
            ) from error
        return relabel_sequential(masks.astype(np.int32))[0].astype(np.int32)


def load_cellpose(weights: Path, *, sha256: str | None = None, device: str = "auto") -> Cellpose:
    """Return cellpose's network with the weights of a file, which is checked first; nothing is ever downloaded.

    Parameters
    ----------
    weights : Path
        File with the network cpsam_v2, or one trained from it, as cellpose 4 saves them.
    sha256 : str or None
        As for :func:`napari_celle.segment.cellpose_weights.check_weights`.
    device : str
        As for :func:`napari_celle.device.choose_device`.

    Raises
    ------
    WeightsError
        If the file is missing, damaged, or no network of cellpose 4 with a SAM backbone.
    DeviceError
        If there is no such device, or not the memory.
    CelleError
        If cellpose is not installed.
    """
    digest, name = check_weights(weights, sha256=sha256), choose_device(device).name
    models = _import_cellpose()
    dtype = torch.float32 if name == "mps" else torch.bfloat16  # cellpose's own; Apple's lacks operations in bfloat16
    tensors = read_tensors(weights)
    size = sum(tensor.numel() for tensor in tensors.values()) * dtype.itemsize
    check_memory(int(size + _WORKSPACE), device=name, what="Cellpose")
    try:
        network = fill(partial(models.CPSAM, dtype=dtype), tensors, weights).to(device=name, dtype=dtype)
    except RuntimeError as error:
        if not out_of_memory(error, name):
            raise
        raise DeviceError(f"{name} has no room for cellpose. Choose the device 'cpu'. {INSTEAD}") from error
    return Cellpose(weights, digest, name, _as_model(models, network, name))


def _import_cellpose() -> ModuleType:
    """Return ``cellpose.models``, with TF32 as it was before."""
    load_triton()
    before = torch.backends.cuda.matmul.allow_tf32
    try:
        from cellpose import models
    except ImportError as error:
        raise CelleError(
            f"Cellpose cannot be imported ({error}). Install it with: pip install 'napari-celle[cellpose]'. {INSTEAD}"
        ) from error
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before
    return models


def _as_model(models: ModuleType, network: nn.Module, device: str) -> _CellposeModel:
    """Return a ``CellposeModel`` around a network: what its ``__init__`` sets, without the way to the downloader."""
    model = models.CellposeModel.__new__(models.CellposeModel)
    model.net, model.backbone, model.device = network, network.backbone, torch.device(device)
    model.gpu = device != "cpu"
    return model


def _check_diameter(diameter: float | None, shape: tuple[int, ...]) -> None:
    """Refuse a diameter at which the scaled image would be huge, or nothing."""
    largest = min(max(shape), _TRAINED_DIAMETER * min(shape))
    if diameter is not None and not _SMALLEST_DIAMETER <= diameter <= largest:
        raise ImageError(
            f"A nucleus diameter of {diameter:g} pixels does not suit an image of {shape[0]} x {shape[1]} pixels. Give "
            f"one from {_SMALLEST_DIAMETER:g} to {largest:g}, or none."
        )


def _normalised(plane: np.ndarray) -> np.ndarray:
    """Return what cellpose makes of an image, (Y, X) float32: 0 at its 1st percentile, 1 at its 99th.

    cellpose would blank an image where these differ by less than 0.001, which a small unit does; where they do not
    differ, since nuclei cover less than 1 % of an even background, the brightest pixels are 1.
    """
    low, high = np.percentile(plane, (1, 99))
    scaled: np.ndarray = (plane - low) / (high - low) if high > low else normalise(plane)
    return scaled.astype(np.float32)


def _tiles(shape: tuple[int, ...], diameter: float | None) -> int:
    """Return how many tiles cellpose cuts an image into (``core.run_net``)."""
    scale = _TRAINED_DIAMETER / diameter if diameter else 1.0
    return math.prod(_tiles_along(int(edge * scale)) for edge in shape)


def _tiles_along(edge: int) -> int:
    padded = max(16 * math.ceil(edge / 16) + 16, _TILE)
    return 1 if padded <= _TILE else math.ceil((1 + 2 * _OVERLAP) * padded / _TILE)


@contextmanager
def _reported(blocks: nn.ModuleList, on_step: OnStep | None, *, passes: int) -> Iterator[None]:
    """Tell ``on_step`` of every layer that is done, for cellpose has no way to; what it raises passes through."""
    if on_step is None:
        yield
        return
    done, total = 0, passes * len(blocks)

    def count(*_: object) -> None:
        nonlocal done
        done += 1
        on_step("finding nuclei", done, total)

    on_step("finding nuclei", 0, total)
    handles = [block.register_forward_hook(count) for block in blocks]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
