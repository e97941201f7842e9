from dataclasses import replace

import numpy as np
import pytest
import torch

from napari_celle.config import Hardware, TrainConfig, VqganConfig, VqganLoss
from napari_celle.models.registry import _TINY_IMAGE
from napari_celle.nn.vqgan import Vqgan
from napari_celle.train.perceptual import Vgg16
from napari_celle.train.run import RunOptions, run
from napari_celle.train.vqgan import PictureBatches, VqganTraining, as_tensor

PLAIN = VqganLoss(absolute=0.0, squared=1.0, perceptual=0.0, adversary=0.0, learning_rate=1.5e-3, one_cycle=True)
SMALL = VqganConfig(
    image_size=32, patch=2, channels=8, multipliers=(1, 1), blocks=1, norm_groups=4, z_channels=8, embed_dim=8, codes=16
)
CONFIG = TrainConfig(steps=4, batch=2, every=2, checks=1, precision="32-true")
HERE = RunOptions(hardware=Hardware(accelerator="cpu", devices=1))


def drawn(count=6, size=40, seed=0):
    """Return discs: (N, size, size) uint8."""
    centres = np.random.default_rng(seed).integers(10, size - 10, (count, 2))
    y, x = np.mgrid[:size, :size]
    return np.stack([255 * (np.hypot(y - b, x - a) < 8) for a, b in centres]).astype(np.uint8)


def trained(out, loss, *, vgg=None, config=CONFIG):
    torch.manual_seed(config.seed)
    training = VqganTraining(Vqgan(SMALL), steps=config.steps, loss=loss, vgg=vgg)
    before = {name: value.clone() for name, value in training.state_dict().items()}
    samples, checks = (PictureBatches(drawn(seed=seed), batch=2, size=32, augment=seed == 0) for seed in (0, 1))
    record = run(training, samples, checks, config, out=out, options=HERE)
    return training, before, record


@pytest.mark.parametrize(
    ("picture", "top"),
    [
        (np.array([[[0, 255]]], np.uint8), 1.0),
        (np.array([[[False, True]]]), 1.0),
        (np.array([[[0, 0.5]]], np.float16), 0.5),
    ],
)
def test_pictures_become_numbers_from_zero_to_one(picture, top):
    tensor = as_tensor(picture)
    assert (tensor.shape, tensor.min(), tensor.max()) == ((1, 1, 1, 2), 0.0, top)


def test_training_on_one_picture_reduces_its_error():
    torch.manual_seed(0)
    training = VqganTraining(Vqgan(_TINY_IMAGE), steps=60, loss=PLAIN)
    training.log_dict = lambda *args, **kwargs: None
    optimizer = torch.optim.AdamW(training.vqgan.parameters(), lr=3e-3)
    y, x = np.mgrid[:256, :256]
    pixels = PictureBatches((np.hypot(y - 128, x - 128) < 60)[None], batch=2)[0]
    losses = []
    for step in range(60):
        loss = training.training_step(pixels, step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_codes_that_no_picture_uses_are_moved_to_features_of_the_batch():
    torch.manual_seed(0)
    training = VqganTraining(Vqgan(_TINY_IMAGE), steps=100, loss=PLAIN)
    training.idle[:] = 200
    z = torch.randn(1, 8, 16, 16)
    before = training.vqgan.quantizer.embedding.weight.clone()
    training._revive(z, torch.tensor([3]))
    moved = (training.vqgan.quantizer.embedding.weight != before).any(1)
    assert moved.sum() == 15
    assert not training.idle.any()  # they get their hundred steps too
    assert not moved[3]
    features = z.permute(0, 2, 3, 1).flatten(0, 2)
    assert all((features == code).all(1).any() for code in training.vqgan.quantizer.embedding.weight[moved])


def test_a_batch_is_the_same_whenever_it_is_asked_for():
    batches = PictureBatches(drawn(), batch=4, size=32, seed=3)
    third = batches[3]
    assert third.shape == (4, 1, 32, 32)
    assert torch.equal(batches[3], third)
    assert not torch.equal(batches[4], third)
    assert not torch.equal(PictureBatches(drawn(), batch=4, size=32, seed=4)[3], third)


def test_crops_come_from_all_over_the_picture():
    picture = np.arange(36, dtype=np.uint8).reshape(1, 6, 6)
    batches = PictureBatches(picture, batch=1, size=4)
    corners = {int((255 * batches[number]).round().min()) for number in range(200)}
    assert corners == {6 * top + left for top in range(3) for left in range(3)}


def test_pictures_may_differ_in_size():
    batches = PictureBatches([np.zeros((9, 5), np.uint8), np.zeros((5, 7), np.uint8)], batch=4, size=5)
    assert batches[0].shape == (4, 1, 5, 5)
    assert batches.fingerprint() != PictureBatches([np.zeros((9, 5), np.uint8)], batch=4, size=5).fingerprint()


def test_pictures_of_a_validation_are_their_middles():
    picture = np.arange(36, dtype=np.uint8).reshape(1, 6, 6)
    crop = PictureBatches(picture, batch=1, size=4, augment=False)[5]
    assert torch.equal((255 * crop[0, 0]).round().to(torch.uint8), torch.from_numpy(picture[0, 1:5, 1:5].copy()))


@pytest.mark.parametrize(("first", "moves"), [(2, True), (4, False)])
def test_the_discriminator_takes_part_from_its_step_on(tmp_path, first, moves):
    loss = VqganLoss(perceptual=0.0, adversary_from=first)
    config = replace(CONFIG, every=1)
    training, before, record = trained(tmp_path, loss, config=config)
    weight = "discriminator.layers.0.weight"
    assert torch.equal(training.state_dict()[weight], before[weight]) is not moves
    assert ("train/telling" in record.metrics) is moves
    assert training.discriminator.layers[3].num_batches_tracked == (6 if moves else 0)  # thrice in each of two steps


def test_the_perceptual_term_changes_the_tokenizer_and_not_vgg(tmp_path):
    torch.manual_seed(1)
    vgg = Vgg16()
    config = replace(CONFIG, steps=1, every=1)
    with_it, before, _ = trained(tmp_path / "with", VqganLoss(adversary=0.0), vgg=vgg, config=config)
    without, _, _ = trained(tmp_path / "without", VqganLoss(adversary=0.0, perceptual=0.0), config=config)
    assert torch.equal(vgg.features[0].weight, before["vgg.features.0.weight"])
    assert not torch.equal(with_it.vqgan.decoder[0].weight, without.vqgan.decoder[0].weight)


def test_a_run_with_discriminator_goes_on_with_the_same_weights(tmp_path):
    loss = VqganLoss(perceptual=0.0, adversary_from=1)
    whole, _, _ = trained(tmp_path / "whole", loss, config=replace(CONFIG, steps=4))

    class Stopped(Exception):
        pass

    def stop(stage, done, total):
        if done == 3:
            raise Stopped

    torch.manual_seed(0)
    training = VqganTraining(Vqgan(SMALL), steps=4, loss=loss)
    samples, checks = (PictureBatches(drawn(seed=seed), batch=2, size=32, augment=seed == 0) for seed in (0, 1))
    with pytest.raises(Stopped):
        run(training, samples, checks, CONFIG, out=tmp_path / "cut", options=replace(HERE, on_step=stop))
    again, _, record = trained(tmp_path / "cut", loss)
    assert record.parts[1]["from_step"] == 2
    assert all(torch.equal(value, whole.state_dict()[name]) for name, value in again.state_dict().items())


def test_the_use_of_codes_in_the_validation_is_counted(tmp_path):
    training, _, record = trained(tmp_path, PLAIN)
    assert training.counts.sum() == 2 * 8 * 8
    pixels = PictureBatches(drawn(seed=1), batch=2, size=32, augment=False)[0]
    used = len(training.vqgan.encode(pixels).unique())
    assert record.metrics["val/codes"] == pytest.approx(used / 16)
    assert (training.counts > 0).sum() == used


def test_the_pictures_and_the_codebook_go_to_tensorboard(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    trained(tmp_path, PLAIN)
    log = EventAccumulator(str(tmp_path / "tensorboard"))
    log.Reload()
    assert set(log.Tags()["images"]) == {"pictures and their reconstructions", "codebook"}
    assert [event.step for event in log.Images("codebook")] == [2, 4]
