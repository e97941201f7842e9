"""Native libraries: loaded so that they get along in one process, and leave its other threads alone."""

import ctypes
import os
import sys
from importlib.util import find_spec
from pathlib import Path

_TORCH = {"linux": "libtorch_cpu.so", "darwin": "libtorch_cpu.dylib"}


def load_triton() -> None:
    """Load triton so that it keeps to its own LLVM; to be called before anything that imports it.

    Mesa's graphics drivers bring another LLVM into a process with a napari window. Triton, which ``transformers`` and
    some of torch import on Linux, then takes the symbols of that one, and the process dies without a word.
    """
    if not sys.platform.startswith("linux") or "triton" in sys.modules or find_spec("triton") is None:
        return
    flags = sys.getdlopenflags()
    sys.setdlopenflags(flags | os.RTLD_DEEPBIND)
    try:
        import triton  # noqa: F401
    finally:
        sys.setdlopenflags(flags)


def load_torch() -> None:
    """Import torch; to be called in a thread, before anything that imports it.

    An import keeps the lock of Python while the system loads a library, for seconds with the half gigabyte of torch:
    meanwhile no window answers. A function called through ctypes lets go of the lock, so the library is loaded that way
    first. Where this does not work, torch is imported as ever.

    The threads of torch are told to sleep, not to spin, while they wait for each other, unless the user wishes
    otherwise. When other programs use the cores too, spinning takes more than ten times as long.
    """
    if "torch" not in sys.modules:
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        _load_library()
        import torch  # noqa: F401


def _load_library() -> None:
    spec, name = find_spec("torch"), _TORCH.get(sys.platform)
    if spec is None or spec.origin is None or name is None:
        return
    load = ctypes.CDLL(None).dlopen
    load.argtypes, load.restype = [ctypes.c_char_p, ctypes.c_int], ctypes.c_void_p
    load(os.fsencode(Path(spec.origin).parent / "lib" / name), os.RTLD_LAZY)
