import pytest
import torch

from napari_celle.errors import WeightsError
from napari_celle.train.perceptual import Vgg16, read_vgg16


@pytest.fixture(scope="module")
def vgg():
    torch.manual_seed(0)
    return Vgg16()


def test_there_are_five_levels_each_half_as_fine(vgg):
    levels = vgg.levels(torch.rand(1, 1, 32, 32))
    assert [tuple(level.shape) for level in levels] == [
        (1, 64, 32, 32), (1, 128, 16, 16), (1, 256, 8, 8), (1, 512, 4, 4), (1, 512, 2, 2)
    ]  # fmt: skip


def test_equal_pictures_have_no_distance_and_different_ones_have(vgg):
    picture = torch.rand(1, 1, 32, 32)
    assert vgg(picture, picture) == 0
    assert vgg(picture, torch.rand(1, 1, 32, 32)) > 0


def test_a_distance_teaches_the_picture_and_not_the_network(vgg):
    picture = torch.rand(1, 1, 32, 32, requires_grad=True)
    vgg(picture, torch.rand(1, 1, 32, 32)).backward()
    assert picture.grad.abs().sum() > 0
    assert not any(parameter.requires_grad for parameter in vgg.parameters())


def test_torchvisions_file_is_read_without_its_classifier(tmp_path, vgg):
    torch.save(vgg.state_dict() | {"classifier.0.weight": torch.zeros(2, 2)}, tmp_path / "vgg16.pth")
    found = read_vgg16(tmp_path / "vgg16.pth")
    assert all(torch.equal(value, vgg.state_dict()[name]) for name, value in found.state_dict().items())


@pytest.mark.parametrize("content", [None, b"no weights", {"features.0.weight": torch.zeros(1)}, [1, 2]])
def test_another_file_is_told(tmp_path, content):
    path = tmp_path / "vgg16.pth"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)
    with pytest.raises(WeightsError, match=r"vgg16\.pth is not torchvision's"):
        read_vgg16(path)
