"""``napari-celle train celle``: what a person at a terminal sees, from pictures to a prediction."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from napari_celle.cli import app
from napari_celle.config import TokenizerConfig
from napari_celle.data.proteins import LOCATIONS
from napari_celle.models.checkpoints.tokenizers import Tokenizer, write_tokenizer
from napari_celle.models.registry import _TINY_IMAGE
from napari_celle.nn.vqgan import Vqgan
from napari_celle.simulate import draw_field

IMAGE = replace(_TINY_IMAGE, image_size=64)
SIZES = ("--dim", 16, "--depth", 1, "--heads", 1, "--residues", 30)
SHORT = ("--steps", 2, "--batch", 2, "--every", 1, "--precision", "32-true", "--accelerator", "cpu")


@pytest.fixture(autouse=True)
def installed(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path / "weights"))


@pytest.fixture
def folder(tmp_path):
    """Two image tokenizers, and a table of three pairs of pictures."""
    torch.manual_seed(0)
    for name in ("nucleus", "protein"):
        config = TokenizerConfig(IMAGE, name, threshold=name == "protein")
        write_tokenizer(Tokenizer(config, Vqgan(IMAGE).state_dict()), tmp_path / name)
    field = draw_field(np.random.default_rng(0), size=128).nucleus
    np.save(tmp_path / "n.npy", (field * 40_000 / field.max()).astype(np.uint16))
    np.save(tmp_path / "p.npy", (field.T * 40_000 / field.max()).astype(np.uint16))
    rows = [f"n.npy,p.npy,{sequence}" for sequence in ("MKRAP", "WDEWDE", "MSKGEELFTG")]
    (tmp_path / "table.csv").write_text("\n".join(["nucleus,protein,sequence", *rows]))
    return tmp_path


def _run(*options):
    return CliRunner().invoke(app, list(map(str, options)), prog_name="napari-celle")


def _train(folder, *options, out="run", sizes=SIZES):
    vqgans = ("--nucleus-vqgan", folder / "nucleus", "--protein-vqgan", folder / "protein")
    start = () if "--from" in options else (*vqgans, *sizes)
    table = () if "--table" in options else ("--table", folder / "table.csv")
    return _run("train", "celle", *table, *start, *SHORT, *options, "--out", folder / out)


def _ok(result):
    assert result.exit_code == 0, result.stderr
    return result


def _predict(folder, model):
    nucleus = ("--nucleus", folder / "n.npy", "--nucleus-diameter", 60)
    result = _run("predict", "--model", model, *nucleus, "--sequence", "MKRAPWDE", "--out", folder / "maps", "--json")
    return json.loads(_ok(result).stdout)


@pytest.mark.parametrize("decoding", ["causal", "masked"])
def test_two_steps_give_a_model_that_predicts(folder, decoding):
    result = _ok(_train(folder, "--decoding", decoding))
    assert "Step 2 of 2: loss" in result.stderr
    assert str(folder / "run" / "model") in result.stdout
    answer = _predict(folder, folder / "run" / "model")
    assert answer["model"] == "run"
    assert all((folder / "maps" / name).is_file() for name in ("n_threshold.tif", "n_pdf.tif"))
    _ok(_run("weights", "import", folder / "run" / "model", "--name", "mine"))
    assert _predict(folder, "mine")["nuclear_fraction"] == answer["nuclear_fraction"]
    again = _ok(_train(folder, "--decoding", decoding))  # a finished run is not done again
    assert "Step" not in again.stderr


def test_a_model_is_fine_tuned_also_with_the_codebooks_of_another(folder):
    _ok(_train(folder))
    _ok(_train(folder, out="other", sizes=(*SIZES, "--embedding", "one-hot")))
    models = [folder / name / "model" for name in ("run", "other", "tuned")]
    _ok(_train(folder, "--from", models[0], "--vqgan", models[1], "--learning-rate", 0, out="tuned"))
    _predict(folder, models[2])
    made_of = json.loads((folder / "tuned" / "run.json").read_text())["made_of"]
    assert made_of["weights"].keys() == {"model", "reference", "protein"}
    summary = json.loads((models[2] / "record.json").read_text())["info"]["summary"]
    assert "begun as run" in summary


def test_drawn_cells_of_real_proteins_are_trained_on(folder):
    labels = ["0", "1", *["0"] * 8]
    lines = [
        ",".join([f"T{number}", "Metazoa", "", str(number), *labels, "MSKGEELFTG" * (number + 1)])
        for number in range(4)
    ]
    header = ",".join(["accession", "kingdom", "gene", "partition", *LOCATIONS, "sequence"])
    (folder / "proteins.csv").write_text("\n".join([header, *lines]))
    options = ("--simulated", 3, "--table", folder / "proteins.csv", "--embedding", "none", "--nucleus-vqgan", "none")
    _ok(_train(folder, *options, "--decoding", "masked"))
    assert len(list((folder / "run").glob("cells-*.npz"))) == 2
    config = json.loads((folder / "run" / "model" / "config.json").read_text())
    assert (config["reference"], config["embedding"]["kind"]) == (None, "none")
    _predict(folder, folder / "run" / "model")


def test_what_was_asked_for_is_what_is_trained(folder):
    options = ("--loss-weights", "1,0,3", "--schedule", "cosine", "--no-sequence-share", 0.3, "--fix-embedding")
    _ok(_train(folder, *options, "--learning-rate", 1e-5, "--accumulate", 2, "--seed", 3))
    record = json.loads((folder / "run" / "run.json").read_text())
    made_of, config = record["made_of"], record["config"]
    assert made_of["loss_weights"] == {"residues": 1, "nucleus": 0, "image": 3}
    assert (made_of["masking"]["residues"], made_of["masking"]["no_sequence"]) == ("cosine", 0.3)
    assert (made_of["fixed_embedding"], made_of["learning_rate"]) == (True, 1e-5)
    assert (config["accumulate"], config["seed"], config["steps"]) == (2, 3, 2)
    assert made_of["model"]["transformer"]["depth"] == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--table", "none.csv"), "There is no table none.csv"),
        (("--loss-weights", "much"), "'much' are no loss weights"),
        (("--embedding", "magic"), "no residue embedding 'magic'"),
        (("--protein-vqgan", "none"), "no image tokenizer 'none'"),
        (("--from", "celle-mini"), "train mini"),
        (("--from", "celle-mini", "--depth", 3), "celle-mini is what it is: leave out"),
        (("--held-out", "a.fasta"), "--held-out is for --simulated"),
        (("--out", "/proc/nowhere"), "cannot be written to"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(folder, options, words):
    result = _run(
        *("train", "celle", "--table", folder / "table.csv", "--out", folder / "run", *SHORT),
        *(() if "--from" in options else ("--vqgan", "celle-mini")),
        *options,
    )
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_new_model_without_image_tokenizers_is_told(folder):
    result = _run("train", "celle", "--table", folder / "table.csv", "--out", folder / "run", *SHORT)
    assert result.exit_code == 1
    assert "--nucleus-vqgan and --protein-vqgan" in result.stderr
