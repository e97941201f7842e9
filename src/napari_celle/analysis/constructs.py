"""Constructs of a table, the experiments of the papers for example: how much of each goes to the nucleus."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_celle.analysis.tables import read_sequences, read_table
from napari_celle.errors import CelleError
from napari_celle.files.fasta import read_fasta
from napari_celle.files.images import NucleusImage
from napari_celle.predict import Predictor
from napari_celle.segment import segment_nuclei
from napari_celle.simulate import draw_field
from napari_celle.types import OnStep, PredictionRequest, SamplingOptions

SEQUENCE_COLUMNS = ("sequence", "fusion_sequence", "gfp_fusion")
"""Where the protein of a row stands: the first of these columns that the table has."""

NAME_COLUMNS = ("construct", "name", "nls")
TRUTH_COLUMNS = ("is_nuclear", "expected_nuclear")

DRAWN_FIELDS = 4
"""So many simulated fields serve where no image is given."""


@dataclass(frozen=True, slots=True)
class Construct:
    """One row of a table.

    Attributes
    ----------
    construct, sequence : str
        Name, and cleaned protein.
    is_nuclear : bool or None
        As the table says; None where it does not.
    """

    construct: str
    sequence: str
    is_nuclear: bool | None


@dataclass(frozen=True, slots=True)
class ConstructResult:
    """How much of a construct goes to the nucleus.

    Attributes
    ----------
    construct : Construct
        What was asked.
    fractions : tuple of float
        Nuclear fraction in each image with each seed.
    """

    construct: Construct
    fractions: tuple[float, ...]

    @property
    def nuclear_fraction(self) -> float:
        """Mean over images and seeds."""
        return float(np.mean(self.fractions))

    @property
    def nuclear_fraction_sd(self) -> float:
        """Standard deviation over images and seeds; 0 for a single one."""
        return float(np.std(self.fractions))

    def right_side(self, threshold: float) -> bool | None:
        """Tell whether it is above the threshold exactly if it is nuclear; None where that is not known."""
        nuclear = self.construct.is_nuclear
        return None if nuclear is None else (self.nuclear_fraction > threshold) == nuclear


def read_constructs(path: Path | str) -> tuple[Construct, ...]:
    """Read a table of constructs, or a FASTA file, which knows names and proteins only.

    A table is what ends in ".csv" or ".csv.gz". The protein stands in the column ``sequence``, else
    ``fusion_sequence``, else ``gfp_fusion``; the name in ``construct``, else ``name``, else ``nls``, else it is "row 1"
    and so on; whether it is nuclear in ``is_nuclear`` or ``expected_nuclear``, 0, 1 or empty, if there is one of them.

    Raises
    ------
    CelleError
        The table, or a row of it, cannot be used.
    """
    if not str(path).lower().endswith((".csv", ".csv.gz")):
        return tuple(Construct(record.name, record.sequence, is_nuclear=None) for record in read_fasta(path))
    frame = read_table(path)
    column = _first(SEQUENCE_COLUMNS, frame.columns.tolist())
    if column is None:
        raise CelleError(f"{path} has no proteins: it needs one of the columns {', '.join(SEQUENCE_COLUMNS)}.")
    sequences = read_sequences(frame[column], table=path)
    name, truth = _first(NAME_COLUMNS, frame.columns.tolist()), _first(TRUTH_COLUMNS, frame.columns.tolist())
    rows = frame.to_dict("records")
    return tuple(
        Construct(
            construct=str(row[name]) if name else f"row {number}",
            sequence=sequence,
            is_nuclear=_truth(str(row[truth]), where=f"{path}, row {number}, {truth}") if truth else None,
        )
        for number, (row, sequence) in enumerate(zip(rows, sequences, strict=True), start=1)
    )


def drawn_nuclei(count: int = DRAWN_FIELDS) -> tuple[NucleusImage, ...]:
    """Draw fields of nuclei, the same on every call, for who has no image at hand."""
    fields = (draw_field(np.random.default_rng((2024, number))) for number in range(count))
    return tuple(NucleusImage(field.nucleus, None, Path(f"drawn {number}")) for number, field in enumerate(fields))


def place_constructs(
    predictor: Predictor,
    constructs: Sequence[Construct],
    images: Sequence[NucleusImage],
    *,
    seeds: Sequence[int] = (0,),
    on_step: OnStep | None = None,
) -> tuple[ConstructResult, ...]:
    """Predict every construct in the middle of every image with every seed.

    Parameters
    ----------
    predictor : Predictor
        The model.
    constructs : sequence of Construct
        What to predict.
    images : sequence of NucleusImage
        One or more.
    seeds : sequence of int
        One or more. The map of a model that fills many codes at once (celle-mini, CELL-E 2) does not depend on it.
    on_step : callable or None
        Told after each construct; may raise to stop.
    """
    nuclei = [segment_nuclei(image.pixels) for image in images]
    results = []
    for number, construct in enumerate(constructs, start=1):
        fractions = [
            predictor(
                PredictionRequest(
                    sequence=construct.sequence,
                    nucleus=image.pixels,
                    sampling=SamplingOptions(seed=seed, steps=1),
                    pixel_size_um=image.pixel_size_um,
                    nuclei=labels,
                )
            ).nuclear_fraction
            for image, labels in zip(images, nuclei, strict=True)
            for seed in seeds
        ]
        results.append(ConstructResult(construct, tuple(fractions)))
        if on_step is not None:
            on_step("predicting", number, len(constructs))
    return tuple(results)


def sides(results: Sequence[ConstructResult], *, threshold: float) -> dict[str, int]:
    """Count constructs of known place, and how many are on the right side of a threshold.

    Returns
    -------
    dict
        ``nuclear``, ``nuclear_right``, ``other``, ``other_right``.
    """
    known = [(each.construct.is_nuclear, each.right_side(threshold)) for each in results]
    return {
        "nuclear": sum(nuclear is True for nuclear, _ in known),
        "nuclear_right": sum(nuclear is True and right is True for nuclear, right in known),
        "other": sum(nuclear is False for nuclear, _ in known),
        "other_right": sum(nuclear is False and right is True for nuclear, right in known),
    }


def _first(names: Sequence[str], columns: Sequence[str]) -> str | None:
    return next((name for name in names if name in columns), None)


def _truth(text: str, *, where: str) -> bool | None:
    if text.strip() not in ("", "0", "1"):
        raise CelleError(f"{where}: {text!r} is neither 0 nor 1. Use 1 for nuclear, 0 for not, nothing for unknown.")
    return text.strip() == "1" if text.strip() else None
