"""``napari-celle data split``: what a person at a terminal sees."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from napari_celle.cli import app


@pytest.fixture
def table(tmp_path):
    rows = [f"{number}.tif,MKR{'A' * (number % 10)}" for number in range(20)]
    (tmp_path / "data.csv").write_text("\n".join(["image_path,protein_sequence", *rows]))
    return tmp_path / "data.csv"


def _run(table, *options):
    arguments = ("data", "split", "--table", table, "--out", table.with_name("split.csv"), *options)
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_a_table_is_split_by_protein(table):
    result = _run(table)
    assert result.exit_code == 0, result.stderr
    assert "train: 16 pairs, 8 proteins\nval: 2 pairs, 1 proteins\ntest: 2 pairs, 1 proteins" in result.stdout
    assert dict(pd.read_csv(table.with_name("split.csv"))["split"].value_counts()) == {"train": 16, "val": 2, "test": 2}


def test_json_is_one_object_and_nothing_else(table):
    result = _run(table, "--train", 0.5, "--val", 0.5, "--test", 0, "--seed", 3, "--json")
    answer = json.loads(result.stdout)
    assert answer["splits"]["val"] == {"pairs": 10, "proteins": 5, "families": 5}
    assert (answer["by"], answer["identity"], answer["seed"]) == ("protein", None, 3)
    assert "test" not in answer["splits"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--by", "homology"), "Neither MMseqs2 nor CD-HIT is installed"),
        (("--by", "homology", "--identity", 0.1), "0.1 is not from 0.15 to 0.95"),
        (("--identity", 0.5), "add --by homology"),
        (("--train", 0.9), "add up to 1, not train 0.9, val 0.1, test 0.1"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(table, monkeypatch, tmp_path, options, words):
    monkeypatch.setenv("PATH", str(tmp_path))
    result = _run(table, *options)
    assert result.exit_code == 1
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
