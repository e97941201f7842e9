"""``napari-celle data check``: what a person at a terminal sees."""

import json

import numpy as np
import pytest
import tifffile
from typer.testing import CliRunner

from napari_celle.cli import app


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    tifffile.imwrite(tmp_path / "0.tif", rng.integers(0, 60_000, (2, 40, 36)).astype(np.uint16))
    rows = ["0.tif,MKRAP,train", "0.tif,MKRAP,val"]
    (tmp_path / "data.csv").write_text("\n".join(["image_path,sequence,split", *rows]))
    return tmp_path / "data.csv"


def _run(table, *options):
    return CliRunner().invoke(app, list(map(str, ("data", "check", "--table", table, "--size", 32, *options))))


def test_a_dataset_is_described(table):
    result = _run(table)
    assert result.exit_code == 0, result.stderr
    for words in ("OpenCell", "2 of 2 pairs", "1 proteins of 5 to 5 residues", "40 x 36 (2)", "uint16", "val: 1 pairs"):
        assert words in result.stdout
    assert "1 proteins are in several splits" in result.stderr


def test_all_problems_are_listed_and_the_exit_code_is_1(table):
    table.write_text(table.read_text() + "\n1.tif,MKRAP,val\n2.tif,MKR*AP,val")
    result = _run(table)
    assert result.exit_code == 1
    lines = [line for line in result.stderr.splitlines() if line.startswith("line ")]
    assert [line[:7] for line in lines] == ["line 4:", "line 5:"]
    assert "2 of 4 rows cannot be used" in result.stderr
    answer = _run(table, "--json")
    assert answer.exit_code == 1
    assert len(json.loads(answer.stdout)["problems"]) == 2


def test_no_table_is_told_in_one_line(tmp_path):
    result = _run(tmp_path / "none.csv")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "There is no table" in result.stderr
