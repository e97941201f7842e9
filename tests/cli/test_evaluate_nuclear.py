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
        (("--comparator", "psort=x"), "known are deeploc"),
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


def test_other_predictors_stand_beside_the_model(evaluate, folder):
    rows = (folder / "table.csv").read_text().splitlines()
    named = ["accession," + rows[0], *(f"P{number},{row}" for number, row in enumerate(rows[1:]))]
    (folder / "named.csv").write_text("\n".join(named))
    results = [f"P{number},{'Nucleus' if number % 2 else 'Cytoplasm'},0.5" for number in range(5)]
    (folder / "results.csv").write_text("\n".join(["Protein_ID,Localizations,Nucleus", *results]))
    options = ("nuclear", "--table", folder / "named.csv", "--nuclei", folder, "--model", "tiny")
    options = (*options, "--comparator", f"deeploc={folder / 'results.csv'}")
    result = evaluate(*options, "--json")
    assert result.exit_code == 0, result.stderr
    deeploc = json.loads(result.stdout)["comparators"]["deeploc"]
    assert (deeploc["n"], deeploc["missing"], deeploc["accuracy"]) == (5, 1, 1)
    shown = evaluate(*options).stdout
    assert "deeploc (says nothing of 1)" in " ".join(shown.replace("│", " ").split())
    assert "by its own rule" in shown
