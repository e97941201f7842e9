"""The question about a whole field and its answer; as types.py, for many windows at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from napari_celle.types import Faithful, SamplingOptions, Window

Windows = Literal["cover", "each"]
"""How the windows of a field are chosen."""


class Plane(Protocol):
    """A (Y, X) array that can be sliced: numpy, or lazy as those of dask and zarr, of which only windows are read."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Pixels along each axis."""

    def __getitem__(self, index: tuple[slice, slice], /) -> ArrayLike:
        """Return the part of two slices, as something that numpy makes an array of."""


@dataclass(frozen=True, slots=True, eq=False)
class FieldRequest:
    """Where does this protein go in all the cells of a field?

    Attributes
    ----------
    sequence, sampling, first_residue
        As in :class:`PredictionRequest`. Every window is drawn with the same seed: a window's
        answer does not depend on the number that its nucleus happens to have, and can be had again by itself.
    nucleus : Plane
        (Y, X) nucleus channel, any real dtype and range, any size, numpy or lazy.
    nuclei : Plane or None
        (Y, X) integer labels of the same frame, 0 for background, numpy or lazy; None finds the nuclei.
    pixel_size_um, nucleus_diameter_px : float or None
        As there. The scale is chosen once for the field, from the typical diameter of all its nuclei.
    region : Window or None
        The part of the image that is the field; None is all of it. The windows of its nuclei may look beyond it.
    windows : str
        "cover" takes so few windows that each nucleus lies well inside one of them; "each" has one centred on each
        nucleus, which takes longer.
    """

    sequence: str
    nucleus: Plane
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    nuclei: Plane | None = None
    pixel_size_um: float | None = None
    nucleus_diameter_px: float | None = None
    first_residue: int = 0
    region: Window | None = None
    windows: Windows = "cover"


@dataclass(frozen=True, slots=True)
class NucleusResult:
    """What was predicted around one nucleus.

    Attributes
    ----------
    label : int
        Its label.
    window : Window
        Of the windows that were predicted, the one in whose middle it lies most, in pixels of ``request.nucleus``;
        neighbours may share it.
    nuclear_fraction : float
        Share of the window's own probability map that lies in nuclei, all those of the window, in [0, 1].
    seconds : float
        How long the window took.
    """

    label: int
    window: Window
    nuclear_fraction: float
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class FieldPrediction:
    """The answer, in the pixels of ``request.nucleus[window.slices]``; every array is (Y, X) of that window.

    The probability map sums to 1 over the field, not over each window or cell. A value is the probability that a
    protein picked from all the cells that were looked at lies in this pixel, so a cell in which the model draws more
    of the protein takes more of the sum. To compare with the map of a single window, which sums to 1 by itself,
    divide by the sum over that part of the field. Where windows overlap, the heat maps, not the probability maps, are
    blended, since these share one scale of brightness.

    Attributes
    ----------
    request : FieldRequest
        The question.
    window : Window
        The region that was predicted.
    threshold : np.ndarray
        uint8, 1 where the blended threshold images are above one half, else 0.
    probability : np.ndarray
        float32 probability map (PDF), not negative, sum 1 over the field: the heat map divided by its sum.
    heatmap : np.ndarray
        float32 in [0, 1], the blended heat maps of the windows.
    covered : np.ndarray
        bool, False where no window lies; there all maps are 0, and say nothing.
    nuclei : np.ndarray
        int32 nucleus labels, 0 for background.
    results : tuple of NucleusResult
        One for each nucleus whose bounding box has its middle in the region, by label.
    windows : tuple of Window
        All that were predicted, in pixels of ``request.nucleus``.
    nuclear_fraction : float
        Sum of the probability map inside the nuclei, in [0, 1].
    sampling, residues, scale, model, weights_sha256, device, timings, notes, faithful
        As in :class:`Prediction`.
    """

    request: FieldRequest
    window: Window
    threshold: np.ndarray
    probability: np.ndarray
    heatmap: np.ndarray
    covered: np.ndarray
    nuclei: np.ndarray
    results: tuple[NucleusResult, ...]
    windows: tuple[Window, ...]
    nuclear_fraction: float
    sampling: SamplingOptions
    residues: tuple[int, int]
    scale: float
    model: str
    weights_sha256: str
    device: str
    timings: Mapping[str, float]
    notes: tuple[str, ...] = ()
    faithful: Faithful = "none"
