import math

import numpy as np
import pytest

from napari_celle.errors import CelleError
from napari_celle.metrics import METRICS, best_threshold, bootstrap, calibration, fraction_inside

ROWS = ("accuracy", "auc", "expected_calibration_error", "mcc", "nuclear_accuracy", "nucleus_proportion_accuracy")
PICTURES = ("iou", "pdf_pixel_accuracy", "pearson", "ssim", "threshold_pixel_accuracy")


@pytest.mark.parametrize("name", [*ROWS, *PICTURES])
def test_shapes_that_differ_are_named(name):
    with pytest.raises(CelleError, match=r"shape \(8, 8\), the truth \(8, 9\)"):
        METRICS[name](np.zeros((8, 8)), np.zeros((8, 9)))


@pytest.mark.parametrize("function", [calibration, best_threshold, fraction_inside])
def test_so_are_those_of_what_is_no_metric(function):
    with pytest.raises(CelleError, match=r"shape \(3,\), the truth \(2,\)"):
        function(np.zeros(3), np.zeros(2))


def test_predictions_without_truth_are_not_drawn():
    with pytest.raises(CelleError, match="3 predictions and 2 truths"):
        bootstrap(METRICS["accuracy"], np.zeros(3), np.zeros(2), rng=np.random.default_rng(0))


@pytest.mark.parametrize("name", [*ROWS, *PICTURES])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_not_measured(name, value):
    predicted, truth = np.zeros((8, 8)), np.arange(64).reshape(8, 8) > 30
    predicted[2, 3] = value
    if name in ROWS:
        predicted, truth = predicted.ravel(), truth.ravel()
    assert math.isnan(METRICS[name](predicted, truth))


@pytest.mark.parametrize("name", [*ROWS, *PICTURES])
def test_nothing_has_no_figure(name):
    nothing = np.zeros(0 if name in ROWS else (0, 0))
    assert math.isnan(METRICS[name](nothing, nothing))


def test_a_fraction_of_light_that_is_no_number_is_none():
    assert math.isnan(fraction_inside(np.full((2, 2), np.nan), np.ones((2, 2))))
    assert math.isnan(fraction_inside(np.zeros((0, 2)), np.zeros((0, 2))))
    assert math.isnan(best_threshold(np.zeros(0), np.zeros(0, bool)))


def test_a_prediction_that_is_no_number_is_in_no_bin():
    bins = calibration(np.array([0.2, np.nan]), np.array([0, 1]), bins=2)
    assert [each.count for each in bins] == [1, 0]
