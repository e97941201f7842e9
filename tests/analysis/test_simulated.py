import numpy as np
import pytest

from napari_celle.analysis.simulated import (
    baseline_figures,
    draw_unseen,
    learn_baselines,
    picture_figures,
    simulated_scores,
)
from napari_celle.data.proteins import LOCATIONS, Proteins
from napari_celle.data.simulated import SimulatedCells, draw_cells
from napari_celle.errors import CelleError
from napari_celle.predict import Predictor


@pytest.fixture(scope="module")
def proteins():
    places = np.zeros((2, len(LOCATIONS)), bool)
    places[0, LOCATIONS.index("Nucleus")] = places[1, LOCATIONS.index("Cytoplasm")] = True
    return Proteins(("N", "C"), ("MKRPKKKRKV", "MSKGEELFTG"), places)


@pytest.fixture(scope="module")
def cells(proteins):
    return draw_unseen(proteins, 3, seed=0)


def toy(threshold, nuclei):
    """One picture of 8 x 8 pixels."""
    whole = np.zeros((1, 8, 8), np.uint8)
    return SimulatedCells(nucleus=whole, threshold=threshold[None], nuclei=nuclei[None], protein=np.zeros(1, int))


def test_a_perfect_picture_has_perfect_figures(cells):
    truth, nuclei = cells.threshold[0], cells.nuclei[0]
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


def test_the_drawn_nuclei_are_none_of_those_of_a_training_with_the_same_seed(proteins, cells):
    trained_on = draw_cells(proteins, 3, seed=0)
    assert all((trained_on.nucleus[i] != cells.nucleus[j]).any() for i in range(3) for j in range(3))
    with pytest.raises(CelleError, match="no proteins"):
        draw_unseen(Proteins((), (), np.zeros((0, len(LOCATIONS)), bool)), 1, seed=0)


def test_the_label_blind_baseline_learns_what_is_bright_near_nuclei():
    nuclei = np.zeros((8, 8), bool)
    nuclei[2:5, 2:5] = True
    baselines = learn_baselines(toy(nuclei, nuclei))
    elsewhere = np.roll(nuclei, 2, axis=1)
    threshold, heatmap = baselines["label-blind"](elsewhere)
    np.testing.assert_array_equal(threshold, elsewhere)
    assert heatmap.min() >= 0
    assert heatmap.max() <= 1
    np.testing.assert_array_equal(baselines["mean picture"](elsewhere)[0], nuclei)
    assert not baselines["all dark"](elsewhere)[0].any()


@pytest.mark.parametrize("value", [False, True], ids=["no nucleus", "nothing but nucleus"])
def test_baselines_can_be_learned_from_pictures_without_an_edge(value):
    plain = np.full((8, 8), value)
    for picture in learn_baselines(toy(plain, plain)).values():
        assert picture(plain)[1].shape == (8, 8)


def test_an_all_dark_picture_is_right_where_the_truth_is_dark(cells):
    dark = learn_baselines(cells)["all dark"]
    share = 1 - cells.threshold.mean(axis=(1, 2))
    figure = baseline_figures(dark, cells)["threshold_pixel_accuracy"]
    assert (figure.mean, figure.sd) == (pytest.approx(share.mean()), pytest.approx(share.std()))


def test_a_model_is_measured_beside_its_baselines(proteins, cells):
    steps = []
    scores = simulated_scores(
        Predictor.load("tiny", device="cpu"),
        proteins,
        cells,
        baselines=learn_baselines(cells),
        on_step=lambda *step: steps.append(step),
    )
    assert scores.n == 3
    assert steps[-1] == ("predicting", 3, 3)
    assert list(scores.baselines) == ["all dark", "mean picture", "label-blind"]
    assert all(list(figures) == list(scores.figures) for figures in scores.baselines.values())
    assert sum(each.count for each in scores.calibration) == 3
    assert 0 <= scores.figures["threshold_pixel_accuracy"].mean <= 1
    assert set(scores.to_dict()["figures"]["iou"]) == {"mean", "sd"}
