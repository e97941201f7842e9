"""``napari-celle evaluate``: what a person and a script see."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from napari_celle.cli import app
from napari_celle.data.proteins import LOCATIONS
from napari_celle.simulate import draw_field

HEADER = ",".join(["accession", "kingdom", "is_human", "gene", "partition", *LOCATIONS, "sequence"])


@pytest.fixture
def folder(tmp_path):
    """A table of proteins like DeepLoc's, one of nuclear and other proteins, and a nucleus image."""
    lines = []
    for number in range(10):
        labels = ["0", "1", *["0"] * 8] if number % 2 else ["1", *["0"] * 9]
        cells = [f"T{number}", "Metazoa", str(number % 3 % 2), "", str(number % 5), *labels]
        lines.append(",".join([*cells, "MSKGEELFTG" * (number % 3 + 1)]))
    (tmp_path / "proteins.csv").write_text("\n".join([HEADER, *lines]))
    rows = [f"{'MSKGEELFTG' * (number % 3 + 1)},{number % 2},{number % 3 % 2}" for number in range(6)]
    (tmp_path / "table.csv").write_text("\n".join(["sequence,is_nuclear,is_human", *rows]))
    np.save(tmp_path / "a_nucleus.npy", draw_field(np.random.default_rng(0)).nucleus)
    return tmp_path


def _run(*options):
    return CliRunner().invoke(app, ["evaluate", *map(str, options)], prog_name="napari-celle")


def test_nuclear_answers_with_one_json_object_that_repeats_by_seed(folder):
    options = ("nuclear", "--table", folder / "table.csv", "--nuclei", folder, "--model", "tiny")
    result = _run(*options, "--limit", 4, "--by", "is_human", "--out", folder / "out.csv", "--json")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert {"n", "accuracy", "accuracy_chosen_threshold", "mcc", "auc", "weights_sha256"} <= set(answer)
    assert answer["n"] == 4
    assert sum(group["n"] for group in answer["groups"].values()) == 4
    assert len((folder / "out.csv").read_text().splitlines()) == 5
    again = _run(*options, "--limit", 4, "--by", "is_human", "--json")
    assert json.loads(again.stdout) == answer


def test_nuclear_shows_a_person_all_proteins_and_each_group(folder):
    result = _run("nuclear", "--table", folder / "table.csv", "--nuclei", folder, "--model", "tiny", "--by", "is_human")
    assert result.exit_code == 0, result.stderr
    for words in ("all", "is_human = 1", "is_human = 0", "AUC", "Mean nuclear fraction"):
        assert words in result.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--table", "none.csv"), "There is no table"),
        (("--by", "is_bird"), "lacks the column is_bird"),
        (("--model", "none"), "There is no model 'none'"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_line(folder, options, words):
    given = {"--table": folder / "table.csv", "--nuclei": folder, "--model": "tiny", **dict([options])}
    result = _run("nuclear", *(part for pair in given.items() for part in pair))
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert words in result.stderr


def test_a_fold_is_written_as_a_table_that_nuclear_reads(folder):
    out = folder / "new" / "fold.csv"
    result = _run("table", "--proteins", folder / "proteins.csv", "--fold", 1, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "2 proteins, 50.0% nuclear" in result.stdout
    result = _run("nuclear", "--table", out, "--nuclei", folder, "--model", "tiny", "--by", "one_location", "--json")
    assert json.loads(result.stdout)["groups"]["one_location = 1"]["n"] == 2


def test_simulated_compares_with_baselines_and_measures_the_tokenizer(folder, monkeypatch):
    monkeypatch.setattr("napari_celle.cli.evaluate.BASELINE_PICTURES", 3)
    options = ("simulated", "--table", folder / "proteins.csv", "--model", "tiny", "--fold", 4, "--limit", 2)
    result = _run(*options, "--json")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert (answer["n"], answer["fold"]) == (2, 4)
    assert {"nucleus_proportion_accuracy", "threshold_pixel_accuracy", "ssim"} <= set(answer["figures"])
    assert set(answer["baselines"]) == {"all dark", "mean picture", "label-blind"}
    assert answer["reconstruction"]["codes"] == answer["reconstruction_nucleus"]["codes"] == 16
    shown = _run(*options)
    assert "label-blind" in shown.stdout
    assert "of 16 codes" in shown.stdout
