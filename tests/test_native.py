"""Libraries that are loaded before the import that needs them."""

import subprocess
import sys

import pytest

LOADED = """
import sys
from napari_celle import native
native._load_library()
print("torch" in sys.modules, "libtorch_cpu" in open("/proc/self/maps").read())
native.load_torch()
print(sys.modules["torch"].ones(3).sum().item())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_the_library_of_torch_is_there_before_the_import_and_torch_computes():
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["False", "True", "3.0"], done.stderr
