import warnings

import numpy as np
import pytest
from PIL import Image

from napari_celle.analysis.images.montage import Case, choose_cases, write_montage
from napari_celle.analysis.images.samples import KeptSamples, Sample


def sample(number, *, protein=None, nuclei=True):
    pixels = np.random.default_rng(number).random((32, 32))
    labels = (pixels > 0.7).astype(np.int32) if nuclei else np.zeros((32, 32), np.int32)
    return Sample(number, "MK", pixels, labels, pixels > 0.5, protein)


@pytest.mark.parametrize(
    ("scores", "shown"),
    [
        ([0.1, 0.9, 0.5, 0.4, 0.2, 0.8, 0.3], {2: "best", 6: "best", 3: "middle", 4: "middle", 5: "worst", 1: "worst"}),
        ([0.1, 0.9, 0.5], {2: "best", 3: "best", 1: "worst"}),
        ([0.3], {1: "best"}),
        ([np.nan, 0.1, 0.2, 0.3], {4: "best", 3: "best", 2: "worst", 1: "worst"}),
    ],
)
def test_the_best_the_middle_and_the_worst_are_painted_anew(scores, shown):
    samples = KeptSamples()
    for number in range(1, len(scores) + 1):
        samples.keep(sample(number))
    records = [{"ssim_map": score} for score in scores]
    cases = choose_cases(records, samples, lambda sample: (sample.threshold, sample.threshold * 1.0))
    assert {case.sample.picture: case.title for case in cases} == shown
    assert [case.sample.picture for case in cases] == list(shown)


@pytest.mark.parametrize("protein", [np.eye(32, dtype=np.float32), None], ids=["measured", "drawn"])
def test_a_montage_has_a_row_a_case_and_a_column_a_picture(tmp_path, protein):
    cases = [
        Case("best", 0.9, each := sample(number, protein=protein, nuclei=number > 0), (each.threshold, each.nucleus))
        for number in range(2)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a window without nuclei has no outline
        write_montage(tmp_path / "montage.png", cases, title="a model")
    with Image.open(tmp_path / "montage.png") as picture:
        assert picture.width / picture.height > (2 if protein is not None else 1.5)
