"""``napari-celle train vqgan``: what a person at a terminal sees."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image
from typer.testing import CliRunner

from napari_celle.cli import app
from napari_celle.config import TokenizerConfig, VqganConfig
from napari_celle.data.proteins import LOCATIONS
from napari_celle.models.checkpoints.tokenizers import Tokenizer, read_tokenizer, write_tokenizer
from napari_celle.nn.vqgan import Vqgan

SMALL = VqganConfig(
    image_size=32, patch=2, channels=8, multipliers=(1, 1), blocks=1, norm_groups=4, z_channels=8, embed_dim=8, codes=16
)
QUICK = ("--steps", 2, "--batch", 2, "--every", 1, "--precision", "32-true", "--accelerator", "cpu", "--no-perceptual")


@pytest.fixture(autouse=True)
def no_installed_models(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path / "weights"))


@pytest.fixture
def pictures(tmp_path):
    """A folder with six noisy discs of 40 x 40 pixels."""
    folder, rng = tmp_path / "pictures", np.random.default_rng(0)
    folder.mkdir()
    for number in range(6):
        y, x = np.mgrid[:40, :40] - rng.integers(10, 30, 2)[:, None, None]
        picture = 1000 * (np.hypot(y, x) < 8) + rng.integers(0, 100, (40, 40))
        tifffile.imwrite(folder / f"{number}.tif", picture.astype(np.uint16))
    return folder


@pytest.fixture
def tiny(tmp_path):
    """The folder of a tokenizer so small that it trains at once."""
    config = TokenizerConfig(SMALL, "protein", threshold=True)
    write_tokenizer(Tokenizer(config, Vqgan(SMALL).state_dict()), tmp_path / "tiny")
    return tmp_path / "tiny"


def train(*options):
    return CliRunner().invoke(app, ["train", "vqgan", *map(str, options)], prog_name="napari-celle")


def arguments(pictures, tiny, out):
    return ["--pictures", pictures, "--from", tiny, "--channel", "protein", "--out", out, *QUICK]


def test_a_tokenizer_is_trained_on_the_pictures_of_a_folder(pictures, tmp_path):
    out = tmp_path / "out"
    result = train("--pictures", pictures, "--network", "small", "--size", 32, "--out", out, *QUICK)
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines()[0] == "Without discriminator: it would begin after step 10000 of 2."
    assert result.stderr.splitlines()[1].startswith("Step 1 of 2: error 0.")
    assert result.stdout.startswith("Step 2 of 2: error 0.")
    names = {path.name for path in out.iterdir()}
    assert names >= {"vqgan.safetensors", "config.json", "run.json", "codes.png", "reconstructions.png", "tensorboard"}
    assert list((out / "tensorboard").glob("events.out.tfevents.*"))
    config = read_tokenizer(out).config
    assert (config.channel, config.pixels, config.threshold, config.vqgan.image_size) == (
        "nucleus", "percentile", False, 32
    )  # fmt: skip


def test_a_tokenizer_is_trained_further_on_its_own_kind_of_pictures(pictures, tiny, tmp_path):
    result = train(*arguments(pictures, tiny, tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert read_tokenizer(tmp_path / "out").config == read_tokenizer(tiny).config


def test_cells_are_drawn_where_no_pictures_are_given(tiny, tmp_path):
    options = ["--from", tiny, "--channel", "protein", "--out", tmp_path / "out", *QUICK]
    result = train("--simulated", 3, *options)
    assert result.exit_code == 0, result.output
    again = train("--simulated", 4, *options)
    assert again.exit_code == 1
    assert "data.samples" in again.stderr


def test_proteins_are_drawn_where_the_table_says(tiny, tmp_path):
    table = tmp_path / "proteins.csv"
    names = ("accession", "gene", "kingdom", "partition", "sequence", *LOCATIONS)
    rows = [
        (f"P{fold}", "", "Metazoa", fold, "M", *(int(name == place) for name in LOCATIONS))
        for fold, place in enumerate(("Nucleus", "Nucleus", "Nucleus", "Mitochondrion", "Mitochondrion"))
    ]
    table.write_text("\n".join(",".join(map(str, row)) for row in (names, *rows)))
    options = ["--simulated", 3, "--from", tiny, "--channel", "protein", *QUICK]
    result = train(*options, "--table", table, "--out", tmp_path / "table")
    assert result.exit_code == 0, result.output
    table.write_text(table.read_text().replace("P3,,Metazoa,3,M,0,0", "P3,,Metazoa,3,M,1,0"))  # of no fold to learn
    again = train(*options, "--table", table, "--out", tmp_path / "table")
    assert again.exit_code == 0, again.output
    without = train(*options, "--out", tmp_path / "table")
    assert "data.samples" in without.stderr


def test_without_vgg_it_is_said_that_the_perceptual_term_is_left_out(pictures, tiny, tmp_path):
    options = [option for option in arguments(pictures, tiny, tmp_path / "out") if option != "--no-perceptual"]
    assert "Without the perceptual term: give torchvision's vgg16" in train(*options).stderr
    result = train(*options, "--vgg", tmp_path / "missing.pth")
    assert (result.exit_code, result.stderr.count("is not torchvision's file")) == (1, 1)


def test_a_finished_training_is_not_done_again(pictures, tiny, tmp_path):
    options = arguments(pictures, tiny, tmp_path / "out")
    first = train(*options)
    again = train(*options)
    assert again.stdout == first.stdout
    assert "Step 1" not in again.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "either --pictures FOLDER or --simulated"),
        (("--pictures", "here", "--simulated", 9), "either --pictures FOLDER or --simulated"),
        (("--pictures", "here", "--table", "proteins.csv"), "--table says where drawn proteins are"),
        (("--simulated", 9, "--table", "proteins.csv"), "--table says where drawn proteins are"),
        (("--simulated", 9, "--threshold"), "--threshold is for proteins"),
        (("--simulated", 9, "--size", 100), "do not fit the network"),
        (("--simulated", 9, "--from", "nonesuch"), "no image tokenizer 'nonesuch'"),
        (("--simulated", 9, "--from", "celle-mini", "--size", 128), "leave out --network and --size"),
        (("--simulated", 9, "--from", "celle-mini", "--network", "small"), "leave out --network and --size"),
        (("--pictures", "missing"), "no folder missing"),
    ],
)
def test_what_cannot_be_meant_is_told(tmp_path, options, said):
    result = train("--out", tmp_path / "out", *options)
    assert result.exit_code == 1
    assert said in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_grey_tokenizer_is_not_trained_on_threshold_images(pictures, tmp_path):
    grey = TokenizerConfig(SMALL, "protein")
    write_tokenizer(Tokenizer(grey, Vqgan(SMALL).state_dict()), tmp_path / "grey")
    result = train(*arguments(pictures, tmp_path / "grey", tmp_path / "out"), "--threshold")
    assert (result.exit_code, "leave out --threshold" in result.stderr) == (1, True)


def test_pictures_that_cannot_be_used_are_named(pictures, tiny, tmp_path):
    Image.fromarray(np.zeros((20, 50), np.uint8)).save(pictures / "small.png")
    (pictures / "damaged.png").write_bytes(b"none")
    result = train(*arguments(pictures, tiny, tmp_path / "out"))
    assert result.exit_code == 1
    assert "2 of 8 pictures cannot be used" in result.stderr
    assert "damaged.png" in result.stderr
    assert "20 x 50 pixels, fewer than 32 x 32" in result.stderr


def test_a_folder_that_cannot_be_written_to_is_told(pictures, tiny, tmp_path):
    (tmp_path / "file").write_text("here")
    result = train(*arguments(pictures, tiny, tmp_path / "file" / "out"))
    assert (result.exit_code, "cannot be written to" in result.stderr) == (1, True)


@pytest.mark.slow
def test_two_processes_train_together_and_one_of_them_speaks(pictures, tiny, tmp_path):
    options = [*arguments(pictures, tiny, tmp_path / "out"), "--devices", 2, "--adversary-from", 1]
    command = [sys.executable, "-m", "napari_celle", "train", "vqgan", *map(str, options)]
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("Step 2 of 2") == 1
    assert result.stderr.count("Step 1 of 2") == 1
    assert (tmp_path / "out/vqgan.safetensors").is_file()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_training_that_was_stopped_goes_on_to_the_weights_of_one_that_was_not(pictures, tiny, tmp_path, how):
    options = ["--steps", 12, "--every", 2]
    command = [*map(str, [*arguments(pictures, tiny, tmp_path / "cut"), *options])]
    code = (
        f"import sys; sys.argv[1:] = ['train', 'vqgan', *{command!r}]; from napari_celle.__main__ import main; main()"
    )
    same_threads = {"OMP_NUM_THREADS": str(torch.get_num_threads())}  # sums over threads round by their number
    with subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, env=os.environ | same_threads
    ) as process:
        for line in process.stderr:
            if line.startswith("Step 2"):
                process.send_signal(how)
                break
        rest = process.stderr.read()
    assert process.returncode == (-signal.SIGKILL if how == signal.SIGKILL else 130)
    assert "Traceback" not in rest
    assert not (tmp_path / "cut/vqgan.safetensors").exists()
    assert train(*command).exit_code == 0
    assert train(*arguments(pictures, tiny, tmp_path / "whole"), *options).exit_code == 0
    cut, whole = ((tmp_path / run / "vqgan.safetensors").read_bytes() for run in ("cut", "whole"))
    assert cut == whole
