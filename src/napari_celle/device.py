"""Which device to compute on, and why."""

from dataclasses import dataclass

import psutil
import torch

from napari_celle.errors import DeviceError, OutOfMemory


@dataclass(frozen=True, slots=True)
class Device:
    """A device as torch names it ("cpu", "cuda:0", "mps") and a sentence on why it was chosen."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeviceOption:
    """A device to choose from, or one that is not here.

    Attributes
    ----------
    wish : str
        What :func:`choose_device` takes: "auto", "cuda:0", "mps", "cpu"; "cuda" where there is none.
    text : str
        For a list.
    reason : str
        What "auto" takes and why; why a device is not here; else "".
    free : int
        Bytes that a program may still take; 0 if it is not here.
    is_here : bool
        It can be chosen.
    """

    wish: str
    text: str
    reason: str = ""
    free: int = 0
    is_here: bool = True


def list_devices() -> tuple[DeviceOption, ...]:
    """Return the devices, "auto" first, and those that are not here with the reason."""
    best = _best()
    kind = _KINDS.get(best.name, best.name)
    return (
        DeviceOption("auto", "Automatic", f"{kind}: {best.reason}", free_memory(best.name)),
        *_graphics_cards(),
        _apple(),
        DeviceOption("cpu", "CPU", free=free_memory("cpu")),
    )


_KINDS = {"cpu": "CPU", "mps": "Apple graphics processor"}


def _graphics_cards() -> tuple[DeviceOption, ...]:
    if not torch.cuda.is_available():
        return (DeviceOption("cuda", "graphics card", _why_no_cuda(), is_here=False),)
    names = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    return tuple(
        DeviceOption(name, f"{name}, {torch.cuda.get_device_name(name)}", free=free_memory(name)) for name in names
    )


def _apple() -> DeviceOption:
    if torch.backends.mps.is_available():
        return DeviceOption("mps", "Apple graphics processor", free=free_memory("mps"))
    built = torch.backends.mps.is_built()
    why = "this Mac or its system is too old" if built else "only Macs with Apple's own chips have one"
    return DeviceOption("mps", "Apple graphics processor", why, is_here=False)


def _why_no_cuda() -> str:
    if torch.version.cuda is None:
        return f"this torch ({torch.__version__}) is built without CUDA"
    return "torch finds no CUDA graphics card"


def choose_device(wish: str = "auto") -> Device:
    """Return the device to use.

    Parameters
    ----------
    wish : str
        "auto" takes a graphics card when torch can use one, else the CPU; otherwise a device as torch names it.

    Raises
    ------
    DeviceError
        If torch does not have the device that was asked for.
    """
    if wish == "auto":
        return _best()
    usable = {"cpu", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))}
    usable |= {"cuda"} if torch.cuda.is_available() else set()
    usable |= {"mps"} if torch.backends.mps.is_available() else set()
    if wish not in usable:
        raise DeviceError(
            f"The device {wish!r} is not here: this torch ({torch.__version__}) can use {', '.join(sorted(usable))}. "
            "Choose one of them or 'auto'."
        )
    return Device("cuda:0" if wish == "cuda" else wish, "as asked for")


def _best() -> Device:
    if torch.cuda.is_available():
        return Device("cuda:0", torch.cuda.get_device_name(0))
    if torch.backends.mps.is_available():
        return Device("mps", "Apple graphics processor")
    return Device("cpu", _why_no_cuda())


def out_of_memory(error: RuntimeError, device: str) -> bool:
    """Tell whether torch failed for lack of memory on ``device``."""
    if isinstance(error, torch.OutOfMemoryError):
        return True
    return any(words in str(error) for words in _OUT_OF_MEMORY.get(device.partition(":")[0], ()))


_OUT_OF_MEMORY = {
    "cpu": ("can't allocate memory", "not enough memory"),  # Linux and Mac, Windows
    "cuda": ("CUDA out of memory", "_STATUS_ALLOC_FAILED"),  # of cuBLAS and cuDNN
    "mps": ("MPS backend out of memory",),
}


def clear_cache() -> None:
    """Give back the memory that torch keeps on graphics cards for later."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def free_memory(device: str) -> int:
    """Return the bytes that a program may still take on a device."""
    if device.startswith("cuda"):
        free, _ = torch.cuda.mem_get_info(device)
        return free
    return psutil.virtual_memory().available  # Apple's graphics processor shares it


def check_memory(needed: int, *, device: str, what: str) -> None:
    """Check that there is room for something before it is made.

    Parameters
    ----------
    needed : int
        Bytes.
    device : str
        As torch names it.
    what : str
        Name of what needs them.

    Raises
    ------
    OutOfMemory
        Saying what is needed, what is free, and what to do.
    """
    free = free_memory(device)
    if needed > free:
        other = "take a smaller model" if device == "cpu" else "choose the device cpu, or take a smaller model"
        raise OutOfMemory(
            f"{what} needs about {needed / 1e9:.1f} GB of memory, but {device} has {free / 1e9:.1f} GB free. Close "
            f"other programs, {other}."
        )
