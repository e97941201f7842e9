import pytest
import torch

from napari_celle.device import check_memory, choose_device, clear_cache, free_memory, list_devices, out_of_memory
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


def test_devices_that_are_here_have_free_memory_and_the_others_a_reason(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    options = {option.wish: option for option in list_devices()}
    assert next(iter(options)) == "auto"
    assert options["cpu"].is_here
    assert options["cpu"].free > 1_000_000
    assert not options["cuda"].is_here
    assert "CUDA" in options["cuda"].reason
    assert all(option.reason for option in options.values() if not option.is_here)
    with pytest.raises(DeviceError):
        choose_device("cuda:0")


def test_each_graphics_card_is_a_device_and_the_first_is_automatic(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device=None: "A card")
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (8_000_000_000, 9_000_000_000))
    options = list_devices()
    assert [option.wish for option in options if option.is_here] == ["auto", "cuda:0", "cuda:1", "cpu"]
    assert options[0].reason == "cuda:0: A card"
    assert (options[1].text, options[1].free) == ("cuda:0, A card", 8_000_000_000)


@pytest.mark.parametrize(
    ("text", "device"),
    [
        ("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", "cuda:1"),
        ("MPS backend out of memory (MPS allocated: 8 GB)", "mps"),
        ("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes.", "cpu"),
    ],
)
def test_a_lack_of_memory_is_known_on_every_device_by_its_own_words(text, device):
    assert out_of_memory(RuntimeError(text), device)
    assert not out_of_memory(RuntimeError("another problem"), device)
    assert not out_of_memory(RuntimeError(text), "xpu")


def test_clearing_the_cache_is_safe_without_a_graphics_card():
    clear_cache()
