from napari_celle.analysis.nuclear.fractions import read_nuclear_table
from napari_celle.analysis.nuclear.table import nuclear_table
from napari_celle.data.proteins import LOCATIONS

HEADER = ",".join(["accession", "kingdom", "is_human", "gene", "partition", *LOCATIONS, "sequence"])


def row(accession, *, kingdom="Metazoa", human=0, fold=3, places=("Nucleus",), sequence="MKRPKKKRKVEDPLAAKKAG"):
    labels = [str(int(name in places)) for name in LOCATIONS]
    return ",".join([accession, kingdom, str(human), "", str(fold), *labels, sequence])


def test_a_fold_becomes_a_table_without_plants_and_relatives_of_what_is_held_out(tmp_path):
    path = tmp_path / "proteins.csv"
    rows = [
        row("N1", human=1, places=("Nucleus", "Cytoplasm")),
        row("C1", places=("Cytoplasm",)),
        row("P1", kingdom="Viridiplantae"),
        row("F4", fold=4),
        row("H1", sequence="MAAAAAAAAAAAAAAAAAAAAAAK"),
    ]
    path.write_text("\n".join([HEADER, *rows]))
    frame = nuclear_table(path, folds=(3,), held_out=["A" * 15])
    assert frame.drop(columns="sequence").to_dict("records") == [
        {"accession": "N1", "is_nuclear": 1, "is_human": 1, "one_location": 0},
        {"accession": "C1", "is_nuclear": 0, "is_human": 0, "one_location": 1},
    ]
    frame.to_csv(tmp_path / "nuclear.csv", index=False)
    assert read_nuclear_table(tmp_path / "nuclear.csv", by=("is_human",)).is_nuclear.tolist() == [True, False]
