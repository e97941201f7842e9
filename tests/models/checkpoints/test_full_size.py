"""A CELL-E 2 of published size, with random weights: imported, loaded and asked for a picture within 6 GB."""

import json
import os
import resource
import subprocess
import sys

import pytest

MAKE = """
import json, sys, torch
layout, out = sys.argv[1:]
torch.manual_seed(0)
weights = {}
for name, value in json.load(open(layout))["keys"].items():
    ones = value["shape"] and name.endswith(("norm.weight", "norm1.weight", "norm2.weight"))
    weights[name] = torch.ones(value["shape"]) if ones else torch.randn(value["shape"]) * 0.02
weights["celle.vae.model.decoder.conv_out.bias"][:] = 0.5  # a picture that is not black
torch.save({"state_dict": weights}, out)
"""

PREDICT = """
import json
import numpy as np
from napari_celle.predict import Predictor
from napari_celle.simulate import draw_field
from napari_celle.types import PredictionRequest
predictor = Predictor.load("celle2-hpa-480", device="cpu")
field = draw_field(np.random.default_rng(0), size=256)
prediction = predictor(PredictionRequest(sequence="MSKGEELFTGVVPILVELDGDVNGHKFSVSG", nucleus=field.nucleus))
heatmap = prediction.heatmap
print(json.dumps([float(prediction.probability.sum()), float(heatmap.min()), float(heatmap.max())]))
"""


def _python(*arguments, **environment):
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_480_model_is_imported_loaded_and_predicts_within_6_gigabytes(shared, tmp_path):
    (tmp_path / "files").mkdir()
    weights = {"NAPARI_CELLE_WEIGHTS": str(tmp_path / "weights")}
    layout = shared / "upstream" / "layouts" / "celle2_HPA_480.json"
    _python("-c", MAKE, layout, tmp_path / "files" / "model.ckpt")
    _python("-m", "napari_celle", "weights", "import", tmp_path / "files", "--name", "celle2-hpa-480", **weights)
    total, darkest, brightest = json.loads(_python("-c", PREDICT, **weights))
    assert total == pytest.approx(1, abs=1e-3)
    assert 0 <= darkest < brightest <= 1
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    assert peak < 6e9, f"a step took {peak / 1e9:.1f} GB"
