"""A dataset in the authors' layout, from its pictures to a model that is measured on them."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import tifffile
import torch
from PIL import Image
from typer.testing import CliRunner

from napari_celle.cli import app
from napari_celle.config import TokenizerConfig
from napari_celle.data.tables.authors import AuthorsRow, write_authors_table
from napari_celle.models.checkpoints.tokenizers import Tokenizer, write_tokenizer
from napari_celle.models.registry import _TINY_IMAGE
from napari_celle.nn.vqgan import Vqgan
from napari_celle.simulate import draw_field, draw_protein

IMAGE = replace(_TINY_IMAGE, image_size=64)
PROTEINS = {"MSKGEELFTG": "nucleoplasm", "MKRAPWDE": "cytosol", "WDEWDEAP": "er", "MKKKRKVAP": "nucleolus"}
SHORT = ("--steps", 2, "--batch", 2, "--every", 2, "--precision", "32-true", "--accelerator", "cpu")
SIZES = ("--dim", 16, "--depth", 1, "--heads", 1, "--residues", 30)


@pytest.fixture(autouse=True)
def no_installed_models(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path / "weights"))


def _scaled(picture, largest, dtype):
    return (picture * (largest / picture.max())).astype(dtype)


def _write(folder, kind):
    """Write two simulated fields of each protein: 16-bit TIFFs of two pages, or 8-bit files of one channel each."""
    rows = []
    for number, (sequence, compartment) in enumerate([*PROTEINS.items()] * 2):
        rng = np.random.default_rng(number)
        field = draw_field(rng, size=128)
        protein = draw_protein(field, {compartment: 1.0}, rng)
        home = folder / f"T{number % 4}" / str(number)
        home.mkdir(parents=True)
        if kind == "opencell":
            pages = [_scaled(picture, 40_000, np.uint16) for picture in (field.nucleus, protein)]
            tifffile.imwrite(home / "proj.tif", np.stack(pages))
            names = ("proj.tif",)
        else:
            names = ("nucleus.png", "target.jpg")
            for name, picture in zip(names, (field.nucleus, protein), strict=True):
                Image.fromarray(_scaled(picture, 255, np.uint8)).save(home / name)
        pictures = tuple(f"{home.relative_to(folder)}/{name}" for name in names)
        rows.append(AuthorsRow(pictures, f"T{number % 4}/metadata.json", sequence, about={"target_name": compartment}))
    write_authors_table(folder / "data.csv", rows)


def _tokenizers(folder, **options):
    """Write an image tokenizer for each channel, and say how a training is told of them."""
    torch.manual_seed(0)
    for name in ("nucleus", "protein"):
        config = TokenizerConfig(IMAGE, name, threshold=name == "protein", **options)
        write_tokenizer(Tokenizer(config, Vqgan(IMAGE).state_dict()), folder / name)
    return ("--nucleus-vqgan", folder / "nucleus", "--protein-vqgan", folder / "protein")


def _run(*options):
    result = CliRunner().invoke(app, list(map(str, options)), prog_name="napari-celle")
    assert result.exit_code == 0, result.stderr
    return result


@pytest.mark.parametrize("kind", ["opencell", "hpa"])
def test_a_dataset_is_split_checked_trained_on_and_measured(tmp_path, kind):
    vqgans = _tokenizers(tmp_path, pixels=kind)
    _write(tmp_path, kind)
    table = tmp_path / "split.csv"
    _run(
        "data", "split", "--table", tmp_path / "data.csv", "--out", table, "--train", 0.5, "--val", 0.25, "--test", 0.25
    )
    contents = json.loads(_run("data", "check", "--table", table, "--size", 64, "--json").stdout)
    assert contents["splits"]["train"] == {"pairs": 4, "proteins": 2}
    assert (contents["pairs"], contents["shared"], contents["problems"]) == (8, 0, [])
    _run("train", "celle", "--table", table, *vqgans, *SIZES, *SHORT, "--out", tmp_path / "run")
    record = json.loads((tmp_path / "run" / "model" / "record.json").read_text())
    assert record["info"]["summary"] == "CELL-E 2 trained on 4 pairs of pictures of one's own."
    measured = _run(
        "evaluate", "images", "--table", table, "--split", "test", "--model", tmp_path / "run/model", "--json"
    )
    rows = json.loads(measured.stdout)["rows"]
    assert (rows[0]["name"], rows[0]["n"]) == (str(tmp_path / "run/model"), 2)


def test_an_image_tokenizer_is_trained_on_one_channel_of_a_table(tmp_path):
    _write(tmp_path, "opencell")
    _tokenizers(tmp_path)
    options = ("--pictures", tmp_path / "data.csv", "--from", tmp_path / "protein", "--channel", "protein", *SHORT)
    _run("train", "vqgan", *options, "--no-perceptual", "--out", tmp_path / "vqgan")
    assert (tmp_path / "vqgan" / "vqgan.safetensors").is_file()


def test_a_split_that_is_empty_is_told_in_one_line(tmp_path):
    _write(tmp_path, "hpa")
    table = tmp_path / "data.csv"
    pd.read_csv(table).assign(split="train").to_csv(table, index=False)
    options = ("train", "celle", "--table", table, *_tokenizers(tmp_path), *SIZES, *SHORT, "--out", tmp_path / "run")
    result = CliRunner().invoke(app, list(map(str, options)))
    assert result.exit_code == 1
    assert "has no row of the split val. Both, train and val, are needed." in result.stderr
    assert result.stderr.count("\n") == 1
