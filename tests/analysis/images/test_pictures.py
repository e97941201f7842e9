import math

import numpy as np
import pytest

from napari_celle.analysis.images.pictures import FIGURES, Figure, nuclear_shares, picture_figures, summary


def test_a_perfect_picture_has_perfect_figures():
    truth = np.arange(100).reshape(10, 10) % 3 == 0
    nuclei = np.arange(100).reshape(10, 10) > 50
    figures = picture_figures((truth, truth.astype(float)), truth=truth, nuclei=nuclei)
    assert figures == pytest.approx(dict.fromkeys(figures, 1.0))


def test_figures_of_the_map_and_of_the_threshold_image_are_told_apart():
    truth = np.zeros((8, 8), bool)
    truth[:4] = True
    nuclei = truth.copy()
    figures = picture_figures((~truth, truth.astype(float)), truth=truth, nuclei=nuclei)
    wrong = ("nucleus_proportion_accuracy", "threshold_pixel_accuracy", "iou")
    assert {name: figures[name] for name in wrong} == dict.fromkeys(wrong, 0)
    right = ("nucleus_proportion_accuracy_map", "pdf_pixel_accuracy_map", "ssim_map")
    assert {name: figures[name] for name in right} == pytest.approx(dict.fromkeys(right, 1))


def test_nuclear_or_not_is_told_by_more_than_half():
    nuclei = np.zeros((8, 8), bool)
    nuclei[:4] = True
    most, half = nuclei.copy(), np.ones((8, 8), bool)
    most[4, 0] = True
    figures = picture_figures((half, most.astype(float)), truth=most, nuclei=nuclei)
    assert (figures["nuclear_accuracy"], figures["nuclear_accuracy_map"]) == (0, 1)
    shares = nuclear_shares((half, most.astype(float)), truth=most, nuclei=nuclei)
    assert shares == pytest.approx({"true_fraction": 32 / 33, "fraction": 0.5, "fraction_map": 32 / 33})


def test_a_dark_picture_has_all_figures_but_a_correlation():
    nuclei = np.eye(8, dtype=bool)
    figures = picture_figures((np.zeros((8, 8), bool), np.zeros((8, 8))), truth=nuclei, nuclei=nuclei)
    assert tuple(figures) == FIGURES
    assert [name for name, value in figures.items() if math.isnan(value)] == ["pearson_map"]


def test_a_summary_leaves_out_what_a_picture_has_not():
    rows = [{"a": 1.0, "b": math.nan}, {"a": 0.0, "b": math.nan}, {"a": math.nan, "b": math.nan}]
    figures = summary(rows, names=("a", "b"))
    assert (figures["a"].mean, figures["a"].sd, figures["a"].n) == (0.5, 0.5, 2)
    assert figures["a"].interval == summary(rows, names=("a",))["a"].interval == (0, 1)
    assert math.isnan(figures["b"].mean)
    assert (figures["b"].n, figures["b"].printed()) == (0, "")


def test_the_deviation_of_yes_and_no_is_the_one_that_the_papers_print():
    rows = [{"nuclear_accuracy": float(number < 8946)} for number in range(10_000)]
    figure = summary(rows, names=("nuclear_accuracy",))["nuclear_accuracy"]
    assert figure.printed() == "0.8946 ± 0.3071"  # CELL-E, Table S.1
    assert Figure(14.818, math.nan).printed() == "14.818"
    assert Figure(0.9, 0.1).printed() == "0.9 ± 0.1"  # no zeros that nobody published
