from dataclasses import replace

import pytest
import torch

from napari_celle.config import VqganConfig
from napari_celle.nn.vqgan import Vqgan

SMALL = VqganConfig(
    image_size=64,
    patch=2,
    channels=8,
    multipliers=(1, 2),
    blocks=1,
    norm_groups=4,
    attention=(16,),
    z_channels=6,
    embed_dim=6,
    codes=9,
)


@pytest.fixture
def vqgan():
    torch.manual_seed(0)
    return Vqgan(SMALL).eval()


def test_a_picture_becomes_a_grid_of_codes_and_a_picture_again(vqgan):
    ids = vqgan.encode(torch.rand(2, 1, 64, 64))
    assert ids.shape == (2, SMALL.grid, SMALL.grid) == (2, 16, 16)
    assert 0 <= ids.min() <= ids.max() < SMALL.codes
    with torch.no_grad():
        assert vqgan.decode(vqgan.quantizer.vectors(ids)).shape == (2, 1, 64, 64)


def test_a_bright_corner_changes_the_codes_there_first(vqgan):
    dark, bright = torch.zeros(1, 1, 64, 64), torch.zeros(1, 1, 64, 64)
    bright[..., 48:, 48:] = 1
    with torch.no_grad():
        change = (vqgan.features(bright) - vqgan.features(dark)).abs().sum(1)[0]  # (16, 16)
    assert change[12:, 12:].mean() > 3 * change[:8, :8].mean()


def test_the_published_size_has_sixteen_by_sixteen_tokens_of_512_codes():
    assert (VqganConfig().grid, VqganConfig().codes) == (16, 512)


def test_two_last_convolutions_look_across_the_edges_of_patches():
    torch.manual_seed(0)
    decoder = Vqgan(replace(SMALL, finish=3)).decoder
    pixels = torch.zeros(1, 3, 64, 64)
    pixels[:, :, :, 32:] = 1  # a step at the edge of a patch of 2
    out = decoder[-4:](pixels)  # what comes after the patches are unfolded
    assert out.shape == (1, 1, 64, 64)
    assert len(out[0, 0, 30].detach().round(decimals=5).unique()) > 4  # also near the borders of the picture
    assert not torch.isclose(out[0, 0, 30, 30], out[0, 0, 30, 20])
