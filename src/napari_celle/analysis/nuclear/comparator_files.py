"""Result files of other predictors of location: each reader tells what it says of each protein."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from napari_celle.analysis.tables import read_table
from napari_celle.errors import CelleError

_UNIPROT = re.compile(r"(?:sp|tr)\|([^|\s]+)\|")


@dataclass(frozen=True, slots=True)
class Call:
    """What a predictor says of one protein: nuclear by its own rule, and its nuclear score if it gives one."""

    is_nuclear: bool
    score: float | None


@dataclass(frozen=True, slots=True)
class Comparator:
    """A predictor's name, its file, and what it says of each protein: the key is an :func:`identifier`."""

    name: str
    path: Path
    calls: Mapping[str, Call]


def identifier(name: str) -> str:
    """Return what a protein is called: the first word of its FASTA header, and of UniProt's the accession.

    Examples
    --------
    >>> identifier(">sp|P07221|CASQ1_RABIT Calsequestrin-1"), identifier("P11387 human")
    ('P07221', 'P11387')
    """
    word = (name.strip().lstrip(">").split() or [""])[0]
    uniprot = _UNIPROT.match(word)
    return uniprot[1] if uniprot else word


def read_comparator(choice: str) -> Comparator:
    """Read the result file of a predictor.

    Parameters
    ----------
    choice : str
        ``TOOL=FILE``; the tools are the keys of :data:`READERS`.

    Raises
    ------
    CelleError
        There is no such tool; the file is missing, or not what this tool writes.
    """
    tool, equals, path = choice.partition("=")
    if tool not in READERS or not equals or not path:
        raise CelleError(
            f"{choice!r} names no predictor and its file. Write for example deeploc=results.csv; known are "
            f"{', '.join(READERS)}."
        )
    calls: dict[str, Call] = {}
    for name, call in READERS[tool](Path(path)):
        if calls.setdefault(identifier(name), call) != call:
            raise CelleError(f"{path} says different things of {identifier(name)}. Leave one of its lines out.")
    if not calls:
        raise CelleError(f"{path} has no proteins. Give a file that {tool} wrote.")
    return Comparator(tool, Path(path), calls)


def read_deeploc(path: Path) -> list[tuple[str, Call]]:
    """Read ``results_*.csv`` of DeepLoc 2: ``Protein_ID``, ``Localizations`` split by ``|``, probabilities by location.

    Nuclear is what has Nucleus among its localizations: DeepLoc applies a threshold of its own to each.
    """
    frame = read_table(path, columns=("Protein_ID", "Localizations"))
    scores = frame["Nucleus"] if "Nucleus" in frame else [""] * len(frame)
    return [
        (name, Call("Nucleus" in places.split("|"), _number(score, where=f"{path}, row {row}, Nucleus")))
        for row, (name, places, score) in enumerate(
            zip(frame["Protein_ID"], frame["Localizations"], scores, strict=True), start=1
        )
    ]


def read_mulocdeep(path: Path) -> list[tuple[str, Call]]:
    """Read ``sub_cellular_prediction.txt`` of MULocDeep: ``>name:``, then ``Place:score`` and ``prediction:`` by tabs.

    Nuclear is what has Nucleus in its prediction, where it may have several places split by ``|``.
    """
    calls = []
    for row, line in _lines(path):
        name, *cells = line.rstrip("\t").split("\t")
        values = _cells(cells)
        if not name.endswith(":") or not {"Nucleus", "prediction"} <= set(values):
            raise CelleError(f"{path}, line {row} is none of MULocDeep: it has no name, Nucleus score or prediction.")
        score = _number(values["Nucleus"], where=f"{path}, line {row}, Nucleus")
        calls.append((name[:-1], Call("Nucleus" in values["prediction"].split("|"), score)))
    return calls


def read_subcons(path: Path) -> list[tuple[str, Call]]:
    """Read ``*.subcons-final-pred.csv`` of SubCons, or several of them joined: by tabs, one place for each protein.

    Each has a first line ``id_protein LOC_DEF CYT ... NUC ...``; ``subcons-final.pred`` has ``NUC:score`` in each line
    instead. Nuclear is what has NUC as its LOC_DEF.
    """
    calls, columns = [], list[str]()
    for row, line in _lines(path):
        name, *cells = line.split("\t")
        if name == "id_protein":
            columns = cells
            continue
        values = dict(zip(columns, cells, strict=False)) if columns else _cells(cells)
        if not {"LOC_DEF", "NUC"} <= set(values):
            raise CelleError(f"{path}, line {row} is none of SubCons: it has no LOC_DEF or NUC.")
        score = _number(values["NUC"], where=f"{path}, line {row}, NUC")
        calls.append((name, Call(values["LOC_DEF"] == "NUC", score)))
    return calls


READERS: dict[str, Callable[[Path], list[tuple[str, Call]]]] = {
    "deeploc": read_deeploc,
    "mulocdeep": read_mulocdeep,
    "subcons": read_subcons,
}
"""Predictors by name."""


def _lines(path: Path) -> list[tuple[int, str]]:
    """Return the numbered lines of a text file, without empty ones and comments."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CelleError(f"{path} cannot be read: {error.strerror}. Check the path of the result file.") from None
    except UnicodeDecodeError:
        raise CelleError(f"{path} is not a text file. Give the file with the predictor's results.") from None
    lines = enumerate(text.splitlines(), start=1)
    return [(row, line) for row, line in lines if line.strip() and not line.startswith("#")]


def _cells(cells: list[str]) -> dict[str, str]:
    """Return the values of cells like ``Nucleus:0.9``."""
    return {name.strip(): value.strip() for name, _, value in (cell.partition(":") for cell in cells)}


def _number(text: str, *, where: str) -> float | None:
    """Return a score, None for none."""
    try:
        return float(text) if text.strip() else None
    except ValueError:
        raise CelleError(f"{where}: {text!r} is no number. Give the file as the predictor wrote it.") from None
