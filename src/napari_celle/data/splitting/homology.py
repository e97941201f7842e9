"""Families of similar proteins, found by MMseqs2 or CD-HIT, which are programs of their own.

MMseqs2 is run so that proteins of two families are less alike than the threshold, as far as it sees (families are
connected components of all alignments over 80 % of both proteins). CD-HIT compares each protein with the first of each
family only: at 40 % two proteins that are 80 % identical may come into two families. So MMseqs2 is taken where it is
installed, and CD-HIT where it is alone.
"""

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from napari_celle.data.splitting.programs import read_output, run_program
from napari_celle.errors import CelleError

LOWEST, HIGHEST = 0.15, 0.95
"""Identities that families can be made of."""

MMSEQS, CD_HIT = "mmseqs", "cd-hit"
CD_HIT_LOWEST = 0.4
_COVERAGE = 0.8  # of both proteins: an alignment over less says nothing of the whole
_SENSITIVE = ("-s", "7.5", "--max-seqs", "1000")
_CONNECTED = ("--cluster-mode", "1", "--single-step-clustering")
_WORDS = ((0.7, 5), (0.6, 4), (0.5, 3), (CD_HIT_LOWEST, 2))  # CD-HIT's manual: word length from this identity on
_INSTALL = (
    "Install MMseqs2 (Debian and Ubuntu: apt install mmseqs2; conda: mmseqs2), or, for 40 % and more, CD-HIT (apt "
    "install cd-hit)."
)


@dataclass(frozen=True, slots=True)
class Families:
    """What a program made of some proteins.

    Attributes
    ----------
    number_of : Mapping of str to int
        Sequence to the number of its family.
    program : str
        "mmseqs" or "cd-hit".
    """

    number_of: Mapping[str, int]
    program: str


def find_families(sequences: Iterable[str], *, identity: float) -> Families:
    """Put proteins that are similar into one family.

    Parameters
    ----------
    sequences : iterable of str
        Proteins; each counts once.
    identity : float
        Share of equal residues from which on proteins are similar, 0.15 to 0.95: of the alignment (MMseqs2) or of the
        shorter protein (CD-HIT).

    Raises
    ------
    CelleError
        The identity is out of range; no program is installed that can do it; it fails.
    """
    if not LOWEST <= identity <= HIGHEST:
        raise CelleError(f"An identity of {identity:g} is not from {LOWEST} to {HIGHEST}. Give for example 0.5.")
    program = _program(identity)
    proteins = sorted(set(sequences))
    with _fasta(proteins) as fasta:
        found = {MMSEQS: _mmseqs, CD_HIT: _cd_hit}[program](fasta, identity)
    return Families(_numbered(proteins, found), program)


def _program(identity: float) -> str:
    if shutil.which(MMSEQS):
        return MMSEQS
    if shutil.which(CD_HIT) is None:
        raise CelleError(f"Neither MMseqs2 nor CD-HIT is installed, and one must look for similar proteins. {_INSTALL}")
    if identity < CD_HIT_LOWEST:
        raise CelleError(f"CD-HIT goes down to {CD_HIT_LOWEST:.0%}, not to {identity:.0%}. {_INSTALL}")
    return CD_HIT


def highest_identity(sequences: Iterable[str], split_of: Mapping[str, str]) -> float | None:
    """Return the highest identity between proteins of different splits; None where MMseqs2 is not installed.

    Parameters
    ----------
    sequences : iterable of str
        Proteins.
    split_of : Mapping of str to str
        Sequence to its split.

    Returns
    -------
    float or None
        Share of equal residues of an alignment over 80 % of both proteins, in [0, 1]; 0 where none are similar.
    """
    if shutil.which(MMSEQS) is None:
        return None
    proteins = sorted(set(sequences))
    splits = [split_of[protein] for protein in proteins]
    with _fasta(proteins) as fasta:
        found = _search(fasta)
    return max((alike for one, other, alike in found if splits[one] != splits[other]), default=0.0)


@contextmanager
def _fasta(proteins: Sequence[str]) -> Iterator[Path]:
    """Give a FASTA file whose names are numbers, in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="napari-celle-") as folder:
        path = Path(folder) / "proteins.fasta"
        path.write_text("".join(f">{number}\n{protein}\n" for number, protein in enumerate(proteins)))
        yield path


def _mmseqs(fasta: Path, identity: float) -> dict[int, str]:
    """Return number of the protein to name of its family."""
    out = fasta.with_name("families")
    least = ("--min-seq-id", f"{identity:g}", "-c", f"{_COVERAGE:g}")
    run_program(MMSEQS, "easy-cluster", fasta, out, fasta.with_name("tmp"), *least, *_SENSITIVE, *_CONNECTED)
    lines = read_output(MMSEQS, Path(f"{out}_cluster.tsv")).splitlines()
    return {int(member): family for family, member in (line.split("\t") for line in lines)}


def _cd_hit(fasta: Path, identity: float) -> dict[int, str]:
    """Return number of the protein to name of its family; proteins that are too short for it are not there."""
    out, words = fasta.with_name("families"), next(words for least, words in _WORDS if identity >= least)
    options = ("-c", f"{identity:g}", "-n", str(words), "-l", str(words - 1), "-d", "0", "-M", "0")
    run_program(CD_HIT, "-i", fasta, "-o", out, *options)
    found, family = {}, ""
    for line in read_output(CD_HIT, Path(f"{out}.clstr")).splitlines():
        if line.startswith(">"):
            family = line
        elif member := re.search(r">(\d+)\.\.\.", line):
            found[int(member[1])] = family
    return found


def _search(fasta: Path) -> list[tuple[int, int, float]]:
    """Return (protein, protein, identity) of all alignments over most of both."""
    out = fasta.with_name("alignments.tsv")
    options = ("-c", f"{_COVERAGE:g}", *_SENSITIVE, "--format-output", "query,target,fident")
    run_program(MMSEQS, "easy-search", fasta, fasta, out, fasta.with_name("tmp"), *options)
    lines = (line.split("\t") for line in read_output(MMSEQS, out).splitlines())
    return [(int(query), int(target), float(alike)) for query, target, alike in lines]


def _numbered(proteins: Sequence[str], found: Mapping[int, str]) -> dict[str, int]:
    """Return protein to number of its family; one that the program left out stands alone."""
    names = [found.get(number, f"alone {number}") for number in range(len(proteins))]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return {protein: numbers[name] for protein, name in zip(proteins, names, strict=True)}
