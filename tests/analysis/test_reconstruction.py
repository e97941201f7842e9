import numpy as np
import pytest
import torch

from napari_celle.analysis.reconstruction import reconstruction, reconstructions
from napari_celle.data.simulated import SimulatedCells
from napari_celle.models.registry import load_model


class Halves:
    """Stands for a tokenizer: two codes, one for each half of a picture; code 1 is bright."""

    codes = 8

    def encode(self, pixels):
        top, bottom = pixels[:, 0, :4].mean((1, 2)), pixels[:, 0, 4:].mean((1, 2))
        return (torch.stack([top, bottom], 1) > 0.5).long()

    def decode(self, ids):
        return ids.float().repeat_interleave(4, 1).unsqueeze(2).expand(-1, -1, 8)


def test_what_comes_back_is_compared_and_codes_are_counted():
    pictures = np.zeros((20, 8, 8), bool)
    pictures[:10, :4] = True
    pictures[:10, 0] = False  # a quarter of the bright half is lost: 8 of 64 pixels
    found = reconstruction(Halves(), pictures, device="cpu")
    assert found.pixel_accuracy == pytest.approx(1 - 0.5 * 8 / 64)
    assert (found.codes, found.codes_used, found.codebook_usage) == (8, 2, 0.25)


def test_of_gray_pictures_the_difference_counts():
    found = reconstruction(Halves(), np.full((1, 8, 8), 0.75, np.float32), device="cpu")
    assert found.pixel_accuracy == pytest.approx(0.75)


def test_a_real_tokenizer_is_measured():
    tokenizer = load_model("tiny", device="cpu").network.protein
    found = reconstruction(tokenizer, np.random.default_rng(0).random((2, 256, 256)) > 0.5, device="cpu")
    assert 0 <= found.pixel_accuracy <= 1
    assert 1 <= found.codes_used <= found.codes == 16


@pytest.mark.parametrize(
    ("model", "names"),
    [("tiny", ["reconstruction", "reconstruction_nucleus"]), ("tiny-celle2", ["reconstruction"])],
)
def test_the_nucleus_tokenizer_is_measured_where_drawn_nuclei_are_prepared_for_it(model, names):
    network = load_model(model, device="cpu").network
    size = network.config.protein.image_size if model == "tiny" else 256
    pictures = np.random.default_rng(0).random((1, size, size)) > 0.5
    cells = SimulatedCells(pictures.astype(np.uint8) * 255, pictures, pictures, np.zeros(1, int))
    assert list(reconstructions(network, cells, device="cpu")) == names
