import pytest
import torch

from napari_celle.device import check_memory, choose_device, free_memory, out_of_memory
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


def test_too_little_memory_is_an_error_with_both_numbers_and_a_way_out(monkeypatch):
    check_memory(1, device="cpu", what="A picture")
    monkeypatch.setattr("napari_celle.device.free_memory", lambda device: 2_000_000_000)
    with pytest.raises(DeviceError, match=r"model needs about 3\.0 GB of memory, but cpu has 2\.0 GB free.*small"):
        check_memory(3_000_000_000, device="cpu", what="The model")
    with pytest.raises(DeviceError, match=r"cuda:0 has 2\.0 GB free.*choose the device cpu"):
        check_memory(3_000_000_000, device="cuda:0", what="The model")


def test_the_free_memory_of_this_computer_is_known():
    assert 1_000_000 < free_memory("cpu") < 1e15
