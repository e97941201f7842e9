"""Published models in a process with a window."""

import subprocess
import sys

CODE = """
import napari, numpy as np
viewer = napari.Viewer()
viewer.add_image(np.eye(64))
viewer.screenshot()  # the graphics driver is there now
from napari_celle.native import load_triton
load_triton()
import transformers.models.esm.modeling_esm
print("alive")
"""


def test_language_models_can_be_loaded_beside_a_graphics_driver():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=300)
    assert done.stdout.endswith("alive\n"), done.stderr
