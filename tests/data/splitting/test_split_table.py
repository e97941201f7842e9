"""A table is written again with its splits, and stays what it was otherwise."""

import shutil

import pandas as pd
import pytest

from napari_celle.data.splitting import homology, split_table
from napari_celle.data.splitting.split_table import SplitCounts
from napari_celle.errors import CelleError, OutputError

SHARES = {"train": 0.5, "val": 0.25, "test": 0.25}
PROTEINS = ("MKRAP", "MKRAPW", "WDERP", "WDERPA", "ADERP", "ADERPA", "CDERP", "CDERPA")


@pytest.fixture
def table(tmp_path):
    """Eight proteins with two pictures each, which nobody has."""
    rows = [f"n{number}.tif,p{number}.tif,{PROTEINS[number % 8].lower()},007" for number in range(16)]
    (tmp_path / "table.csv").write_text("\n".join(["nucleus,protein,sequence,plate", *rows]))
    return tmp_path / "table.csv"


def _families(monkeypatch):
    """Proteins that begin with the same letter are a family."""
    numbers = {protein: ord(protein[0]) for protein in PROTEINS}
    monkeypatch.setattr(split_table, "find_families", lambda *_, **__: homology.Families(numbers, "mmseqs"))
    monkeypatch.setattr(split_table, "highest_identity", lambda *_: 0.25)


def _read(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def test_all_pictures_of_a_protein_are_in_one_split(table):
    report = split_table.split_table(table, table.with_name("out.csv"), SHARES, seed=0)
    assert report.splits == {
        "train": SplitCounts(8, 4, 4),
        "val": SplitCounts(4, 2, 2),
        "test": SplitCounts(4, 2, 2),
    }
    assert (report.program, report.highest_identity) == ("", None)
    frame = _read(table.with_name("out.csv"))
    pd.testing.assert_frame_equal(frame.drop(columns="split"), _read(table))
    assert (frame.groupby("sequence")["split"].nunique() == 1).all()


def test_families_stay_together_and_what_looked_for_them_is_told(table, monkeypatch):
    _families(monkeypatch)
    report = split_table.split_table(table, table, SHARES, seed=0, identity=0.3)
    assert report.splits["train"] == SplitCounts(8, 4, 2)
    assert (report.program, report.highest_identity) == ("mmseqs", 0.25)
    frame = _read(table)
    assert (frame.groupby(frame["sequence"].str[0])["split"].nunique() == 1).all()


def test_a_split_that_was_there_is_replaced(table):
    split_table.split_table(table, table, SHARES, seed=0)
    first = _read(table)
    split_table.split_table(table, table, SHARES, seed=3)
    assert list(_read(table)) == list(first)
    assert not _read(table).equals(first)


def test_sequences_that_are_none_are_told_before_anything_is_written(table):
    table.write_text(table.read_text().replace("wderpa,", "wd*rpa,"))
    with pytest.raises(CelleError, match=r"2 of 16 rows .* line 5: .*stop codon.* line 13: .*stop codon"):
        split_table.split_table(table, table.with_name("out.csv"), SHARES, seed=0)
    assert not table.with_name("out.csv").exists()


def test_another_folder_is_refused_because_paths_would_break(table, tmp_path):
    with pytest.raises(OutputError, match=r"The paths in .*table\.csv begin in its folder"):
        split_table.split_table(table, tmp_path / "other" / "out.csv", SHARES, seed=0)


def test_a_table_that_cannot_be_written_is_told_and_leaves_the_old_one(table):
    (table.parent / "table.csv.part").mkdir()
    before = table.read_text()
    with pytest.raises(OutputError, match="cannot be written"):
        split_table.split_table(table, table, SHARES, seed=0)
    assert table.read_text() == before
    shutil.rmtree(table.parent / "table.csv.part")
