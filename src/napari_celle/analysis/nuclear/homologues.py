"""Nuclear where the most similar protein of known location is: what can be had without any model."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from napari_celle.analysis.nuclear.comparator_files import Call
from napari_celle.data.proteins import LEARN, LOCATIONS, read_proteins
from napari_celle.data.splitting.programs import read_output, run_program
from napari_celle.errors import CelleError

MMSEQS = "mmseqs"


def nearest_homologues(sequences: Sequence[str], known: Path) -> tuple[Call, ...]:
    """Call each protein as its nearest homologue among the training folds is, with MMseqs2.

    Proteins of the training folds that are the very same as one of these are left out. A protein without a homologue
    (E-value up to 0.001) is called as most of the training folds are.

    Parameters
    ----------
    sequences : sequence of str
        Proteins to call.
    known : Path
        ``deeploc2_swissprot.csv.gz``, of which folds 0 to 2 are used.

    Returns
    -------
    tuple of Call
        The score is a half plus half the identity for a nuclear homologue, a half minus that for another one, and a
        half for none.

    Raises
    ------
    CelleError
        MMseqs2 is not installed, or failed; the table cannot be read or has no other proteins.
    """
    if shutil.which(MMSEQS) is None:
        raise CelleError(
            "MMseqs2 is not installed, and it must look for similar proteins. Install it (Debian and Ubuntu: apt "
            "install mmseqs2; conda: mmseqs2), or leave the homologues out."
        )
    proteins, asked = read_proteins(known, folds=LEARN), set(sequences)
    kept = [number for number, sequence in enumerate(proteins.sequences) if sequence not in asked]
    if not kept:
        raise CelleError(f"{known} has no proteins in folds 0 to 2 that are not in the table. Give the whole table.")
    nuclear = [bool(each) for each in proteins.locations[kept, LOCATIONS.index("Nucleus")]]
    hits = best_hits(sequences, [proteins.sequences[number] for number in kept])
    most = Call(2 * sum(nuclear) > len(nuclear), 0.5)
    return tuple(_as_homologue(*hits[row], nuclear) if row in hits else most for row in range(len(sequences)))


def _as_homologue(target: int, identity: float, nuclear: Sequence[bool]) -> Call:
    return Call(nuclear[target], 0.5 + identity / 2 if nuclear[target] else 0.5 - identity / 2)


def best_hits(queries: Sequence[str], targets: Sequence[str]) -> dict[int, tuple[int, float]]:
    """Search proteins among others with MMseqs2.

    Returns
    -------
    dict
        Index of the query to index of the target with the highest bit score, and the identity of the alignment in
        [0, 1]; queries without a hit are not there.

    Raises
    ------
    CelleError
        If MMseqs2 fails.
    """
    with tempfile.TemporaryDirectory(prefix="napari-celle-") as name:
        folder = Path(name)
        for file, sequences in (("queries.fasta", queries), ("targets.fasta", targets)):
            (folder / file).write_text("".join(f">{number}\n{each}\n" for number, each in enumerate(sequences)))
        found = folder / "hits.tsv"
        run_program(
            *(MMSEQS, "easy-search", folder / "queries.fasta", folder / "targets.fasta", found, folder / "tmp"),
            *("-s", "7.5", "--format-output", "query,target,fident,bits"),
        )
        lines = [line.split("\t") for line in read_output(MMSEQS, found).splitlines()]
    best: dict[int, tuple[int, float]] = {}
    for query, target, identity, _ in sorted(lines, key=lambda line: -float(line[3])):
        best.setdefault(int(query), (int(target), float(identity)))
    return best
