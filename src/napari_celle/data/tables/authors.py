"""Datasets as the authors of CELL-E and CELL-E 2 lay them out: a ``data_csv``, pictures, and ``metadata.json``.

Their loaders and their README name the columns differently; all of these are read, paths beginning in the table's
folder:

==========================  =========================================================================================
``image_path``              OpenCell (CELL-E 2): one TIFF of 16 bits with two pages, the nucleus and the protein
``nucleus_image_path``      HPA and CELL-E: a picture of 8 bits, of which the first channel counts
``protein_image_path``      its protein, as the README and CELL-E have it
``target_image_path``       the same, as CELL-E 2's loader has it
``protein_sequence``        the sequence, as the loaders have it; ``sequence`` in the README
``metadata_path``           a JSON file with the sequence, for rows without one: ``sequence`` or ``protein_sequence``
``split``                   "train" or "val"
==========================  =========================================================================================
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from napari_celle.data.pairs import PictureFile
from napari_celle.data.tables.pair_rows import Layout, Values
from napari_celle.errors import CelleError, ImageError, OutputError
from napari_celle.files.images import count_planes

STACK, NUCLEUS, METADATA = "image_path", "nucleus_image_path", "metadata_path"
PROTEINS = ("protein_image_path", "target_image_path")
SEQUENCES = ("protein_sequence", "sequence")
"""Names of the columns; of several spellings the first that a table has is taken."""


def authors_layout(columns: Iterable[str]) -> Layout | None:
    """Return how a table of these columns is read; None if it is not of the authors' layout.

    Examples
    --------
    >>> authors_layout(["image_path", "metadata_path", "split"]).name
    'OpenCell (two pages)'
    >>> authors_layout(["nucleus_image_path", "target_image_path", "sequence"]).name
    'HPA (channel files)'
    """
    columns = list(columns)
    protein = next((name for name in PROTEINS if name in columns), None)
    texts = tuple(name for name in SEQUENCES if name in columns)
    if not texts and METADATA not in columns:
        return None
    sequence = partial(_sequence, columns=texts)
    if NUCLEUS in columns and protein is not None:
        return Layout("HPA (channel files)", partial(_channel, NUCLEUS), partial(_channel, protein), sequence)
    if STACK in columns:
        return Layout("OpenCell (two pages)", partial(_page, 0), partial(_page, 1), sequence)
    return None


def _channel(column: str, values: Values, folder: Path) -> PictureFile:
    return PictureFile(_path(values, column, folder), channel=0)


def _page(number: int, values: Values, folder: Path) -> PictureFile:
    path = _path(values, STACK, folder)
    if (pages := count_planes(path)) != 2:
        raise ImageError(f"{path} holds {pages} pictures of one size, not two: the nucleus and the protein.")
    return PictureFile(path, channel=number)


def _path(values: Values, column: str, folder: Path) -> Path:
    if not values[column].strip():
        raise CelleError(f"The column {column} is empty.")
    return folder / values[column].strip()


def _sequence(values: Values, folder: Path, *, columns: Sequence[str]) -> str:
    written = next((values[name] for name in columns if values[name].strip()), None)
    if written is not None:
        return written
    if METADATA not in values:
        raise CelleError(f"The column {columns[0]} is empty.")
    path = _path(values, METADATA, folder)
    try:
        metadata = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CelleError(f"{path} cannot be read as JSON ({error}). It should hold the sequence.") from None
    found = [metadata[name] for name in SEQUENCES if name in metadata] if isinstance(metadata, dict) else []
    if not found or not isinstance(found[0], str):
        raise CelleError(f"{path} has no {' and no '.join(SEQUENCES)}. Write the sequence there, or into the table.")
    return found[0]


@dataclass(frozen=True, slots=True)
class AuthorsRow:
    """One pair of pictures that is to be written down; paths are relative to the folder of the table.

    Attributes
    ----------
    pictures : tuple of str
        One TIFF of two pages (OpenCell), or the files of the nucleus and of the protein (HPA).
    metadata : str
        Path of ``metadata.json``, one for all pictures of a protein.
    sequence : str
        Of the protein.
    about : Mapping of str to str
        What else to tell of the protein, for example ``target_name`` and ``ensg_id``; it goes into its JSON file.
    split : str
        "" where nothing was decided yet.
    """

    pictures: tuple[str] | tuple[str, str]
    metadata: str
    sequence: str
    about: Mapping[str, str] = field(default_factory=dict)
    split: str = ""


def write_authors_table(table: Path, rows: Sequence[AuthorsRow]) -> None:
    """Write the ``data_csv`` and the JSON files of pictures that are there; the files are complete or as they were.

    The columns have the names that the authors' loaders read, in both spellings.

    Parameters
    ----------
    table : Path
        CSV to write; its folder is made.
    rows : sequence of AuthorsRow
        All of one kind: one TIFF each, or two files each.

    Raises
    ------
    CelleError
        If the rows are of both kinds.
    OutputError
        If a file cannot be written.
    """
    if len({len(row.pictures) for row in rows}) > 1:
        raise CelleError("One table holds TIFFs of two pages or pairs of files, not both. Write two tables.")
    lines = [_line(row) for row in rows]
    if not any(row.split for row in rows):
        lines = [{name: text for name, text in line.items() if name != "split"} for line in lines]
    for row in {row.metadata: row for row in rows}.values():
        _write(table.parent / row.metadata, json.dumps({**row.about, "sequence": row.sequence}, indent=2))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(lines[0]) if lines else [STACK, METADATA, SEQUENCES[0]], lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    _write(table, text.getvalue())


def _line(row: AuthorsRow) -> dict[str, str]:
    columns = (STACK,) if len(row.pictures) == 1 else (NUCLEUS, *PROTEINS)
    files = (*row.pictures, row.pictures[-1]) if len(columns) == 3 else row.pictures
    return {
        **dict(zip(columns, files, strict=True)),
        METADATA: row.metadata,
        "split": row.split,
        SEQUENCES[0]: row.sequence,
    }


def _write(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}. Choose another folder.") from None
