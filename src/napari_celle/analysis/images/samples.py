"""Pictures to measure a model on, in the frame and by the threshold rule of that model."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

import numpy as np

from napari_celle.data.pairs import Pairs
from napari_celle.data.simulated import SimulatedCells
from napari_celle.errors import ImageError
from napari_celle.framing import find_frame
from napari_celle.image import check_plane, choose_window, fit_to_model, fitted_shape, resize
from napari_celle.preprocess import Recipe, is_mask, protein_frame
from napari_celle.types import ModelInfo, PredictionRequest

Crop = Literal["middle", "random"]
"""Which window of a picture is measured: the papers crop the middle to validate, and anywhere to train."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One window of a picture and what is known of it; every array is (Y, X) in model pixels.

    Attributes
    ----------
    picture : int
        Its place in the dataset, counted from 1.
    sequence : str
        Of the protein, cleaned.
    nucleus : np.ndarray
        The nucleus channel, in the type of the file.
    nuclei : np.ndarray
        int32 labels, 0 for background.
    threshold : np.ndarray
        bool, True where the protein is bright.
    protein : np.ndarray or None
        float32, the protein as it was measured; None where only ``threshold`` is known.
    """

    picture: int
    sequence: str
    nucleus: np.ndarray
    nuclei: np.ndarray
    threshold: np.ndarray
    protein: np.ndarray | None = None


class Samples(Protocol):
    """Windows of pictures, by number."""

    def __len__(self) -> int: ...

    def read(self, index: int) -> Sample:
        """Return one; the same on every call."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnSamples:
    """Simulated cells, see :func:`drawn_sample`.

    Attributes
    ----------
    cells : SimulatedCells
        One or more.
    sequences : sequence of str
        Of the proteins that the cells were drawn from, by ``cells.protein``.
    size : int
        Edge of the model in pixels.
    """

    cells: SimulatedCells
    sequences: Sequence[str]
    size: int

    def __len__(self) -> int:
        return len(self.cells)

    def read(self, index: int) -> Sample:
        """Return one."""
        return drawn_sample(self.cells, index, sequence=self.sequences[self.cells.protein[index]], size=self.size)


def drawn_sample(cells: SimulatedCells, index: int, *, sequence: str, size: int) -> Sample:
    """Return one simulated cell, its truth pixel by pixel; the middle of it where a model sees less than was drawn."""
    height, width = cells.nucleus[index].shape
    part = choose_window((height, width), size=size).slices
    return Sample(
        picture=index + 1,
        sequence=sequence,
        nucleus=cells.nucleus[index][part],
        nuclei=cells.nuclei[index][part].astype(np.int32),
        threshold=cells.threshold[index][part],
    )


@dataclass(frozen=True, slots=True, eq=False)
class FramedPairs:
    """Measured pictures, one window of each, as a model sees them.

    Attributes
    ----------
    pairs : Pairs
        The pictures.
    info : ModelInfo
        Its frame.
    recipe : Recipe
        How it resamples, and what it calls bright.
    chosen : tuple of int
        Which of the pairs, 0-based.
    crop : str
        "middle" or "random".
    seed : int
        Of random windows: each picture has its own, whichever others are measured.
    """

    pairs: Pairs
    info: ModelInfo
    recipe: Recipe
    chosen: tuple[int, ...]
    crop: Crop = "middle"
    seed: int = 0

    def __len__(self) -> int:
        return len(self.chosen)

    def read(self, index: int) -> Sample:
        """Return one.

        Raises
        ------
        ImageError
            If the picture cannot be brought to the frame of the model; it names the picture.
        """
        number = self.chosen[index]
        nucleus, protein = self.pairs.read(number)
        try:
            return self._framed(number, nucleus, protein)
        except ImageError as error:
            raise ImageError(f"Picture {number + 1} of {len(self.pairs):,}: {error}") from None

    def _framed(self, number: int, nucleus: np.ndarray, protein: np.ndarray) -> Sample:
        plane = check_plane(nucleus)
        request = PredictionRequest(
            sequence=self.pairs.sequences[number],
            nucleus=nucleus,
            centre=self._centre(number, plane.shape),
            pixel_size_um=self._pixel_size(number),
        )
        frame = find_frame(request, plane, self.info)
        size, scale = self.info.image_size, frame.scale
        seen = tuple(slice(edge) for edge in fitted_shape(frame.window, size=size, scale=scale))
        shape = (seen[0].stop, seen[1].stop)

        def framed(pixels: np.ndarray) -> np.ndarray:
            smooth = self.recipe.anti_aliasing
            return fit_to_model(pixels, frame.window, size=size, scale=scale, anti_aliasing=smooth)[seen]

        bright = protein_frame(protein, frame.window, size=size, scale=scale, recipe=self.recipe)[seen]
        return Sample(
            picture=number + 1,
            sequence=request.sequence,
            nucleus=_as_type(framed(plane), nucleus.dtype),
            nuclei=resize(frame.nuclei, shape=shape, order=0),
            threshold=bright > 0,
            protein=None if is_mask(protein) else framed(protein),
        )

    def _centre(self, number: int, shape: tuple[int, ...]) -> tuple[float, float] | None:
        if self.crop == "middle":
            return None
        rng = np.random.default_rng((self.seed, number))
        return float(rng.uniform(0, shape[0] - 1)), float(rng.uniform(0, shape[1] - 1))

    def _pixel_size(self, number: int) -> float | None:
        """Return the pixel size where it is known of all pictures; else the scale comes from the nuclei."""
        sizes = self.pairs.pixel_sizes_um
        return sizes[number] if len(sizes) == len(self.pairs) else None


@dataclass(frozen=True, slots=True, eq=False)
class KeptSamples:
    """What is known of samples, without their channels: little enough to keep that of thousands.

    Attributes
    ----------
    kept : list of Sample
        ``nuclei`` are bool, ``nucleus`` is empty and ``protein`` None.
    """

    kept: list[Sample] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.kept)

    def read(self, index: int) -> Sample:
        """Return one."""
        return self.kept[index]

    def keep(self, sample: Sample) -> None:
        """Add one."""
        without = np.empty((0, 0), sample.nucleus.dtype)
        self.kept.append(replace(sample, nucleus=without, nuclei=sample.nuclei > 0, protein=None))


def some(count: int, limit: int | None, *, seed: int) -> tuple[int, ...]:
    """Return the numbers of ``limit`` of ``count`` things drawn at random, in order; all of them for None.

    Examples
    --------
    >>> some(3, None, seed=0), len(some(10, 4, seed=0))
    ((0, 1, 2), 4)
    """
    return tuple(sorted(np.random.default_rng(seed).permutation(count)[:limit].tolist()))


def _as_type(pixels: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return pixels in the type of the file, which tells recipes how bright white is; bool becomes uint8."""
    if dtype.kind == "f":
        return pixels.astype(dtype)
    return np.round(pixels).astype(np.uint8 if dtype.kind == "b" else dtype)
