"""The proteins that somebody wants pictures of: named on the command line or in a file."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from napari_celle.errors import CelleError
from napari_celle.files.fasta import read_fasta
from napari_celle.sequence import clean

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, slots=True)
class Target:
    """One protein.

    Attributes
    ----------
    name : str
        Gene (TOP1), Ensembl gene (ENSG00000198900) or UniProt accession (P11387).
    sequence : str
        Cleaned; "" where it is to be looked up.
    """

    name: str
    sequence: str = ""


def read_targets(text: str) -> tuple[Target, ...]:
    """Return the targets that a text names, each once, in their order.

    Parameters
    ----------
    text : str
        Names with commas between, or the path of a file: a FASTA file, a CSV with the column ``target`` and, if
        wanted, ``sequence``, or text with one name a line, where # begins a remark.

    Raises
    ------
    CelleError
        If there is no such file, it names nothing, or naming all that cannot be a target.

    Examples
    --------
    >>> [target.name for target in read_targets("TOP1, ENSG00000136997,TOP1")]
    ['TOP1', 'ENSG00000136997']
    """
    path = Path(text)
    if path.is_file():
        found = tuple(_read(path))
    elif path.suffix.lower() in (".csv", ".txt", ".fasta", ".fa", ".tsv") or len(path.parts) > 1:
        raise CelleError(f"There is no file {path}. Give a file of targets, or names with commas between.")
    else:
        found = tuple(Target(name.strip()) for name in text.split(",") if name.strip())
    if not found:
        raise CelleError(f"{text!r} names no target. Give genes, Ensembl genes (ENSG...) or UniProt accessions.")
    wrong = [target.name for target in found if not _NAME.fullmatch(target.name)]
    if wrong:
        raise CelleError(f"These cannot be targets: {', '.join(map(repr, wrong))}. Give genes, like TOP1.")
    once: dict[str, Target] = {}
    for target in found:
        once.setdefault(target.name.upper(), target)
    return tuple(once.values())


def _read(path: Path) -> Iterator[Target]:
    """Yield the targets of a file, by what its first line looks like."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CelleError(f"{path} cannot be read as text ({error}). Give a file of targets.") from None
    if content.lstrip().startswith(">"):
        for record in read_fasta(path):
            yield Target(_accession(record.name), record.sequence)
    elif "target" in _columns(content):
        yield from _read_csv(content, path)
    else:
        names = (line.partition("#")[0].strip() for line in content.splitlines())
        yield from (Target(name) for name in names if name)


def _accession(name: str) -> str:
    """Return the accession of a UniProt header, sp|P11387|TOP1_HUMAN; another name as it is."""
    parts = name.split("|")
    return parts[1] if len(parts) == 3 else name


def _columns(content: str) -> list[str]:
    return next(csv.reader(io.StringIO(content)), [])


def _read_csv(content: str, path: Path) -> Iterator[Target]:
    for number, row in enumerate(csv.DictReader(io.StringIO(content)), start=2):  # 1 is the header
        sequence = (row.get("sequence") or "").strip()
        try:
            yield Target((row["target"] or "").strip(), clean(sequence) if sequence else "")
        except CelleError as error:
            raise CelleError(f"{path}, line {number}: {error}") from None
