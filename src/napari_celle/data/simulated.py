"""Simulated cells as training samples: a nucleus picture and the threshold image of a real protein in its cells."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_celle.data.localization import can_be_drawn, draw_amounts
from napari_celle.data.proteins import Proteins
from napari_celle.errors import CelleError
from napari_celle.image import normalise
from napari_celle.preprocess import above_otsu
from napari_celle.simulate import draw_field, draw_protein
from napari_celle.types import OnStep


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedCells:
    """Drawn samples.

    Attributes
    ----------
    nucleus : np.ndarray
        (N, 256, 256) uint8 nucleus channel, normalised as for a prediction and scaled to 0-255.
    threshold : np.ndarray
        (N, 256, 256) bool, True where the protein is bright, see ``preprocess.above_otsu``.
    nuclei : np.ndarray
        (N, 256, 256) bool, True inside the true nuclei.
    protein : np.ndarray
        (N,) int64 index of the protein in the table it was drawn from.
    """

    nucleus: np.ndarray
    threshold: np.ndarray
    nuclei: np.ndarray
    protein: np.ndarray

    def __len__(self) -> int:
        return len(self.protein)

    def save(self, path: Path) -> None:
        """Write an .npz that :meth:`load` reads."""
        np.savez(path, nucleus=self.nucleus, threshold=self.threshold, nuclei=self.nuclei, protein=self.protein)

    @classmethod
    def load(cls, path: Path) -> "SimulatedCells":
        """Read what :meth:`save` wrote."""
        with np.load(path) as arrays:
            return cls(**{name: arrays[name] for name in ("nucleus", "threshold", "nuclei", "protein")})


def draw_cells(
    proteins: Proteins, count: int, *, seed: int, size: int = 256, on_step: OnStep | None = None
) -> SimulatedCells:
    """Draw cells with proteins chosen evenly from those whose location can be drawn.

    Parameters
    ----------
    proteins : Proteins
        Sequences and locations.
    count : int
        Samples.
    seed : int
        Each sample has a generator of its own, seeded with (seed, number of the sample).
    size : int
        Edge of a picture in pixels.
    on_step : callable or None
        Told of progress; what it raises stops.

    Raises
    ------
    CelleError
        If none can be drawn.
    """
    drawable = np.flatnonzero(can_be_drawn(proteins.locations))
    if not len(drawable):
        raise CelleError(f"Of {len(proteins):,} proteins none has a location that can be drawn. Choose other proteins.")
    rows = []
    for number in range(count):
        if on_step is not None:
            on_step("drawing cells", number, count)
        rows.append(_draw(proteins, drawable, np.random.default_rng((seed, number)), size))
    nucleus, threshold, nuclei, chosen = (np.stack(column) for column in zip(*rows, strict=True))
    return SimulatedCells(nucleus=nucleus, threshold=threshold, nuclei=nuclei, protein=chosen)


def _draw(
    proteins: Proteins, drawable: np.ndarray, rng: np.random.Generator, size: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.int64]:
    index = rng.choice(drawable)
    field = draw_field(rng, size=size)
    protein = draw_protein(field, draw_amounts(proteins.locations[index], rng), rng)
    nucleus = np.round(normalise(field.nucleus) * 255).astype(np.uint8)
    return nucleus, above_otsu(protein) > 0, field.nuclei > 0, index
