"""The table of real proteins (DeepLoc 2.0's SwissProt set) as a table of nuclear and other proteins."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from napari_celle.data.proteins import LOCATIONS, read_proteins

NUCLEUS = LOCATIONS.index("Nucleus")


def nuclear_table(proteins: Path, *, folds: Iterable[int], held_out: Iterable[str] = ()) -> pd.DataFrame:
    """Return the proteins of some folds with whether they are nuclear; plants are left out.

    Parameters
    ----------
    proteins : Path
        ``deeploc2_swissprot.csv.gz``, as :func:`napari_celle.data.proteins.read_proteins` reads it.
    folds : iterable of int
        Partitions, 0-4.
    held_out : iterable of str
        Sequences whose relatives are left out.

    Returns
    -------
    pd.DataFrame
        Columns ``accession``, ``is_nuclear``, ``is_human``, ``one_location`` (each 0 or 1) and ``sequence``.
    """
    read = read_proteins(proteins, folds=folds, held_out=held_out, plants=False)
    known = pd.read_csv(proteins, usecols=["accession", "is_human"], keep_default_na=False)
    human = set(known.loc[known["is_human"].astype(str) == "1", "accession"])
    return pd.DataFrame(
        {
            "accession": read.accessions,
            "is_nuclear": read.locations[:, NUCLEUS].astype(int),
            "is_human": [int(accession in human) for accession in read.accessions],
            "one_location": (read.locations.sum(1) == 1).astype(int),
            "sequence": read.sequences,
        }
    )
