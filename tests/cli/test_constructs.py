"""``napari-celle constructs``: what a person and a script see."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from napari_celle.cli import app
from napari_celle.simulate import draw_field


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("construct,is_nuclear,fusion_sequence\nGFP,0,MSKGEELFTG\nGFP-NLS,1,MSKGEELFTGKRPAATKKAGQAKKKK\n")
    return path


def _run(*options):
    return CliRunner().invoke(app, ["constructs", *map(str, options)], prog_name="napari-celle")


def test_the_json_lists_constructs_in_the_order_of_the_table(table):
    result = _run("--table", table, "--model", "tiny", "--json")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert [row["construct"] for row in answer["constructs"]] == ["GFP", "GFP-NLS"]
    for row in answer["constructs"]:
        assert 0 < row["nuclear_fraction"] < 1
        assert row["nuclear_fraction_sd"] > 0
    assert answer["right_side"]["half"]["nuclear"] == answer["right_side"]["half"]["other"] == 1


def test_an_image_is_used_when_given_and_a_single_one_has_no_spread(table, tmp_path):
    image = tmp_path / "nuclei.npy"
    np.save(image, draw_field(np.random.default_rng(0)).nucleus)
    answer = json.loads(_run("--table", table, "--nucleus", image, "--model", "tiny", "--json").stdout)
    assert answer["images"] == [str(image)]
    assert [row["nuclear_fraction_sd"] for row in answer["constructs"]] == [0, 0]


def test_all_nucleus_images_of_a_folder_are_used(table, tmp_path):
    for number, name in enumerate(("a_nucleus.npy", "b_nucleus.npy", "b_protein.npy")):
        np.save(tmp_path / name, draw_field(np.random.default_rng(number)).nucleus)
    answer = json.loads(_run("--table", table, "--nuclei", tmp_path, "--model", "tiny", "--json").stdout)
    assert answer["images"] == [str(tmp_path / "a_nucleus.npy"), str(tmp_path / "b_nucleus.npy")]


def test_a_person_sees_a_table_and_how_many_are_on_the_right_side(table):
    result = _run("--table", table, "--model", "tiny")
    assert result.exit_code == 0, result.stderr
    for words in ("GFP-NLS", "not nuclear", "Above 0.500: "):
        assert words in result.stdout


def test_a_table_without_proteins_is_one_line_on_standard_error(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("name\nGFP\n")
    result = _run("--table", path, "--model", "tiny")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
