"""Physico-chemical descriptors of amino acids: 66 published values a residue."""

import numpy as np

from napari_celle.alphabet import Alphabet
from napari_celle.errors import CelleError

FAMILIES: dict[str, tuple[str, int]] = {
    "BLOSUM": ("BLOSUM", 10),
    "CRUCIANI": ("PP", 3),
    "FASGAI": ("F", 6),
    "KIDERA": ("KF", 10),
    "MSWHIM": ("MSWHIM", 3),
    "PROTFP": ("ProtFP", 8),
    "ST_SCALES": ("ST", 8),
    "T_SCALES": ("T", 5),
    "VHSE": ("VHSE", 8),
    "Z_SCALES": ("Z", 5),
}
"""In the order of the values: table of the package ``peptides``, prefix of its columns, number of columns."""

DESCRIPTORS = sum(columns for _, columns in FAMILIES.values())
"""Values a residue: 66."""

RARE: dict[str, str] = {"B": "DN", "Z": "EQ", "U": "C", "O": "K"}
"""Standard amino acids whose mean stands for a rare letter: B is D or N, Z is E or Q, selenocysteine U is closest to
cysteine and pyrrolysine O to lysine. X, which can be any, has zeros, as the special tokens have."""


def descriptor_table(alphabet: Alphabet) -> np.ndarray:
    """Return the descriptors of each token.

    Parameters
    ----------
    alphabet : Alphabet
        Tokens, T of them.

    Returns
    -------
    np.ndarray
        (T, 66) float32, without unit, about -5 to 10; zeros for what is no amino acid.

    Raises
    ------
    CelleError
        If the package ``peptides`` is not installed.
    """
    columns = _columns()  # (66, 20)
    table = np.zeros((len(alphabet.tokens), DESCRIPTORS), dtype=np.float32)
    for number, token in enumerate(alphabet.tokens):
        same = RARE.get(token, token)
        if all(letter in columns[0] for letter in same):
            table[number] = [np.mean([column[letter] for letter in same]) for column in columns]
    return table


def _columns() -> list[dict[str, float]]:
    """Return the 66 columns, each from amino acid to value."""
    try:
        from peptides import tables
    except ImportError as error:
        raise CelleError(
            f"Amino-acid descriptors need the package peptides, which could not be imported ({error}). "
            "Install it: pip install 'napari-celle[published]'"
        ) from error
    return [
        getattr(tables, family)[f"{prefix}{number}"]
        for family, (prefix, count) in FAMILIES.items()
        for number in range(1, count + 1)
    ]
