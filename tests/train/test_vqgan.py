import numpy as np
import pytest
import torch

from napari_celle.models.registry import _TINY_IMAGE
from napari_celle.nn.vqgan import Vqgan
from napari_celle.train.vqgan import Pictures, VqganTraining, as_tensor, turned


def test_a_picture_has_eight_different_orientations():
    picture = np.arange(9).reshape(3, 3)
    assert len({turned(picture, way).tobytes() for way in range(8)}) == 8


@pytest.mark.parametrize(
    ("picture", "top"), [(np.array([[[0, 255]]], np.uint8), 1.0), (np.array([[[False, True]]]), 1.0)]
)
def test_pictures_become_numbers_from_zero_to_one(picture, top):
    tensor = as_tensor(picture)
    assert (tensor.shape, tensor.min(), tensor.max()) == ((1, 1, 1, 2), 0.0, top)


def test_training_on_one_picture_reduces_its_error():
    torch.manual_seed(0)
    training = VqganTraining(Vqgan(_TINY_IMAGE), steps=60, absolute=0.0)
    training.log_dict = lambda *args, **kwargs: None
    optimizer = torch.optim.AdamW(training.vqgan.parameters(), lr=3e-3)
    y, x = np.mgrid[:256, :256]
    pixels = next(iter(Pictures((np.hypot(y - 128, x - 128) < 60)[None], batch=2)))
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
    training = VqganTraining(Vqgan(_TINY_IMAGE), steps=100, absolute=0.0)
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
