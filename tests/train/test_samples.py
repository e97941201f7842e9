from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from napari_celle.train.samples import in_rows, save_png, show


def test_pictures_lie_beside_each_other_and_kinds_below_each_other():
    pictures, made = torch.tensor([[[0.1]], [[0.2]], [[0.3]]]), torch.tensor([[[1.5]], [[-1.0]], [[0.6]]])
    assert torch.equal(in_rows(pictures, made, most=2), torch.tensor([[0.1, 0.2], [1.0, 0.0]]))


def test_without_a_log_nothing_is_shown():
    show(SimpleNamespace(logger=None), "pictures", torch.zeros(2, 2))


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3)])
def test_a_picture_is_written_whole(tmp_path, shape):
    picture = np.arange(np.prod(shape)).reshape(shape).astype(np.uint8)
    save_png(picture, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as written:
        np.testing.assert_array_equal(written, picture)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
