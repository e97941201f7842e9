"""The gallery shows every picture that its script takes, and the script runs."""

import os
import re
import subprocess
import sys

import pytest
from PIL import Image

HAS_SCREEN = sys.platform in ("darwin", "win32") or any(os.environ.get(key) for key in ("DISPLAY", "WAYLAND_DISPLAY"))
LARGEST = 250_000  # bytes


@pytest.fixture
def gallery(root):
    return root / "docs" / "gallery"


def test_every_picture_is_shown_once_and_is_small(gallery):
    shown = re.findall(r"\]\((\S+\.png)\)", (gallery / "README.md").read_text(encoding="utf-8"))
    pictures = sorted(gallery.glob("*.png"))
    assert sorted(shown) == [picture.name for picture in pictures]
    assert [picture.name for picture in pictures if picture.stat().st_size > LARGEST] == []


def test_every_picture_is_taken_by_the_script(gallery, root):
    script = (root / "examples" / "gallery.py").read_text(encoding="utf-8")
    assert [picture.stem for picture in gallery.glob("*.png") if f'"{picture.stem}"' not in script] == []


@pytest.mark.skipif(not HAS_SCREEN, reason="needs a screen, or xvfb-run")
def test_the_script_takes_a_picture_of_the_window(root, tmp_path):
    command = [sys.executable, str(root / "examples" / "gallery.py"), "--out", str(tmp_path), "--only", "models"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "models.png") as picture:
        assert picture.size == (1400, 900)
