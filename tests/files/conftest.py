"""A prediction made by hand."""

import numpy as np
import pytest

from napari_celle.types import Prediction, PredictionRequest, SamplingOptions, Window


@pytest.fixture
def prediction() -> Prediction:
    rng = np.random.default_rng(0)
    nuclei = np.zeros((48, 64), np.int32)
    nuclei[10:30, 5:25] = 1
    nuclei[10:30, 25:45] = 2  # touches the first
    heatmap = rng.random((48, 64), np.float32)
    probability = heatmap / heatmap.sum()
    request = PredictionRequest(
        sequence=" mskge elftg*",
        nucleus=rng.integers(0, 4096, (60, 80), np.uint16),
        sampling=SamplingOptions(seed=3),
        centre=(30.0, 40.5),
        pixel_size_um=0.2,
    )
    return Prediction(
        request=request,
        window=Window(6, 8, 48, 64),
        threshold=(heatmap > 0.5).astype(np.uint8),
        probability=probability,
        heatmap=heatmap,
        nuclei=nuclei,
        tokens=np.arange(256).reshape(16, 16),
        nuclear_fraction=float(probability[nuclei > 0].sum()),
        sampling=SamplingOptions(seed=3, steps=8, temperature=1.0),
        residues=(0, 10),
        scale=1.25,
        model="tiny",
        weights_sha256="ab" * 32,
        device="cpu",
        timings={"protein": np.float64(0.5)},
        notes=("Only a part was read.",),
    )
