"""Pieces of one protein on another: teaches that a basic stretch of a nuclear protein takes others into the nucleus.

The labels of whole proteins hardly say so. Experiments do: import signals are short, rich in lysine and arginine, and
work on other proteins (Kalderon et al. 1984; Goldfarb et al. 1986). Pieces without effect are the control.
"""

from dataclasses import replace

import numpy as np

from napari_celle.data.proteins import LOCATIONS, Proteins

SHORTEST, LONGEST = 7, 30
"""Residues of a piece."""

_CYTOPLASM = np.array([name == "Cytoplasm" for name in LOCATIONS])
_NUCLEUS = np.array([name == "Nucleus" for name in LOCATIONS])


def most_basic(sequence: str, length: int) -> str:
    """Return the run of ``length`` residues with the most K and R, the first of equals.

    Examples
    --------
    >>> most_basic("MAEDKRLKKEDFAAR", 5)
    'KRLKK'
    """
    basic = np.cumsum([0, *(letter in "KR" for letter in sequence)])
    start = int(np.argmax(basic[length:] - basic[:-length])) if len(sequence) > length else 0
    return sequence[start : start + length]


def grafted(proteins: Proteins, share: float, rng: np.random.Generator) -> Proteins:
    """Put a piece of another protein on either end of some purely cytoplasmic ones.

    Every second piece is the most basic stretch of a purely nuclear protein, and the whole becomes nuclear; the others
    are any stretch of any protein, and the whole stays cytoplasmic.

    Parameters
    ----------
    proteins : Proteins
        What to choose from; left as it is.
    share : float
        Share of the purely cytoplasmic proteins that get a piece, in [0, 1].
    rng : np.random.Generator
        For everything that is chosen.
    """
    cytoplasmic = np.flatnonzero((proteins.locations == _CYTOPLASM).all(1))
    nuclear = np.flatnonzero((proteins.locations == _NUCLEUS).all(1))
    sequences, locations = list(proteins.sequences), proteins.locations.copy()
    for index in cytoplasmic[rng.random(len(cytoplasmic)) < share]:
        imports = len(nuclear) > 0 and rng.random() < 0.5
        donor = proteins.sequences[rng.choice(nuclear) if imports else rng.integers(len(proteins))]
        length = int(rng.integers(SHORTEST, LONGEST + 1))
        start = int(rng.integers(max(1, len(donor) - length + 1)))
        piece = most_basic(donor, length) if imports else donor[start : start + length]
        sequences[index] = piece + sequences[index] if rng.random() < 0.5 else sequences[index] + piece
        locations[index] = _NUCLEUS if imports else _CYTOPLASM
    return replace(proteins, sequences=tuple(sequences), locations=locations)
