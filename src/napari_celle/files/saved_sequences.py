"""Proteins that were predicted lately, and favourites: one JSON file in the user's folder."""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from platformdirs import user_data_path

from napari_celle.errors import OutputError
from napari_celle.types import SequenceRecord

RECENT = 20
"""How many of the latest proteins are kept."""

Records = tuple[SequenceRecord, ...]


@dataclass(frozen=True, slots=True)
class SavedSequences:
    """What a file of saved proteins holds.

    Attributes
    ----------
    recent : tuple of SequenceRecord
        The newest first, at most ``RECENT``.
    favourites : tuple of SequenceRecord
        The newest first.
    """

    recent: Records = ()
    favourites: Records = ()


def saved_sequences_path() -> Path:
    """Return where proteins are saved: in the user's data folder."""
    return user_data_path("napari-celle", appauthor=False) / "sequences.json"


def read_saved(path: Path) -> SavedSequences:
    """Return what is saved: nothing where there is no file, or one that cannot be read as ours."""
    found: object = None
    with suppress(OSError, ValueError, RecursionError):
        found = json.loads(path.read_text(encoding="utf-8"))
    lists = found if isinstance(found, dict) else {}
    return SavedSequences(_records(lists.get("recent"))[:RECENT], _records(lists.get("favourites")))


def remember(path: Path, record: SequenceRecord) -> None:
    """Put a protein at the top of the recent ones.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    saved = read_saved(path)
    _write(path, SavedSequences(_first(record, saved.recent)[:RECENT], saved.favourites))


def star(path: Path, record: SequenceRecord, *, is_favourite: bool) -> None:
    """Put a protein at the top of the favourites, or take it from them.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    saved = read_saved(path)
    favourites = _first(record, saved.favourites)
    _write(path, SavedSequences(saved.recent, favourites if is_favourite else favourites[1:]))


def _first(record: SequenceRecord, records: Records) -> Records:
    return (record, *(other for other in records if other != record))


def _records(entries: object) -> Records:
    """Return the entries of a list that are proteins."""
    return tuple(
        SequenceRecord(name=entry["name"], sequence=entry["sequence"])
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("name"), str) and _is_protein(entry.get("sequence"))
    )


def _is_protein(sequence: object) -> bool:
    return isinstance(sequence, str) and sequence.isascii() and sequence.isalpha() and sequence.isupper()


def _write(path: Path, saved: SavedSequences) -> None:
    """Replace the file at once: a crash leaves the one before."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(asdict(saved), indent=1) + "\n", encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise OutputError(
            f"The protein cannot be saved in {path}: {error.strerror}. Make room there, or allow writing."
        ) from error
