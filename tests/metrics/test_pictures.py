import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.stats import pearsonr
from skimage.metrics import structural_similarity

from napari_celle.errors import CelleError
from napari_celle.metrics import (
    METRICS,
    fraction_inside,
    iou,
    nucleus_proportion_accuracy,
    pdf_pixel_accuracy,
    pearson,
    ssim,
    threshold_pixel_accuracy,
)

shapes = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6)
pairs = shapes.flatmap(lambda shape: st.tuples(arrays(bool, shape), arrays(bool, shape)))
shades = st.floats(0, 1, width=32)
mixed = shapes.flatmap(lambda shape: st.tuples(arrays(np.float32, shape, elements=shades), arrays(bool, shape)))
large = st.tuples(arrays(np.float32, (9, 8), elements=shades), arrays(np.float32, (9, 8), elements=shades))


@given(pairs)
def test_threshold_pixel_accuracy_and_iou_agree_with_counting_pixel_by_pixel(pair):
    first, second = pair
    cells = list(zip(first.flat, second.flat, strict=True))
    assert threshold_pixel_accuracy(first, second) == pytest.approx(sum(a == b for a, b in cells) / len(cells))
    union = sum(a or b for a, b in cells)
    assert iou(first, second) == pytest.approx(sum(a and b for a, b in cells) / union if union else 1)


@given(mixed)
def test_the_fraction_inside_and_pdf_accuracy_agree_with_summing_pixel_by_pixel(pair):
    heatmap, mask = pair
    cells = [(float(a), bool(b)) for a, b in zip(heatmap.flat, mask.flat, strict=True)]
    total = math.fsum(a for a, _ in cells)
    inside = math.fsum(a for a, b in cells if b)
    assert fraction_inside(heatmap, mask) == pytest.approx(inside / total if total else 0)
    assert pdf_pixel_accuracy(heatmap, mask) == pytest.approx(1 - math.fsum(abs(a - b) for a, b in cells) / len(cells))


@given(pairs)
def test_pdf_accuracy_of_a_threshold_image_is_its_threshold_accuracy(pair):
    assert pdf_pixel_accuracy(*pair) == pytest.approx(threshold_pixel_accuracy(*pair))


@given(large)
def test_ssim_is_that_of_scikit_image_symmetric_and_one_for_equal_pictures(pair):
    first, second = pair
    expected = structural_similarity(first.astype(float), second.astype(float), data_range=1)
    assert ssim(first, second) == pytest.approx(expected)
    assert ssim(first, second) == pytest.approx(ssim(second, first))
    assert ssim(first, first) == pytest.approx(1)


@given(st.lists(st.tuples(shades, shades), min_size=1, max_size=9))
def test_nucleus_proportion_accuracy_agrees_with_a_loop(rows):
    predicted, truth = np.array(rows).T
    expected = 1 - math.fsum(abs(a - b) for a, b in rows) / len(rows)
    assert nucleus_proportion_accuracy(predicted, truth) == pytest.approx(expected)


@given(st.integers(0, 2**16), st.sampled_from([1e-200, 1.0, 1e200]))
def test_pearson_is_that_of_scipy_and_blind_to_scale_and_offset(seed, scale):
    rng = np.random.default_rng(seed)
    first, second = rng.random((9, 8)), rng.random((9, 8))
    assert pearson(first * scale, second) == pytest.approx(pearsonr(first.ravel(), second.ravel()).statistic)
    assert pearson(first, 3 - 2 * first) == pytest.approx(-1)


@given(pairs)
def test_pearson_of_threshold_images_is_that_of_counting(pair):
    first, second = (each.astype(float) for each in pair)
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        assert math.isnan(pearson(*pair))
    else:
        assert pearson(*pair) == pytest.approx(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def test_a_constant_picture_correlates_with_nothing():
    for value in (0, 0.1, 255):
        assert math.isnan(pearson(np.full((3, 3), value), np.eye(3)))
        assert math.isnan(pearson(np.eye(3), np.full((3, 3), value)))


def test_a_picture_too_small_for_a_window_is_named():
    with pytest.raises(CelleError, match=r"needs 7 pixels.*\(8, 6\)"):
        ssim(np.zeros((8, 6)), np.zeros((8, 6)))


def test_labels_of_nuclei_count_as_a_mask():
    assert fraction_inside(np.ones((2, 2)), np.array([[0, 3], [0, 9]])) == 0.5


def test_constant_pictures_have_figures():
    dark, bright = np.zeros((8, 8)), np.ones((8, 8))
    assert fraction_inside(dark, bright) == 0
    assert (iou(dark, dark), iou(bright, dark)) == (1, 0)
    assert ssim(dark, dark) == 1
    assert ssim(dark, bright) == pytest.approx(0, abs=1e-3)


def test_without_pixels_there_is_no_figure_and_no_warning():
    nothing = np.zeros((0, 0))
    assert math.isnan(threshold_pixel_accuracy(nothing, nothing))
    assert math.isnan(pdf_pixel_accuracy(nothing, nothing))
    assert math.isnan(nucleus_proportion_accuracy(np.zeros(0), np.zeros(0)))


def test_every_metric_by_name_takes_two_arrays_and_gives_a_number():
    rng = np.random.default_rng(0)
    for name, metric in METRICS.items():
        square = name in (
            *("frechet_distance", "iou", "pdf_pixel_accuracy", "pearson", "ssim"),
            "threshold_pixel_accuracy",
        )
        truth = rng.random((8, 8) if square else 64) > 0.5
        predicted = rng.random(truth.shape)
        assert isinstance(metric(predicted if name in ("auc", "ssim") else predicted > 0.5, truth), float), name
