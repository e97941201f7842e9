from dataclasses import replace

import pytest
import torch
from torch.nn.functional import one_hot

from napari_celle.models.registry import _TINY_IMAGE
from napari_celle.models.tokenizer import ImageTokenizer, _without_grid


@pytest.mark.parametrize("patch", [1, 4])
@torch.no_grad()
def test_a_picture_goes_to_tokens_and_sure_mixtures_decode_as_their_codes_smoothed_over_a_patch(patch):
    torch.manual_seed(0)
    size = 64 * patch
    tokenizer = ImageTokenizer(replace(_TINY_IMAGE, image_size=size, patch=patch)).eval()
    ids = tokenizer.encode(torch.rand(2, 1, size, size))
    assert ids.shape == (2, 256)
    expected = _without_grid(tokenizer.decode(ids), patch)
    torch.testing.assert_close(tokenizer.decode_mixtures(one_hot(ids, 16).float()), expected)


def test_what_repeats_with_each_patch_is_smoothed_away_and_the_rest_stays_in_place():
    y, x = torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="ij")
    grid = ((y % 4 == 0) | (x % 4 == 0)).float()
    ramp = y * 0.1 + x * 0.2
    smooth = _without_grid((grid + ramp)[None], 4)[0, 4:-4, 4:-4]
    torch.testing.assert_close(smooth - smooth.mean(), (ramp - ramp[4:-4, 4:-4].mean())[4:-4, 4:-4])


def test_without_patches_nothing_is_smoothed():
    pixels = torch.rand(1, 8, 8)
    assert torch.equal(_without_grid(pixels, 1), pixels)
