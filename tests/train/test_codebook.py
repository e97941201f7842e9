import numpy as np
import pytest
import torch

from napari_celle.models.registry import _TINY_IMAGE
from napari_celle.nn.vqgan import Vqgan
from napari_celle.train.codebook import _sheet, _summary, code_pictures, draw_codebook, save_codebook


def test_each_code_is_decoded_among_its_like():
    torch.manual_seed(0)
    vqgan = Vqgan(_TINY_IMAGE).eval()
    pictures = code_pictures(vqgan, batch=5)
    assert pictures.shape == (16, 32, 32)  # a token has 16 pixels
    ids = torch.full((1, 4, 4), 7)
    with torch.no_grad():
        decoded = vqgan.decode(vqgan.quantizer.vectors(ids))[0, 0, 16:48, 16:48].clamp(0, 1).numpy()
    np.testing.assert_allclose(pictures[7], decoded, atol=1e-5)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([5, 5, 0, 0], "50% of 4 codes used, as many as 2 used evenly"),
        ([1, 0, 0, 0], "25% of 4 codes used, as many as 1 used evenly"),
    ],
)
def test_the_use_is_summed_up(counts, said):
    assert _summary(np.array(counts)) == said


def test_codes_lie_in_rows_with_white_lines_between():
    sheet = _sheet(np.stack([np.full((2, 2), index / 100) for index in range(33)]))
    assert sheet.shape == (2 * 3, 32 * 3)
    assert (sheet[0, 0], sheet[0, 3], sheet[3, 0], sheet[3, 3], sheet[0, 2]) == (0.0, 0.01, 0.32, 1.0, 1.0)


def test_the_most_used_code_comes_first():
    pictures, counts = np.linspace(0, 1, 16).reshape(4, 2, 2), np.array([1, 9, 3, 5])
    drawn = draw_codebook(pictures, counts)
    by_use = np.array([1, 3, 2, 0])
    assert np.array_equal(drawn, draw_codebook(pictures[by_use], counts[by_use]))
    assert not np.array_equal(drawn, draw_codebook(pictures, counts[by_use]))
    assert drawn.dtype == np.uint8


def test_the_picture_of_the_codebook_is_written(tmp_path):
    from PIL import Image

    save_codebook(Vqgan(_TINY_IMAGE), np.arange(16), tmp_path / "codes.png")
    with Image.open(tmp_path / "codes.png") as picture:
        assert picture.mode == "RGB"
    assert [path.name for path in tmp_path.iterdir()] == ["codes.png"]
