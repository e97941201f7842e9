"""Read proteins from a FASTA file."""

from collections.abc import Iterable
from pathlib import Path

from napari_celle.errors import SequenceError
from napari_celle.sequence import parse
from napari_celle.types import SequenceRecord


def read_fasta(path: Path | str) -> tuple[SequenceRecord, ...]:
    """Return the proteins of a FASTA file, or of a text file with one bare sequence, in their order.

    Parameters
    ----------
    path : Path or str
        Text in UTF-8. Names may repeat.

    Raises
    ------
    SequenceError
        The file is missing, no text, empty, or holds something that is no protein; the message names the file.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SequenceError(f"There is no file {path}. Check the path of the FASTA file.") from None
    except UnicodeDecodeError:
        raise SequenceError(f"{path} is not a text file. Give a FASTA file with proteins.") from None
    except OSError as error:
        raise SequenceError(f"{path} cannot be read: {error.strerror}. Give a FASTA file with proteins.") from error
    if "\0" in text:
        raise SequenceError(f"{path} is not a text file. Give a FASTA file with proteins.")
    if not text.strip():
        raise SequenceError(f"{path} is empty. Give a FASTA file with at least one protein.")
    try:
        return parse(text)
    except SequenceError as error:
        raise SequenceError(f"{path}: {error}") from None


def fasta_text(records: Iterable[SequenceRecord]) -> str:
    r"""Return proteins as FASTA, the residues of each on one line, so that they wrap where they are shown.

    Examples
    --------
    >>> fasta_text([SequenceRecord("nls", "PKKKRKV")])
    '>nls\nPKKKRKV\n'
    """
    return "".join(f">{record.name}\n{record.sequence}\n" for record in records)
