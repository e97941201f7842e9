"""Each example is a script that runs."""

import os
import subprocess
import sys

import numpy as np
import pytest

from napari_celle.data.proteins import LOCATIONS
from napari_celle.simulate import draw_field

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


def test_the_nuclear_accuracy_of_a_model_is_measured_on_a_table_and_a_folder_of_nuclei(root, tmp_path):
    lines = [",".join(["accession", "kingdom", "gene", "partition", *LOCATIONS, "sequence"])]
    for number in range(6):
        labels = ["0", str(number % 2), *["0"] * 8]
        lines.append(",".join([f"T{number}", "Metazoa", "", "4", *labels, "MSKGEELFTG" * (number + 2)]))
    (tmp_path / "table.csv").write_text("\n".join(lines))
    np.save(tmp_path / "a_nucleus.npy", draw_field(np.random.default_rng(0)).nucleus)
    command = [sys.executable, str(root / "examples" / "nuclear_accuracy.py"), "--model", "tiny"]
    command += ["--table", str(tmp_path / "table.csv"), "--nuclei", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "fold 4: 6 proteins, 50.0% nuclear" in done.stdout
    assert "area under the curve: " in done.stdout
