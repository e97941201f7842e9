import pytest
import torch

from napari_celle.device import choose_device, out_of_memory
from napari_celle.errors import DeviceError


def test_the_cpu_is_always_there():
    assert choose_device("cpu").name == "cpu"


def test_auto_names_a_device_and_says_why():
    device = choose_device()
    assert torch.device(device.name)
    assert device.reason


def test_a_device_that_is_not_there_is_an_error_that_lists_the_others():
    with pytest.raises(DeviceError, match=r"cuda:99.*cpu"):
        choose_device("cuda:99")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
    ],
)
def test_only_a_lack_of_memory_counts_as_one(error, expected):
    assert out_of_memory(error, "cpu") is expected
