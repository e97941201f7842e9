"""Amino-acid sequences: read what people paste, clean it, name what is wrong with it, turn it into numbers."""

import re
from collections.abc import Iterator
from string import ascii_lowercase, ascii_uppercase

import numpy as np

from napari_celle.errors import SequenceError
from napari_celle.types import SequenceRecord

AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"
"""The 20 standard amino acids, one-letter code."""

RARE_LETTERS = "BOUXZ"
"""Accepted too: B (Asx), O (pyrrolysine), U (selenocysteine), X (any), Z (Glx)."""

MAX_RESIDUES = 40_000
"""Longest sequence that is accepted; titin, the longest human protein, has 34,350 residues."""

RESIDUE_IDS = {letter: number for number, letter in enumerate(AMINO_ACIDS + RARE_LETTERS)}
MASK = "<mask>"
"""What stands for a residue that is to be found."""

MASK_ID = 25
PAD_ID = 26
RESIDUE_VOCABULARY = 27

_UPPER_CASE = str.maketrans(ascii_lowercase, ascii_uppercase)  # not str.upper, which makes SS of a German sharp s
_HEADER = re.compile(r"^[ \t]*>", flags=re.MULTILINE)
_NUCLEOTIDES = frozenset("ACGTUN")
_SHORTEST_DNA = 20  # shorter runs of A, C, G and T are plausible peptides


def clean(text: str) -> str:
    r"""Return the bare upper-case sequence of a pasted protein.

    White space, the line numbers of GenPept and UniProt records, and a trailing ``*`` are removed.

    Parameters
    ----------
    text : str
        One sequence without a FASTA header, of any case and over any number of lines.

    Returns
    -------
    str
        1 to 40,000 letters out of ``AMINO_ACIDS`` and ``RARE_LETTERS``.

    Raises
    ------
    SequenceError
        Naming the character and its 1-based place, or what else is wrong, and what to do.

    Examples
    --------
    >>> clean("        1 mskgeelftg vvpilveldg\n       21 dvngh*")
    'MSKGEELFTGVVPILVELDGDVNGH'
    """
    sequence = _join_lines(text).rstrip("*").translate(_UPPER_CASE)
    if not sequence:
        raise SequenceError(
            "The sequence is empty. Type or paste a protein in one-letter code, for example MSKGEELFTG."
        )
    _check_letters(sequence)
    if len(sequence) >= _SHORTEST_DNA and _NUCLEOTIDES.issuperset(sequence):
        raise SequenceError(
            f"This looks like DNA or RNA: {len(sequence):,} letters, all of them among A, C, G, T, U and N. "
            "Translate it first and paste the protein."
        )
    if len(sequence) > MAX_RESIDUES:
        raise SequenceError(
            f"The sequence has {len(sequence):,} residues; at most {MAX_RESIDUES:,} are accepted. "
            "Paste one protein, or the part of it that matters."
        )
    return sequence


def clean_masked(text: str) -> tuple[str, ...]:
    """Return the residues of a pasted protein, and ``MASK`` at each place that is to be found.

    Errors as :func:`clean`; a place is counted from the mask before.

    Examples
    --------
    >>> clean_masked("m<mask> <mask>ac")
    ('M', '<mask>', '<mask>', 'A', 'C')
    """
    first, *others = re.split(re.escape(MASK), text, flags=re.IGNORECASE)
    parts = [tuple(clean(part)) if part.strip() else () for part in (first, *others)]
    return tuple(letter for part in parts for letter in (MASK, *part))[1:] or tuple(clean(text))


def parse(text: str) -> tuple[SequenceRecord, ...]:
    r"""Return the proteins of a pasted text: one plain sequence, or FASTA with one or many records.

    Parameters
    ----------
    text : str
        A sequence as :func:`clean` takes it, or FASTA, whose first line with text starts with ``>``.

    Returns
    -------
    tuple of SequenceRecord
        In the order of the text; the name is the first word of the header, "" for a plain sequence.

    Raises
    ------
    SequenceError
        As :func:`clean`; it names the record where there is a header.

    Examples
    --------
    >>> parse(">nls nucleoplasmin\nKRPAATKKAGQAKKKK")
    (SequenceRecord(name='nls', sequence='KRPAATKKAGQAKKKK'),)
    """
    # Line by line, not with Bio.SeqIO: it joins the lines, and line numbers could no longer be told from stray digits.
    before, *records = _HEADER.split(text.lstrip("\ufeff"))
    if not records:
        return (SequenceRecord(name="", sequence=clean(before)),)
    if before.strip():
        raise SequenceError(
            f"There is text before the first FASTA header: {before.split()[0][:20]!r}. "
            "Start with a line like '>name', or paste one sequence without headers."
        )
    return tuple(_read_record(number, record) for number, record in enumerate(records, start=1))


def residue_places(text: str, *, record: int = 0) -> np.ndarray:
    r"""Return where the residues of a record stand in a pasted text.

    Parameters
    ----------
    text : str
        What :func:`parse` reads without an error.
    record : int
        0-based number of the record.

    Returns
    -------
    np.ndarray
        (L,) int64, rising: ``text[places[i]]`` is residue ``i`` of the record, in the case it was typed in.

    Examples
    --------
    >>> residue_places(">a\nMSKG\n>b\n 1 ms k*\n", record=1).tolist()
    [14, 15, 17]
    """
    start, stop = _body(text, record)
    words = list(_words(text[start:stop]))
    length = len("".join(word for _, word in words).rstrip("*"))
    places = [place for first, word in words for place in range(start + first, start + first + len(word))]
    return np.array(places[:length], dtype=np.int64)


def tokenize(sequence: str) -> np.ndarray:
    """Return the residue ids of a cleaned sequence: (L,) int64 in [0, 25).

    Examples
    --------
    >>> tokenize("ACX").tolist()
    [0, 1, 23]
    """
    _check_letters(sequence)
    return np.array([RESIDUE_IDS[letter] for letter in sequence], dtype=np.int64)


def read_part(length: int, *, window: int, first_residue: int = 0) -> tuple[int, int]:
    """Return (start, stop), 0-based, of the residues that a model with this window reads.

    Examples
    --------
    >>> read_part(1200, window=1000, first_residue=500)
    (500, 1200)
    """
    if not 0 <= first_residue < length:
        raise SequenceError(
            f"The first residue to read is {first_residue + 1}, but the sequence has {length:,} residues. "
            f"Choose a first residue from 1 to {length:,}."
        )
    return first_residue, min(first_residue + window, length)


def fuse(*parts: str) -> str:
    """Return one protein of cleaned parts, from the N to the C terminus; the stop of an inner part is dropped.

    Examples
    --------
    >>> fuse("mskgeel*", "PKKKRKV")
    'MSKGEELPKKKRKV'
    """
    return clean("".join(clean(part) for part in parts))


def _body(text: str, record: int) -> tuple[int, int]:
    """Return (start, stop) of what follows the header of a record; of the whole text if there are no headers."""
    mark = len(text) - len(text.lstrip("\ufeff"))
    headers = [match.span() for match in _HEADER.finditer(text[mark:])]
    if not headers:
        return 0, len(text)
    stop = mark + headers[record + 1][0] if record + 1 < len(headers) else len(text)
    line_end = text.find("\n", mark + headers[record][1], stop)
    return (stop if line_end < 0 else line_end + 1), stop


def _join_lines(text: str) -> str:
    """Join the words of all lines, without line numbers and the first and last line of a GenPept record."""
    return "".join(word for _, word in _words(text))


def _words(text: str) -> Iterator[tuple[int, str]]:
    """Give the words that hold residues, each with the place in the text where it starts."""
    head = re.match(r"\ufeff*(?:\s*ORIGIN\s*(?=\n\s*\d))?", text, flags=re.IGNORECASE)
    start = head.end() if head else 0
    tail = re.compile(r"\n\s*//\s*\Z").search(text, start)
    for line in text[start : tail.start() if tail else len(text)].splitlines(keepends=True):
        words = [(start + word.start(), word.group()) for word in re.finditer(r"\S+", line)]
        yield from _without_numbers(words)
        start += len(line)


def _without_numbers(words: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Drop the line number before or after the words of a line; all words of a ruler like "10 20 30"."""
    if all(_is_number(word) for _, word in words):
        return []
    first = 1 if _is_number(words[0][1]) else 0
    last = len(words) - 1 if _is_number(words[-1][1]) else len(words)
    return words[first:last]


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit()


def _check_letters(sequence: str) -> None:
    """Raise a SequenceError for the first character that is no residue."""
    if RESIDUE_IDS.keys() >= set(sequence):
        return
    for place, letter in enumerate(sequence, start=1):
        if letter not in RESIDUE_IDS:
            raise SequenceError(f"{letter!r} at position {place:,}{_around(sequence, place)} {_remedy(letter)}")


def _around(sequence: str, place: int) -> str:
    """Show the letters around a place, so that it is found in a long sequence."""
    start = max(place - 6, 0)
    return f" (in {sequence[start : place + 5]!r})" if len(sequence) > 1 else ""


def _remedy(letter: str) -> str:
    if letter == "*":
        return "is a stop codon inside the sequence. Paste the part before it, or the reading frame without stops."
    if letter == "-":
        return "is an alignment gap. Remove the gaps and paste the bare protein."
    if letter.isdigit():
        return "is a digit inside the sequence. Remove it, or write the residue it stands for."
    return f"is not an amino acid. Use only {AMINO_ACIDS}, or {', '.join(RARE_LETTERS)} for rare and unknown ones."


def _read_record(number: int, record: str) -> SequenceRecord:
    """Read what follows one ``>``; an error names the record."""
    header, _, body = record.partition("\n")
    name = (header.split() or [""])[0]
    try:
        return SequenceRecord(name=name, sequence=clean(body))
    except SequenceError as error:
        raise SequenceError(f"FASTA record {number}{f' ({name})' if name else ''}: {error}") from None
