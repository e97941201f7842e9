"""The token alphabets that protein language models read, and the sequence part of a published model's input.

Ids and rules are those of TAPE and fair-esm. What the published loaders get wrong is mended unless ``faithful="all"``;
the numbers of the oddities are those of docs/upstream-differences.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from napari_celle.errors import SequenceError
from napari_celle.types import Faithful

_TOKEN = re.compile(r"<[a-z0-9_]+>|.", re.DOTALL)  # "<mask>", or one letter


@dataclass(frozen=True, slots=True)
class Alphabet:
    """Names and ids of the tokens.

    Attributes
    ----------
    name : str
        What it is called in messages.
    tokens : tuple of str
        The token of each id: one-letter residues, and special ones like "<cls>".
    start, end, pad : int
        Ids before the first residue, after the last, and of what fills the window.
    mask : int or None
        Id of a residue that is not told, if there is one.
    framed : bool
        Start and end have places beside the window (ESM). Otherwise the model itself puts the start before the text,
        and the end takes the place of a residue (TAPE).
    like_x : str
        Letters that share the id of X.
    """

    name: str
    tokens: tuple[str, ...]
    start: int
    end: int
    pad: int
    mask: int | None
    framed: bool = False
    like_x: str = ""

    @property
    def ids(self) -> dict[str, int]:
        """Id of each token that may stand in a sequence: residues, "<mask>" and what else is no frame."""
        frame = (self.start, self.end, self.pad)
        ids = {token: number for number, token in enumerate(self.tokens) if number not in frame}
        return ids | dict.fromkeys(self.like_x, ids["X"])

    def residues_in(self, ids: np.ndarray) -> int:
        """Return how many of the ids (N,) are residues, told or not."""
        return int((~np.isin(ids, (self.start, self.end, self.pad))).sum())


TAPE = Alphabet(
    name="TAPE",
    tokens=("<pad>", "<mask>", "<cls>", "<sep>", "<unk>", *"ABCDEFGHIKLMNOPQRSTUVWXYZ"),
    start=2,
    end=3,
    pad=0,
    mask=1,
)
"""30 tokens: TAPE's BERT."""

UNIREP = Alphabet(
    name="UniRep",
    tokens=("<pad>", *"MRHKDESTNQCUGPAVIFYWLOX", "<cls>", "<sep>"),
    start=24,
    end=25,
    pad=0,
    mask=None,
    like_x="BJZ",
)
"""26 tokens: TAPE's UniRep."""

ESM = Alphabet(
    name="ESM",
    tokens=("<cls>", "<pad>", "<eos>", "<unk>", *"LAGVSERTIDPKQNFYMHWCXBUZO.-", "<null_1>", "<mask>"),
    start=0,
    end=2,
    pad=1,
    mask=32,
    framed=True,
)
"""33 tokens: ESM-1b and ESM-2."""

ALPHABETS: dict[str, Alphabet] = {
    "tape-bert": TAPE,
    "unirep": UNIREP,
    "esm1b": ESM,
    "esm2": ESM,
    "descriptors": TAPE,
    "one-hot": TAPE,
    "random": TAPE,
    "none": TAPE,
    "array": TAPE,
}
"""The alphabet of each ``EmbeddingConfig.kind``."""


def tokenize(
    sequence: str, alphabet: Alphabet, *, window: int, start: int = 0, faithful: Faithful = "none"
) -> np.ndarray:
    """Return the ids of the sequence part of a model's input.

    Parameters
    ----------
    sequence : str
        Residues in upper-case one-letter code; "<mask>" may stand for residues that are not told.
    alphabet : Alphabet
        Tokens of the model.
    window : int
        Residues that the model reads.
    start : int
        First residue that is read, 0-based. In a longer protein with ``faithful="all"`` the first token, which for
        ESM counts "<cls>".
    faithful : str
        "none": a protein of exactly ``window`` residues keeps all of them (oddity 2), a longer one can be read to its
        last residue (oddity 3), and the ESM window of a longer one holds ``window`` residues, "<cls>" if it begins at
        the first residue and "<eos>" if it reaches the last (oddity 32). "all": the rules of the published loaders.

    Returns
    -------
    np.ndarray
        int64 ids: (window,), or (window + 2,) if the alphabet is framed. TAPE's "<cls>" is not among them, the model
        puts it before.

    Raises
    ------
    SequenceError
        If a letter is not in the alphabet (named with its place), or ``start`` is outside the sequence.

    Examples
    --------
    >>> tokenize("MA", ESM, window=4).tolist()
    [0, 20, 5, 2, 1, 1]
    >>> tokenize("MAC", TAPE, window=4).tolist()
    [16, 5, 7, 3]
    """
    residues = _residue_ids(sequence, alphabet)
    read = _read_as_published if faithful == "all" else _read
    tokens = read(residues, alphabet, window, start)
    padded = np.full(places(alphabet, window), alphabet.pad, dtype=np.int64)
    padded[: len(tokens)] = tokens
    return padded


def places(alphabet: Alphabet, window: int) -> int:
    """Return how many tokens :func:`tokenize` gives.

    Examples
    --------
    >>> places(ESM, 1000), places(TAPE, 1000)
    (1002, 1000)
    """
    return window + 2 if alphabet.framed else window


def letters_of(sequence: str) -> list[str]:
    """Split a sequence into its residues and special tokens.

    Examples
    --------
    >>> letters_of("MA<mask>C")
    ['M', 'A', '<mask>', 'C']
    """
    return _TOKEN.findall(sequence)


def detokenize(ids: Sequence[int] | np.ndarray, alphabet: Alphabet) -> str:
    """Spell ids (N,) out, special tokens too.

    Examples
    --------
    >>> detokenize([0, 20, 32, 2, 1], ESM)
    '<cls>M<mask><eos><pad>'
    """
    return "".join(alphabet.tokens[number] for number in ids)


def _residue_ids(sequence: str, alphabet: Alphabet) -> list[int]:
    """Return the id of each residue, or raise a SequenceError for the first that has none."""
    ids = alphabet.ids
    letters = letters_of(sequence)
    for place, letter in enumerate(letters, start=1):
        if letter not in ids:
            known = "".join(sorted(token for token in ids if token.isalpha()))
            raise SequenceError(
                f"{letter!r} at residue {place:,} is not in the alphabet of this model ({alphabet.name}). "
                f"Use only {known}{', or <mask> for a residue that is not told' if '<mask>' in ids else ''}."
            )
    return [ids[letter] for letter in letters]


def _read(residues: list[int], alphabet: Alphabet, window: int, start: int) -> list[int]:
    """Take ``window`` residues from ``start``, with the tokens of those ends of the protein that are in sight."""
    _check_start(start, len(residues))
    part = residues[start : start + window]
    before = [alphabet.start] if alphabet.framed and start == 0 else []
    after = [alphabet.end] if start + window >= len(residues) else []
    return (before + part + after)[: places(alphabet, window)]  # a full TAPE window has no place for its end


def _read_as_published(residues: list[int], alphabet: Alphabet, window: int, start: int) -> list[int]:
    """Take the tokens that the published loaders take (oddities 2, 3 and 32)."""
    tokens = [alphabet.start, *residues, alphabet.end] if alphabet.framed else residues
    room = places(alphabet, window)
    if len(tokens) > room:
        _check_start(start, len(tokens) - room)  # the last start is never drawn
        return tokens[start : start + room]
    _check_start(start, 1)
    return tokens if alphabet.framed else [*residues[: window - 1], *([alphabet.end] * (len(residues) < window))]


def _check_start(start: int, stop: int) -> None:
    if not 0 <= start < stop:
        raise SequenceError(
            f"The sequence cannot be read from place {start + 1}: choose a first residue from 1 to {stop:,}."
            if stop > 0
            else "The sequence is empty. Give at least one residue."
        )
