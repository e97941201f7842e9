"""Libraries that are loaded before the import that needs them."""

import os
import subprocess
import sys

import pytest

LOADED = """
import os, sys
from napari_celle import native
native._load_library()
print("torch" in sys.modules, "libtorch_cpu" in open("/proc/self/maps").read())
native.load_torch()
print(os.environ["OMP_WAIT_POLICY"])
print(sys.modules["torch"].ones(3).sum().item())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize(("wish", "policy"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_the_library_of_torch_is_there_before_the_import_and_its_threads_wait_as_the_user_wishes(wish, policy):
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    environment |= {"OMP_WAIT_POLICY": wish} if wish else {}
    command = [sys.executable, "-c", LOADED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["False", "True", policy, "3.0"], done.stderr
