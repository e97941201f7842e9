"""Each example is a script that runs."""

import os
import subprocess
import sys

import pytest

HAS_SCREEN = sys.platform in ("darwin", "win32") or any(os.environ.get(key) for key in ("DISPLAY", "WAYLAND_DISPLAY"))


@pytest.mark.skipif(not HAS_SCREEN, reason="needs a screen, or xvfb-run")
def test_the_demo_predicts_two_proteins_and_takes_a_picture_of_the_window(root, tmp_path):
    command = [sys.executable, str(root / "examples" / "demo.py"), "--screenshot-only", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["GFP", "GFP-NLS", "napari"]
    names = {path.name for path in tmp_path.iterdir()}
    assert {"GFP_pdf.tif", "GFP-NLS_overlay.png", "GFP-NLS_prediction.json", "napari.png"} <= names
    assert (tmp_path / "napari.png").stat().st_size > 10_000
