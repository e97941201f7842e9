import numpy as np
import pytest

from napari_celle.analysis.images.baselines import learn_baselines
from napari_celle.analysis.simulated import (
    BASELINE_PICTURES,
    draw_unseen,
    drawn_baselines,
    predict_picture,
    simulated_scores,
)
from napari_celle.data.proteins import LOCATIONS, Proteins
from napari_celle.data.simulated import draw_cells
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


def test_the_drawn_nuclei_are_none_of_those_of_a_training_with_the_same_seed(proteins, cells):
    trained_on = draw_cells(proteins, 3, seed=0)
    assert all((trained_on.nucleus[i] != cells.nucleus[j]).any() for i in range(3) for j in range(3))
    with pytest.raises(CelleError, match="no proteins"):
        draw_unseen(Proteins((), (), np.zeros((0, len(LOCATIONS)), bool)), 1, seed=0)


def test_a_model_is_measured_beside_its_baselines(proteins, cells):
    steps = []
    scores = simulated_scores(
        Predictor.load("tiny", device="cpu"),
        proteins,
        cells,
        baselines=learn_baselines(list(zip(cells.threshold, cells.nuclei, strict=True))),
        on_step=lambda *step: steps.append(step),
    )
    assert scores.n == 3
    assert steps[-1] == ("predicting", 3, 3)
    assert list(scores.baselines) == ["all dark", "mean picture", "label-blind"]
    assert all(list(figures) == list(scores.figures) for figures in scores.baselines.values())
    assert sum(each.count for each in scores.calibration) == 3
    assert 0 <= scores.figures["threshold_pixel_accuracy"].mean <= 1
    answer = scores.to_dict()
    assert {"mean", "sd", "n", "interval"} == set(answer["figures"]["iou"])
    for figures in (answer["figures"], *answer["baselines"].values()):  # the page of results prints all of them
        assert all(figure["mean"] is not None for figure in figures.values())


def test_one_picture_is_that_of_the_scores(proteins, cells):
    predictor = Predictor.load("tiny", device="cpu")
    threshold, heatmap = predict_picture(predictor, proteins.sequences[cells.protein[1]], cells, 1, seed=3)
    assert threshold.shape == heatmap.shape == cells.threshold[1].shape
    assert threshold.dtype == bool


def test_an_all_dark_picture_is_right_where_the_truth_is_dark(proteins, cells):
    baselines = {"all dark": learn_baselines([(cells.threshold[0], cells.nuclei[0])])["all dark"]}
    scores = simulated_scores(Predictor.load("tiny", device="cpu"), proteins, cells, baselines=baselines)
    share = 1 - cells.threshold.mean(axis=(1, 2))
    figure = scores.baselines["all dark"]["threshold_pixel_accuracy"]
    assert (figure.mean, figure.sd) == (pytest.approx(share.mean()), pytest.approx(share.std()))


def test_baselines_are_learned_from_drawn_cells(proteins, monkeypatch):
    assert BASELINE_PICTURES == 200
    monkeypatch.setattr("napari_celle.analysis.simulated.BASELINE_PICTURES", 2)
    assert list(drawn_baselines(proteins, seed=0)) == ["all dark", "mean picture", "label-blind"]
