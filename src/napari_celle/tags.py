"""What is done to a protein before it is looked at: tags at its ends, and a scrambled control."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from napari_celle.sequence import clean, fuse

Terminus = Literal["N", "C"]

OPENCELL_LINKER = "GGGLEVLFQGPGSG"
"""Between mNeonGreen2-11 and the protein in OpenCell: Cho et al., Science 2022, doi:10.1126/science.abi6983."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A peptide or protein that is fused to another to see it or to pull it down.

    Attributes
    ----------
    name : str
        As on a plasmid map.
    sequence : str
        One-letter code, with a start methionine if it has one of its own.
    source : str
        Where the sequence is published.
    """

    name: str
    sequence: str
    source: str


_PRESETS = (
    Tag(
        "eGFP",
        "MVSKGEELFTGVVPILVELDGDVNGHKFSVSGEGEGDATYGKLTLKFICTTGKLPVPWPTLVTTLTYGVQCFSRYPDHMKQHDFFKSAMPEGYVQERTIFF"
        "KDDGNYKTRAEVKFEGDTLVNRIELKGIDFKEDGNILGHKLEYNYNSHNVYIMADKQKNGIKVNFKIRHNIEDGSVQLADHYQQNTPIGDGPVLLPDNHYL"
        "STQSALSKDPNEKRDHMVLLEFVTAAGITLGMDELYK",
        "UniProt C5MKY7; Cormack, Valdivia and Falkow, Gene 1996, 173:33",
    ),
    Tag(
        "mCherry",
        "MVSKGEEDNMAIIKEFMRFKVHMEGSVNGHEFEIEGEGEGRPYEGTQTAKLKVTKGGPLPFAWDILSPQFMYGSKAYVKHPADIPDYLKLSFPEGFKWERV"
        "MNFEDGGVVTVTQDSSLQDGEFIYKVKLRGTNFPSDGPVMQKKTMGWEASSERMYPEDGALKGEIKQRLKLKDGGHYDAEVKTTYKAKKPVQLPGAYNVNI"
        "KLDITSHNEDYTIVEQYERAEGRHSTGGMDELYK",
        "UniProt X5DSL3, GenBank AAV52164, FPbase ZERB6; Shaner et al., Nat Biotechnol 2004, doi:10.1038/nbt1037",
    ),
    Tag(
        "mNeonGreen2-11",
        "TELNFKEWQKAFTDMM",
        "the strand that OpenCell adds: Feng et al., Nat Commun 2017, doi:10.1038/s41467-017-00494-8",
    ),
    Tag("FLAG", "DYKDDDDK", "Hopp et al., Bio/Technology 1988, 6:1204"),
    Tag("HA", "YPYDVPDYA", "Field et al., Mol Cell Biol 1988, 8:2159"),
    Tag("His6", "HHHHHH", "Hochuli et al., Bio/Technology 1988, 6:1321"),
)

TAGS: Mapping[str, Tag] = {tag.name: tag for tag in _PRESETS}
"""Presets by name."""


def tagged(sequence: str, tag: str, *, terminus: Terminus, linker: str = "") -> str:
    """Return a protein with a tag, as the cell would make it.

    A start methionine stands at the front and nowhere else at a seam: the second part loses its own, and a tag without
    one gets one when it comes first and the protein had one. A protein that begins with another residue, for example a
    fragment, stays as it is.

    Parameters
    ----------
    sequence : str
        The protein; cleaned as :func:`napari_celle.sequence.clean` does.
    tag : str
        Residues of the tag, for example ``TAGS["eGFP"].sequence``.
    terminus : str
        "N" puts the tag before the protein, "C" behind it.
    linker : str
        Residues between the two; white space or nothing for none.

    Raises
    ------
    SequenceError
        If one of the parts cannot be read, or the whole is too long.

    Examples
    --------
    >>> tagged("MPKKKRKV", "TELN", terminus="N", linker="GGG")
    'MTELNGGGPKKKRKV'
    >>> tagged("MPKKKRKV", "MVSK", terminus="C")
    'MPKKKRKVVSK'
    """
    protein, label = clean(sequence), clean(tag)
    first, last = (label, protein) if terminus == "N" else (protein, label)
    if terminus == "N" and protein.startswith("M") and not label.startswith("M"):
        first = f"M{label}"
    parts = (first, linker, last.removeprefix("M"))
    return fuse(*(part for part in parts if part.strip()))


def scrambled(sequence: str, *, seed: int) -> str:
    """Return the residues of a protein in random order, a control of the same length and composition.

    A start methionine stays where it is. The same seed gives the same order.

    Parameters
    ----------
    sequence : str
        The protein; cleaned as :func:`napari_celle.sequence.clean` does.
    seed : int
        0 or above.

    Raises
    ------
    SequenceError
        If the sequence cannot be read.

    Examples
    --------
    >>> control = scrambled("MPKKKRKVED", seed=0)
    >>> control[0], sorted(control) == sorted("MPKKKRKVED")
    ('M', True)
    """
    protein = clean(sequence)
    start = "M" if protein.startswith("M") else ""
    return start + "".join(np.random.default_rng(seed).permutation(list(protein[len(start) :])))
