"""Nuclear fractions of the proteins of a table, predicted on a folder of nuclei."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from napari_celle.analysis.tables import read_flags, read_sequences, read_table
from napari_celle.errors import ImageError
from napari_celle.files.images import NucleusImage, read_image
from napari_celle.predict import Predictor
from napari_celle.segment import segment_nuclei
from napari_celle.types import OnStep, PredictionRequest, SamplingOptions


@dataclass(frozen=True, slots=True, eq=False)
class NuclearTable:
    """Proteins of which it is known whether they are nuclear.

    Attributes
    ----------
    sequences : tuple of str
        Cleaned.
    is_nuclear : np.ndarray
        (N,) bool.
    groups : Mapping of str to np.ndarray
        Name of a group, for example "is_human = 1", to its members, (N,) bool.
    names : tuple of str
        What each is called, from the column ``accession``; empty if there is none.
    """

    sequences: tuple[str, ...]
    is_nuclear: np.ndarray
    groups: Mapping[str, np.ndarray] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.sequences)

    def some(self, limit: int | None, *, seed: int) -> "NuclearTable":
        """Return ``limit`` of the proteins drawn at random, all of them if it is None or there are no more."""
        chosen = np.random.default_rng(seed).permutation(len(self))[:limit]
        return NuclearTable(
            sequences=tuple(self.sequences[row] for row in chosen),
            is_nuclear=self.is_nuclear[chosen],
            groups={name: members[chosen] for name, members in self.groups.items()},
            names=tuple(self.names[row] for row in chosen) if self.names else (),
        )


def read_nuclear_table(path: Path | str, *, by: Sequence[str] = ()) -> NuclearTable:
    """Read a table with the columns ``sequence`` and ``is_nuclear``, 0 or 1, and ``accession`` if there is one.

    Parameters
    ----------
    path : Path or str
        CSV file.
    by : sequence of str
        Further columns of 0 and 1: their groups are measured by themselves too.

    Raises
    ------
    CelleError
        The table, or a row of it, cannot be used.
    """
    frame = read_table(path, columns=("sequence", "is_nuclear", *by))
    flags = {column: read_flags(frame[column], column=column, table=path) for column in by}
    return NuclearTable(
        sequences=read_sequences(frame["sequence"], table=path),
        is_nuclear=read_flags(frame["is_nuclear"], column="is_nuclear", table=path),
        groups={f"{column} = {int(yes)}": mask == yes for column, mask in flags.items() for yes in (True, False)},
        names=tuple(frame["accession"]) if "accession" in frame else (),
    )


def read_nuclei(folder: Path) -> tuple[NucleusImage, ...]:
    """Read the files ``*_nucleus.*`` of a folder, in the order of their names.

    Raises
    ------
    ImageError
        There are none, or one cannot be read.
    """
    paths = sorted(folder.glob("*_nucleus.*"))
    if not paths:
        raise ImageError(f"There are no files *_nucleus.* in {folder}. Give a folder with nucleus images named so.")
    return tuple(read_image(path) for path in paths)


def nuclear_fractions(
    predictor: Predictor,
    sequences: Sequence[str],
    images: Sequence[NucleusImage],
    *,
    seed: int,
    on_step: OnStep | None = None,
) -> np.ndarray:
    """Predict each protein in one window: of a random image, around a random place.

    The map of a model that fills many codes at once is made in its first pass, so only this one is made; and nuclei
    are looked for once in each image. Proteins go through the model one by one: on a CPU, batches of 4 or 8 took
    as long for each.

    Parameters
    ----------
    predictor : Predictor
        The model.
    sequences : sequence of str
        Proteins.
    images : sequence of NucleusImage
        To choose from.
    seed : int
        Of images, places and the model's draws.
    on_step : callable or None
        Told after each protein; may raise to stop.

    Returns
    -------
    np.ndarray
        (N,) float64 in [0, 1].
    """
    rng = np.random.default_rng(seed)
    nuclei = [segment_nuclei(image.pixels) for image in images]
    fractions = np.zeros(len(sequences))
    for number, sequence in enumerate(sequences):
        which = int(rng.integers(len(images)))
        height, width = images[which].pixels.shape
        request = PredictionRequest(
            sequence=sequence,
            nucleus=images[which].pixels,
            sampling=SamplingOptions(seed=seed, steps=1),
            centre=(float(rng.uniform(0, height - 1)), float(rng.uniform(0, width - 1))),
            pixel_size_um=images[which].pixel_size_um,
            nuclei=nuclei[which],
        )
        fractions[number] = predictor(request).nuclear_fraction
        if on_step is not None:
            on_step("predicting", number + 1, len(sequences))
    return fractions
