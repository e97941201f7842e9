"""``napari-celle evaluate images``: what a person and a script see."""

import json

import pytest


def test_one_json_object_that_repeats_by_seed(evaluate, folder):
    options = ("images", "--simulated", folder / "proteins.csv", "--model", "tiny", "--model", "tiny-celle2")
    options = (*options, "--limit", 2, "--seed", 1, "--device", "cpu", "--json")
    result = evaluate(*options)
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert (answer["seed"], answer["data"]) == (1, "simulated cells, fold 4, seed 1")
    names = [row["name"] for row in answer["rows"]]
    assert names[:3] == ["tiny", "tiny-celle2", "tiny: tokenizer"]
    assert {"mean", "sd", "n", "interval"} == set(answer["rows"][0]["figures"]["ssim"])
    assert json.loads(evaluate(*options).stdout) == answer


def test_a_person_sees_a_table_beside_the_published_rows_and_what_was_written(evaluate, folder, shared):
    papers = shared / "data" / "paper_tables.json"
    out = folder / "report"
    options = ("--simulated", folder / "proteins.csv", "--model", "tiny", "--limit", 2, "--device", "cpu")
    result = evaluate("images", *options, "--published", papers, "--out", out)
    assert result.exit_code == 0, result.stderr
    for words in ("2 pictures of simulated cells", "tiny: tokenizer", "published, other data", "CELL-E 2", "0.983"):
        assert words in result.stdout
    assert "Random Initialization" not in result.stdout  # Table S.1 is long
    assert "Random Initialization" in (out / "report.md").read_text(encoding="utf-8")
    assert f"Written: {out / 'montage-1.png'}" in result.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "Give the pictures"),
        (("--table", "a.csv", "--simulated", "b.csv"), "Give the pictures"),
        (("--table", "none.csv"), "There is no table none.csv"),
        (("--table", "none.csv", "--model", "none"), "There is no model 'none'"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_line(evaluate, options, words):
    result = evaluate("images", *options)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert words in result.stderr
