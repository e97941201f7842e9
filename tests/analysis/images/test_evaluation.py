import numpy as np
import pytest
import torch

from napari_celle.analysis.images.evaluation import drawn_dataset, evaluate_images, table_dataset
from napari_celle.analysis.images.pictures import FIGURES
from napari_celle.data.proteins import LOCATIONS, Proteins
from napari_celle.data.simulated import draw_cells
from napari_celle.errors import WeightsError

BASELINES = ("all dark", "mean picture", "label-blind")


@pytest.fixture(scope="module")
def answer(pairs):
    """Two models that see the pictures differently, on three pictures."""
    return evaluate_images(["tiny", "tiny-celle2", "tiny"], table_dataset(pairs, name="three"), seed=1)


def test_each_model_has_a_row_its_tokenizer_and_the_baselines_of_its_view(answer):
    models = ("tiny", "tiny-celle2")
    assert [row.name for row in answer.rows] == [
        *models,
        *(f"{model}: tokenizer" for model in models),
        *(f"{model}: {each}" for model in models for each in BASELINES),
    ]
    assert [row.kind for row in answer.rows] == ["model"] * 2 + ["tokenizer"] * 2 + ["baseline"] * 6
    assert {(row.data, row.n) for row in answer.rows} == {("three", 3)}
    assert [bool(row.weights_sha256) for row in answer.rows] == [True] * 4 + [False] * 6
    for row in answer.rows:
        assert tuple(row.figures) == (*FIGURES, "frechet_distance")
        assert 0 <= row.figures["threshold_pixel_accuracy"].mean <= 1


def test_rows_are_the_means_of_their_pictures(answer):
    for measured, row in zip(answer.measured, answer.rows, strict=True):
        assert [record["picture"] for record in measured.records] == [1, 2, 3]
        mean = np.mean([record["iou"] for record in measured.records])
        assert row.figures["iou"].mean == pytest.approx(mean)
    assert answer.without_nuclei() == {"tiny": 0, "tiny-celle2": 0}


def test_a_baseline_never_sees_the_picture_that_it_is_measured_on(answer, pairs):
    (mean,) = (each for each in answer.measured if each.name == "tiny: mean picture")
    alone = evaluate_images(["tiny"], table_dataset(pairs, name="one", limit=1))
    assert [row.name for row in alone.rows] == ["tiny", "tiny: tokenizer", "tiny: all dark"]
    # the second picture is guessed from the first and the third, both of them nuclear
    assert mean.records[1]["fraction_map"] > mean.records[1]["true_fraction"]


def test_there_is_something_to_look_at_of_each_model(answer):
    assert {name: len(cases) for name, cases in answer.montages.items()} == {"tiny": 3, "tiny-celle2": 3}


def test_the_same_seed_gives_the_same_figures_and_others_are_told_of_progress(answer, pairs):
    steps = []
    dataset = table_dataset(pairs, name="three")
    again = evaluate_images(["tiny"], dataset, seed=1, on_step=lambda *step: steps.append(step))
    assert repr(again.rows[0].figures) == repr(answer.rows[0].figures)  # NaN is not equal to itself
    assert ("tiny: predicting", 3, 3) in steps


def test_drawn_cells_have_one_truth_for_all_models():
    places = np.zeros((1, len(LOCATIONS)), bool)
    places[0, LOCATIONS.index("Nucleus")] = True
    proteins = Proteins(("N",), ("MKRP",), places)
    dataset = drawn_dataset(draw_cells(proteins, 2, seed=0), proteins, name="drawn")
    answer = evaluate_images(["tiny", "tiny-celle2"], dataset)
    assert [row.name for row in answer.rows if row.kind == "baseline"] == [f"tiny: {each}" for each in BASELINES]
    truths = [[record["true_fraction"] for record in each.records] for each in answer.measured[:2]]
    assert truths[0] == truths[1]


def test_an_inception_network_adds_columns(pairs):
    class Bands(torch.nn.Module):
        fc = torch.nn.Linear(8, 3)

        def forward(self, pixels):
            return pixels[:, 0].double().unflatten(1, (8, -1)).mean((2, 3))

    answer = evaluate_images(["tiny"], table_dataset(pairs, name="three"), inception=Bands())
    assert all({"fid", "inception_score"} <= set(row.figures) for row in answer.rows)


def test_a_model_that_is_not_there_is_named(pairs):
    with pytest.raises(WeightsError, match="no model 'none'"):
        evaluate_images(["none"], table_dataset(pairs, name="three"))
