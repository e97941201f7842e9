"""Trainings that differ in one thing each, from one file: the rows of CELL-E's Table S.1, or of one's own."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from napari_celle.config import Hardware
from napari_celle.data.pairs import Pairs
from napari_celle.errors import CelleError, DownloadError, WeightsError
from napari_celle.train.request import TrainingRequest, assemble, begin
from napari_celle.train.start import NewModel
from napari_celle.train.tokenizer import Told
from napari_celle.train.transformer import MODEL, train_transformer

_OPTIONS = get_type_hints(TrainingRequest)
_NAME = "name"


@dataclass(frozen=True, slots=True)
class AblationRow:
    """One model of an ablation.

    Attributes
    ----------
    name : str
        What the row is called; its folder has this name too.
    request : TrainingRequest
        What is trained.
    """

    name: str
    request: TrainingRequest

    def sizes(self) -> dict[str, str]:
        """Return what a table says of the model, column to text."""
        wanted, usual = self.request, NewModel("masked")
        kind = wanted.embedding or usual.embedding
        trained = kind == "random" if wanted.train_embedding is None else wanted.train_embedding
        return {
            "Model Depth": str(wanted.depth or usual.depth),
            "Width": str(wanted.dim or usual.dim),
            "Fixed Sequence Embedding?": "" if kind == "none" else "no" if trained else "yes",
            "Samples Trained": f"{wanted.steps * wanted.batch * wanted.accumulate:,}",
        }


@dataclass(frozen=True, slots=True)
class TrainedRow:
    """What became of a row.

    Attributes
    ----------
    row : AblationRow
        What was wanted.
    model : Path or None
        Folder of the trained model.
    missing : str
        Where there is no model: which weights it would need, and how to get them.
    """

    row: AblationRow
    model: Path | None = None
    missing: str = ""


def read_ablation(path: Path) -> tuple[AblationRow, ...]:
    """Read the rows of an ablation.

    Parameters
    ----------
    path : Path
        TOML. The table ``common`` has options of all rows, each table ``row`` a ``name`` and its own options; they are
        the attributes of :class:`napari_celle.train.request.TrainingRequest`.

    Raises
    ------
    CelleError
        If there is no such file; or naming all rows that cannot be used.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CelleError(f"There is no file {path}. Give a TOML file with the rows of an ablation.") from None
    except (OSError, ValueError) as error:
        raise CelleError(f"{path} cannot be read: {error}. Give a TOML file with the rows of an ablation.") from None
    common, rows = content.get("common", {}), content.get("row", [])
    problems = _problems(common, rows)
    if problems:
        raise CelleError(f"{path} cannot be used. {' '.join(problems)}")
    requests = [{**common, **{key: value for key, value in row.items() if key != _NAME}} for row in rows]
    return tuple(
        AblationRow(row[_NAME], TrainingRequest(**options)) for row, options in zip(rows, requests, strict=True)
    )


def train_rows(
    rows: Sequence[AblationRow],
    pairs: Mapping[str, Pairs],
    *,
    out: Path,
    hardware: Hardware | None = None,
    told: Told | None = None,
) -> Iterator[TrainedRow]:
    """Train one row after the other, each in a folder of its name; what is finished is not done again.

    Parameters
    ----------
    rows : sequence of AblationRow
        What to train.
    pairs : Mapping of str to Pairs
        What all of them learn from ("train"), and what says which checkpoint is best ("val").
    out : Path
        Folder of the runs.
    hardware : Hardware or None
        Where it computes.
    told : Told or None
        Who is told.

    Yields
    ------
    TrainedRow
        Each row when it is done; one whose weights are not at hand is left out and says so.

    Raises
    ------
    CelleError
        As :func:`napari_celle.train.transformer.train_transformer`.
    """
    told = told or Told()
    for row in rows:
        try:
            begun = begin(row.request, on_step=told.on_step)
        except (WeightsError, DownloadError) as error:
            yield TrainedRow(row, missing=str(error))
            continue
        train_transformer(assemble(row.request, begun, pairs), out=out / row.name, hardware=hardware, told=told)
        yield TrainedRow(row, out / row.name / MODEL)


def _problems(common: object, rows: object) -> list[str]:
    if not isinstance(common, Mapping) or not isinstance(rows, list) or not rows:
        return ["It needs at least one table [[row]], and may have a table [common]."]
    problems = [f"In common: {text}" for text in _wrong(common)]
    for number, row in enumerate(rows, start=1):
        name = row.get(_NAME)
        if not isinstance(name, str) or not name or Path(name).name != name:
            problems.append(f"Row {number} has no name that could be that of a folder.")
        problems += [f"Row {number}: {text}" for text in _wrong({key: row[key] for key in row if key != _NAME})]
    names = [row.get(_NAME) for row in rows]
    problems += [f"Two rows are called {name!r}." for name in sorted({str(n) for n in names if names.count(n) > 1})]
    return problems


def _wrong(options: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the options of a row, or of all."""
    strange = sorted(set(options) - set(_OPTIONS))
    problems = [f"There is no option {', '.join(strange)}; there are {', '.join(_OPTIONS)}."] if strange else []
    return problems + [
        f"The {name} {value!r} is of the wrong kind."
        for name, value in options.items()
        if name in _OPTIONS and not _fits(value, _OPTIONS[name])
    ]


def _fits(value: object, hint: object) -> bool:
    """Tell whether a value of a TOML file is what an attribute is annotated with."""
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if get_origin(hint) is UnionType or get_origin(hint) is Union:
        return any(_fits(value, each) for each in get_args(hint))
    return type(value) is hint or (hint is float and type(value) is int)
