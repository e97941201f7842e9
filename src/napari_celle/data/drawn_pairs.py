"""Pairs of pictures that are drawn: the proteins are real, the cells are not."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_celle.data.pairs import joined_sha256
from napari_celle.data.proteins import CHOOSE, LEARN, Proteins, read_proteins
from napari_celle.data.simulated import SimulatedCells, draw_cells
from napari_celle.types import OnStep

PIXEL_SIZE_UM = 0.2
"""Edge of a pixel of drawn cells, in micrometres."""

_CHECKED = 10  # cells to train on for each that is for the validation
_FIELD = 256  # pixels along the edge of a drawn field, at least


@dataclass(frozen=True, slots=True, eq=False)
class DrawnPairs:
    """Simulated cells with the sequences of the proteins whose places were drawn."""

    cells: SimulatedCells
    proteins: Proteins

    @property
    def sequences(self) -> tuple[str, ...]:
        """The sequence of each sample."""
        return tuple(self.proteins.sequences[index] for index in self.cells.protein)

    @property
    def pixel_sizes_um(self) -> tuple[float, ...]:
        """One for all."""
        return (PIXEL_SIZE_UM,)

    def __len__(self) -> int:
        return len(self.cells)

    def read(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return nucleus, uint8, and threshold image, bool, (Y, X) of one sample."""
        return self.cells.nucleus[index], self.cells.threshold[index]

    def fingerprint(self) -> str:
        """Return the SHA-256 over pictures and sequences."""
        pictures = hashlib.sha256(self.cells.nucleus.tobytes() + self.cells.threshold.tobytes())
        return joined_sha256((pictures.hexdigest(), *self.sequences))


def draw_pairs(
    table: Path,
    count: int,
    *,
    folder: Path,
    size: int,
    seed: int,
    held_out: Iterable[str] = (),
    on_step: OnStep | None = None,
) -> dict[str, DrawnPairs]:
    """Draw cells of the proteins of a table, without plants; those that were drawn before are read.

    Parameters
    ----------
    table : Path
        As for :func:`napari_celle.data.proteins.read_proteins`.
    count : int
        Cells to train on; there are a tenth as many, at least one, for the validation.
    folder : Path
        Where the cells are kept for a run that goes on.
    size : int
        Edge of the model in pixels; fields are not smaller.
    seed : int
        Of all that is drawn.
    held_out : iterable of str
        Sequences whose relatives are left out.
    on_step : callable or None
        Told of progress; what it raises stops.

    Returns
    -------
    dict of str to DrawnPairs
        "train" and "val".

    Raises
    ------
    CelleError
        If there is no such table.
    """
    held_out, field, pairs = tuple(held_out), max(_FIELD, size), {}
    for number, (split, folds) in enumerate({"train": LEARN, "val": CHOOSE}.items()):
        proteins = read_proteins(table, folds=folds, held_out=held_out, plants=False)
        cells = count if split == "train" else max(1, count // _CHECKED)
        drawn_from = joined_sha256(proteins.accessions)[:8]
        path = folder / f"cells-{split}-{cells}-{field}px-{seed}-{drawn_from}.npz"  # another command draws others
        if not path.is_file():
            drawn = draw_cells(proteins, cells, seed=seed + number, size=field, on_step=on_step)
            _keep(drawn, path)
        pairs[split] = DrawnPairs(SimulatedCells.load(path), proteins)
    return pairs


def _keep(cells: SimulatedCells, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.npz")  # other processes of the run may draw the same
    cells.save(part)
    part.replace(path)
