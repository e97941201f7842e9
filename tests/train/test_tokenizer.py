from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from napari_celle.config import Hardware, TokenizerConfig, TrainConfig, VqganConfig, VqganLoss
from napari_celle.errors import CelleError, DeviceError
from napari_celle.models.checkpoints.tokenizers import read_tokenizer
from napari_celle.nn.vqgan import Vqgan
from napari_celle.train.tokenizer import TokenizerTraining, Told, network, train_tokenizer

SMALL = VqganConfig(
    image_size=32, patch=2, channels=8, multipliers=(1, 1), blocks=1, norm_groups=4, z_channels=8, embed_dim=8, codes=16
)
LOSS = VqganLoss(perceptual=0.0, adversary=0.0)
CPU = Hardware(accelerator="cpu")
DISCS = [np.roll(np.hypot(*np.mgrid[-20:20, -20:20]) < 8, shift, axis=(0, 1)) for shift in range(6)]


def training(**changes):
    whole = TokenizerTraining(
        TokenizerConfig(SMALL, "protein", threshold=True),
        LOSS,
        TrainConfig(steps=2, batch=2, every=1, precision="32-true"),
        samples=DISCS[:4],
        checks=DISCS[4:],
    )
    return replace(whole, **changes)


def test_the_folder_has_what_other_commands_read_and_pictures(tmp_path):
    records = []
    record = train_tokenizer(training(), out=tmp_path, hardware=CPU, told=Told(on_record=records.append))
    assert [each.steps for each in records] == [1, 2]
    assert records[-1] == record
    written = read_tokenizer(tmp_path)
    assert written.config == training().config
    state = torch.load(tmp_path / "checkpoints/last.ckpt", weights_only=True)["state_dict"]
    assert all(torch.equal(value, state[f"vqgan.{name}"]) for name, value in written.tensors.items())
    with Image.open(tmp_path / "reconstructions.png") as picture:
        shown = np.asarray(picture)
    assert shown.shape == (64, 64)  # two pictures, and below them what the tokenizer makes of them
    pixels = np.concatenate([disc[4:-4, 4:-4] for disc in DISCS[4:]], axis=1)
    orders = pixels, np.roll(pixels, 32, axis=1)
    assert any(np.array_equal(shown[:32], 255 * order) for order in orders)
    with Image.open(tmp_path / "codes.png") as picture:
        assert picture.mode == "RGB"


def test_a_training_begins_with_the_weights_given(tmp_path):
    vqgan = Vqgan(SMALL)
    still = replace(LOSS, learning_rate=0.0)
    train_tokenizer(training(start=vqgan.state_dict(), loss=still), out=tmp_path, hardware=CPU)
    tensors = read_tokenizer(tmp_path).tensors
    assert all(torch.equal(value, vqgan.state_dict()[name]) for name, value in tensors.items())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"loss": replace(LOSS, learning_rate=1.0)}, r"made_of\.loss"),
        ({"start": Vqgan(SMALL).state_dict()}, r"made_of\.started_from"),
        ({"samples": DISCS[:3]}, r"data\.samples"),
        ({"config": TokenizerConfig(SMALL, "nucleus")}, r"made_of\.tokenizer"),
    ],
)
def test_a_folder_with_another_training_is_left_alone(tmp_path, change, named):
    train_tokenizer(training(), out=tmp_path, hardware=CPU)
    before = (tmp_path / "vqgan.safetensors").read_bytes()
    with pytest.raises(CelleError, match=named):
        train_tokenizer(training(**change), out=tmp_path, hardware=CPU)
    assert (tmp_path / "vqgan.safetensors").read_bytes() == before


@pytest.mark.parametrize("checks", [1, 5])
def test_a_validation_has_as_many_batches_as_there_are_pictures(tmp_path, checks):
    few = training(checks=(DISCS * 2)[:checks], numbers=replace(training().numbers, steps=1))
    record = train_tokenizer(few, out=tmp_path, hardware=CPU)
    assert record.config["checks"] == max(1, checks // 2)


def test_a_missing_accelerator_is_told(tmp_path):
    with pytest.raises(DeviceError, match="cannot train on 'mps'"):
        train_tokenizer(training(), out=tmp_path / "run", hardware=Hardware(accelerator="mps"))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("name", "size", "grid"), [("paper", 256, 16), ("small", 256, 16), ("small", 64, 4)])
def test_a_network_fits_the_size_of_the_pictures(name, size, grid):
    config = network(name, size=size)
    assert (config.image_size, config.grid, config.attention) == (size, grid, (grid,))


def test_the_network_of_the_papers_is_theirs():
    assert network("paper", size=256) == VqganConfig()


@pytest.mark.parametrize(("name", "size"), [("huge", 256), ("small", 100), ("small", 16), ("paper", 0)])
def test_what_does_not_fit_is_told(name, size):
    with pytest.raises(CelleError, match="Choose"):
        network(name, size=size)
