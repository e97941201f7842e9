"""``napari-celle evaluate cycle``: what a person and a script see."""

import json


def test_cycle_answers_with_one_json_object_that_repeats_by_seed(evaluate, folder):
    options = ("cycle", "--table", folder / "table.csv", "--nuclei", folder, "--model", "tiny", "--limit", 3)
    result = evaluate(*options, "--share", 0.5, "--json")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert (answer["n"], answer["share"], answer["model"]) == (3, 0.5, "tiny")
    for name in ("own_picture", "other_picture", "gain", "most_frequent", "background"):
        assert answer[name]["low"] <= answer[name]["mean"] <= answer[name]["high"]
    assert json.loads(evaluate(*options, "--share", 0.5, "--json").stdout) == answer


def test_cycle_shows_a_person_the_share_beside_chance_and_needs_no_nuclei(evaluate, folder):
    result = evaluate("cycle", "--table", folder / "table.csv", "--model", "tiny", "--limit", 3)
    assert result.exit_code == 0, result.stderr
    for words in ("its own picture", "another protein's picture", "most frequent", "3 proteins"):
        assert words in result.stdout


def test_a_model_that_reads_no_pictures_is_said_in_one_line(evaluate, folder):
    result = evaluate("cycle", "--table", folder / "table.csv", "--nuclei", folder, "--model", "tiny-celle")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: tiny-celle draws one code after another")
    assert result.stderr.count("\n") == 1
