"""Other predictors, measured on the same proteins as a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_celle.analysis.nuclear.comparator_files import Call, Comparator, identifier, read_comparator
from napari_celle.analysis.nuclear.fractions import NuclearTable
from napari_celle.analysis.nuclear.homologues import nearest_homologues
from napari_celle.analysis.nuclear.scores import NuclearScores, nuclear_scores
from napari_celle.errors import CelleError

HOMOLOGUE = "nearest homologue"


@dataclass(frozen=True, slots=True)
class ComparatorScores:
    """Figures of a predictor on those proteins of which it says anything, and of how many it says nothing."""

    scores: NuclearScores
    missing: int

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON; None instead of NaN."""
        return {**self.scores.to_dict(), "missing": self.missing}


def compared(
    table: NuclearTable, *, comparators: Sequence[str] = (), homologues: Path | None = None, seed: int
) -> dict[str, ComparatorScores]:
    """Measure other predictors on the proteins of a table.

    Parameters
    ----------
    table : NuclearTable
        Proteins; with names, by which the results are looked up.
    comparators : sequence of str
        ``TOOL=FILE`` of each, see :func:`napari_celle.analysis.nuclear.comparator_files.read_comparator`.
    homologues : Path or None
        Proteins of known location, see :func:`napari_celle.analysis.nuclear.homologues.nearest_homologues`.
    seed : int
        Of the intervals.

    Returns
    -------
    dict
        By name of the predictor, with its file where it has several.

    Raises
    ------
    CelleError
        A file cannot be used, or knows none of the proteins; MMseqs2 is wanted and not installed.
    """
    read = [read_comparator(choice) for choice in comparators]
    tools = [each.name for each in read]
    calls: dict[str, Sequence[Call | None]] = {}
    for each in read:
        calls[each.name if tools.count(each.name) == 1 else f"{each.name} {each.path}"] = look_up(each, table)
    if homologues is not None:
        calls[HOMOLOGUE] = nearest_homologues(table.sequences, homologues)
    return {name: comparator_scores(said, table, seed=seed) for name, said in calls.items()}


def look_up(comparator: Comparator, table: NuclearTable) -> tuple[Call | None, ...]:
    """Return what a predictor says of each protein of a table, None where it says nothing.

    Raises
    ------
    CelleError
        If the table has no names, or the predictor knows none of them.
    """
    if not table.names:
        raise CelleError(
            f"The table has no column accession, by which the results of {comparator.name} could be looked up. "
            "Add one, with the names that the proteins had there."
        )
    calls = tuple(comparator.calls.get(identifier(name)) for name in table.names)
    if not any(calls):
        raise CelleError(
            f"Of the {len(table):,} proteins none is among the {len(comparator.calls):,} of {comparator.path}. Compare "
            f"the names: {table.names[0]} in the table, {next(iter(comparator.calls))} there."
        )
    return calls


def comparator_scores(calls: Sequence[Call | None], table: NuclearTable, *, seed: int) -> ComparatorScores:
    """Measure what is said of the proteins of a table, (N,); ``seed`` is of the intervals.

    A figure that needs scores is NaN if the predictor leaves out any of them.
    """
    known = np.array([call is not None for call in calls])
    said = [call for call in calls if call is not None]
    scores = nuclear_scores(
        np.array([np.nan if call.score is None else call.score for call in said]),
        table.is_nuclear[known],
        threshold=None,
        seed=seed,
        called=np.array([call.is_nuclear for call in said]),
    )
    return ComparatorScores(scores, missing=int((~known).sum()))
