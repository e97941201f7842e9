"""``napari-celle train ablation``: from a file of rows to a table."""

import json

import pytest
from typer.testing import CliRunner

from napari_celle.cli import app

CONFIG = """
[common]
nucleus_vqgan = "celle-mini"
protein_vqgan = "celle-mini"
steps = 1
batch = 1
every = 1
residues = 20
dim = 16
depth = 1
heads = 1
precision = "32-true"

[[row]]
name = "No Sequence"
embedding = "none"

[[row]]
name = "ESM-2"
embedding = "esm2-480"
"""


@pytest.fixture
def ablation(folder, monkeypatch):
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(folder / "weights"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nobody answers: the weights cannot be fetched
    (folder / "rows.toml").write_text(CONFIG)

    def run(*options):
        words = ["train", "ablation", "--config", folder / "rows.toml", "--table", folder / "proteins.csv"]
        words += ["--out", folder / "out", "--simulated", 2, "--pictures", 2, "--accelerator", "cpu", *options]
        return CliRunner().invoke(app, list(map(str, words)), prog_name="napari-celle")

    return run


def test_rows_are_trained_and_measured_and_the_others_say_what_they_lack(ablation, folder):
    result = ablation()
    assert result.exit_code == 0, result.stderr
    assert "| ESM-2 | 1 | 16 | yes | 1 | not run: weights |" in result.stdout
    assert (folder / "out/ablation.md").read_text() in result.stdout
    rows = json.loads((folder / "out/ablation.json").read_text())["rows"]
    measured = [row["measured"]["n"] for row in rows if row["name"] == "No Sequence"]
    assert measured == [2, 2]
    again = ablation("--json")
    assert json.loads(again.stdout)["rows"] == rows  # nothing is trained twice, and the same is measured
    assert "Step" not in again.stderr


def test_a_file_that_is_not_there_is_told(ablation, folder):
    (folder / "rows.toml").unlink()
    result = ablation()
    assert (result.exit_code, "There is no file" in result.stderr) == (1, True)
