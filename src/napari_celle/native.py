"""Native libraries that do not get along in one process."""

import os
import sys
from importlib.util import find_spec


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
