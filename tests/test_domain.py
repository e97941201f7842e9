"""An image unlike the training is told from one that is like it, and the finding says what to do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.io import imread

from napari_celle.domain import check_domain
from napari_celle.errors import ImageError
from napari_celle.models.registry import DEFAULT_MODEL, model_info
from napari_celle.segment import segment_nuclei
from napari_celle.simulate import draw_field

INFO = model_info(DEFAULT_MODEL)


def field(seed=3):
    return draw_field(np.random.default_rng((9, seed)))


def findings(image, nuclei=None, **changes):
    nuclei = segment_nuclei(image) if nuclei is None else nuclei
    check = check_domain(image, nuclei, INFO, **changes)
    assert check.ok == (not check.findings)
    return {finding.what: finding for finding in check.findings}


def test_drawn_fields_pass_but_for_a_few():
    fields = [field(seed) for seed in range(20)]
    unlike = [seed for seed, drawn in enumerate(fields) if findings(drawn.nucleus)]
    assert len(unlike) <= 1


@pytest.mark.parametrize(
    "name",
    [
        "hpa_1_nucleus.png",
        "hpa_2_nucleus.png",
        "hpa_nls_nucleus.png",
        "opencell_1_nucleus.png",
        "opencell_2_nucleus.png",
        "opencell_nls_nucleus.png",
        "opencell_celle1_demo_nucleus.png",
    ],
)
def test_good_real_nuclei_pass(shared, name):
    assert findings(imread(shared / "data/real_nuclei" / name)) == {}


def test_small_real_nuclei_are_told_with_the_scale_to_resample_by(shared):
    found = findings(imread(shared / "data/real_fields/ht29_dna.tif"))
    small = found["nucleus diameter in model pixels"]
    assert small.measured == pytest.approx(12.3, abs=1)
    assert small.low == pytest.approx(INFO.nucleus_diameter_px[0] / 1.1)
    scale = float(small.advice.split("by ")[1].split(",")[0])
    assert scale == pytest.approx(INFO.nucleus_diameter_px[1] / small.measured, rel=0.01)
    assert "nucleus diameter in model pixels" not in findings(
        imread(shared / "data/real_fields/ht29_dna.tif"), scale=scale
    )


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        pytest.param(lambda image, rng: ndimage.gaussian_filter(image, 6), "below 4 model pixels", id="blurred"),
        pytest.param(lambda image, rng: image + rng.normal(0, 0.3 * image.max(), image.shape), "below 4", id="noisy"),
        pytest.param(lambda image, rng: np.minimum(image, np.quantile(image, 0.7)), "saturated", id="saturated"),
        pytest.param(lambda image, rng: image.max() - image, "skewness", id="inverted"),
        pytest.param(lambda image, rng: np.round(10 * image / image.max()), "grey levels", id="few levels"),
        pytest.param(lambda image, rng: rng.normal(0, 1, image.shape), "contrast", id="no nuclei at all"),
    ],
)
def test_a_spoilt_image_is_told(spoil, what):
    drawn = field()
    image = spoil(drawn.nucleus.astype(float), np.random.default_rng(0))
    assert any(what in found for found in findings(image, drawn.nuclei))


def test_a_field_without_nuclei_is_told():
    drawn = field()
    found = findings(drawn.nucleus, np.zeros_like(drawn.nuclei))
    assert "No nucleus" in found["nuclei"].advice


def test_labels_in_the_dark_have_no_contrast():
    drawn = field()
    elsewhere = np.where(ndimage.distance_transform_edt(drawn.nuclei == 0) > 12, 1, 0)
    assert "contrast of nuclei to background noise" in findings(drawn.nucleus, elsewhere)


def test_nuclei_of_the_wrong_shape_are_refused():
    with pytest.raises(ImageError, match="shape"):
        check_domain(field().nucleus, np.zeros((3, 3), int), INFO)


@settings(max_examples=20)  # images
@given(st.floats(0.01, 1e4), st.floats(-1e3, 1e3))
def test_unit_and_offset_of_the_pixels_do_not_matter(gain, offset):
    drawn = field()
    image = drawn.nucleus.astype(float) / float(drawn.nucleus.max())
    assert findings(gain * (image + offset / 1e3), drawn.nuclei).keys() == findings(image, drawn.nuclei).keys()


def test_what_is_too_sharp_and_what_is_too_blurred_are_told_apart():
    image, rng = field().nucleus, np.random.default_rng(1)
    blurred = findings(ndimage.gaussian_filter(image, 6))["share of structure below 4 model pixels"]
    noisy = findings(image + rng.normal(0, 0.3 * image.max(), image.shape))["share of structure below 4 model pixels"]
    assert "blurred" in blurred.advice
    assert "noisy" not in blurred.advice
    assert "noisy" in noisy.advice
    assert "blurred" not in noisy.advice
