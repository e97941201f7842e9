"""``napari-celle evaluate nuclear``: what a person and a script see."""

import json

import pytest


def test_nuclear_answers_with_one_json_object_that_repeats_by_seed(evaluate, folder):
    options = ("nuclear", "--table", folder / "table.csv", "--nuclei", folder, "--model", "tiny")
    result = evaluate(*options, "--limit", 4, "--by", "is_human", "--out", folder / "out.csv", "--json")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert {"n", "accuracy", "accuracy_chosen_threshold", "mcc", "auc", "weights_sha256"} <= set(answer)
    assert answer["n"] == 4
    assert sum(group["n"] for group in answer["groups"].values()) == 4
    assert len((folder / "out.csv").read_text().splitlines()) == 5
    again = evaluate(*options, "--limit", 4, "--by", "is_human", "--json")
    assert json.loads(again.stdout) == answer


def test_nuclear_shows_a_person_all_proteins_and_each_group(evaluate, folder):
    result = evaluate(
        "nuclear",
        "--table",
        folder / "table.csv",
        "--nuclei",
        folder,
        "--model",
        "tiny",
        "--by",
        "is_human",
    )
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
def test_what_cannot_be_measured_is_said_in_one_line(evaluate, folder, options, words):
    given = {
        "--table": folder / "table.csv",
        "--nuclei": folder,
        "--model": "tiny",
        **dict([options]),
    }
    result = evaluate("nuclear", *(part for pair in given.items() for part in pair))
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert words in result.stderr
