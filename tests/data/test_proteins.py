import numpy as np
import pandas as pd
import pytest

from napari_celle.data.proteins import (
    HELD_OUT_ACCESSIONS,
    LOCATIONS,
    SHARED_RESIDUES,
    pieces,
    read_proteins,
)
from napari_celle.errors import CelleError

HEADER = ["accession", "kingdom", "gene", "partition", *LOCATIONS, "sequence"]
RELATIVE = "MKLV" * 10


def row(accession, *, fold=0, kingdom="Metazoa", gene="", sequence="ACDEFGHIKLMNPQRSTVWY", nuclear=1):
    labels = ["0", str(nuclear), *["0"] * 8]
    return ",".join([accession, kingdom, gene, str(fold), *labels, sequence])


@pytest.fixture
def table(tmp_path):
    rows = [
        row("Q1", fold=0),
        row("Q2", fold=1, kingdom="Viridiplantae"),
        row("Q3", fold=4),
        row("P01106", fold=0),
        row("P01106-2", fold=0),
        row("Q4", gene="TOP1", fold=0),
        row("Q5", fold=0, sequence="GG" + RELATIVE[3 : 3 + SHARED_RESIDUES] + "GG"),
        row("Q6", fold=0, sequence="GG" + RELATIVE[3 : 2 + SHARED_RESIDUES] + "GG", nuclear=0),
    ]
    path = tmp_path / "table.csv"
    path.write_text("\n".join([",".join(HEADER), *rows]))
    return path


def test_only_the_folds_that_were_asked_for_are_read(table):
    assert read_proteins(table, folds=(1, 4)).accessions == ("Q2", "Q3")
    assert read_proteins(table, folds=(1, 4), plants=False).accessions == ("Q3",)


def test_proteins_of_the_experiments_and_their_relatives_are_left_out(table):
    kept = read_proteins(table, folds=(0,), held_out=[RELATIVE])
    assert kept.accessions == ("Q1", "Q6")
    np.testing.assert_array_equal(kept.locations[:, LOCATIONS.index("Nucleus")], [True, False])


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(CelleError, match=r"nowhere\.csv"):
        read_proteins(tmp_path / "nowhere.csv", folds=(0,))


def test_no_protein_that_is_learned_from_shares_fifteen_residues_with_an_experiment(shared):
    data = shared / "data"
    experiments = [
        *pd.read_csv(data / "top1_constructs.csv")["fusion_sequence"],
        *pd.read_csv(data / "top1_constructs.csv")["fusion_sequence_fragment_first"],
        *pd.read_csv(data / "gfp_nls.csv")["sequence"],
        *pd.read_csv(data / "nls_table_s10.csv")["gfp_fusion"],
    ]
    learned = read_proteins(data / "deeploc2_swissprot.csv.gz", folds=(0, 1, 2), held_out=experiments)
    forbidden = set().union(*map(pieces, experiments))
    assert len(learned) > 17_000
    assert not [name for name, s in zip(learned.accessions, learned.sequences, strict=True) if pieces(s) & forbidden]
    assert not {name.split("-")[0] for name in learned.accessions} & HELD_OUT_ACCESSIONS
