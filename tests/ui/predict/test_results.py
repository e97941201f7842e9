"""Answers become layers that belong together, take each other's places, and follow the brush."""

import json
from dataclasses import replace

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtWidgets import QWidget

from napari_celle.ensemble import predict_ensemble
from napari_celle.field import predict_field
from napari_celle.field_types import FieldRequest
from napari_celle.predict import Predictor
from napari_celle.simulate import draw_field
from napari_celle.types import PredictionRequest
from napari_celle.ui.frames import Projection, frame_of
from napari_celle.ui.predict.results import Results

PROTEIN = "MSKGEELFTGPKKKRKV"


@pytest.fixture(scope="module")
def predictor():
    return Predictor.load("tiny", device="cpu")


@pytest.fixture(scope="module")
def nucleus():
    return draw_field(np.random.default_rng(3), size=300).nucleus


@pytest.fixture
def viewer(nucleus):
    viewer = ViewerModel()
    viewer.add_image(nucleus, name="DAPI", scale=(0.2, 0.2), translate=(3, 4), units=("um", "um"))
    return viewer


@pytest.fixture
def owner(qtbot):
    owner = QWidget()
    qtbot.addWidget(owner)
    return owner


@pytest.fixture
def results(viewer, owner):
    return Results(viewer, owner)


@pytest.fixture(scope="module")
def one(predictor, nucleus):
    return predictor(PredictionRequest(PROTEIN, nucleus))


def _frame(viewer):
    return frame_of(viewer.layers["DAPI"], displayed=(0, 1), point=(3.0, 4.0))


def _show(viewer, results, answer, *, replace=False):
    results.show(answer, frame=_frame(viewer), name="GFP", replace=replace)


def _names(viewer):
    return [layer.name for layer in viewer.layers]


def test_the_layers_of_one_answer_share_a_group_and_no_others_have_it(viewer, results, one):
    _show(viewer, results, one)
    _show(viewer, results, one)
    groups = [layer.metadata["celle"]["group"] for layer in list(viewer.layers)[1:]]
    assert len(set(groups[:3])) == len(set(groups[3:])) == 1
    assert groups[0] != groups[3]
    assert len(viewer.layers) == 7


def test_replacing_takes_the_place_and_the_looks_of_the_last_ones(viewer, results, one):
    _show(viewer, results, one)
    viewer.layers["GFP PDF"].visible = False
    viewer.layers["GFP nuclei"].opacity = 0.3
    viewer.layers.move(3, 1)
    before = _names(viewer)
    viewer.add_image(np.eye(4), name="mine")
    _show(viewer, results, one, replace=True)
    assert _names(viewer) == [*before, "mine"]
    assert not viewer.layers["GFP PDF"].visible
    assert viewer.layers["GFP nuclei"].opacity == 0.3


def test_replaced_layers_lie_where_new_ones_would(viewer, results, one, predictor, nucleus):
    _show(viewer, results, one)
    other = viewer.add_image(nucleus, scale=(3, 2), rotate=25, translate=(-4, 9), shear=[0.3], units=("nm", "nm"))
    answer = predictor(PredictionRequest(PROTEIN, nucleus, pixel_size_um=0.3))
    frame = frame_of(other, displayed=(0, 1), point=(0.0, 0.0))
    for in_place in (True, False):
        results.show(answer, frame=frame, name="NLS", replace=in_place)
    renewed, fresh = list(viewer.layers)[1:4], list(viewer.layers)[-3:]
    for old, new in zip(renewed, fresh, strict=True):
        np.testing.assert_array_equal(old.data, new.data)
        for at in ((0, 0), (7, 3)):
            np.testing.assert_allclose(old.data_to_world(at), new.data_to_world(at))
        assert (old.units, old.axis_labels) == (new.units, new.axis_labels)
        assert old.name.split()[0] == "NLS"
        assert old.metadata["celle"]["scale"] == new.metadata["celle"]["scale"]
    assert viewer.layers[2].contrast_limits == viewer.layers[-2].contrast_limits


def test_nuclei_that_were_painted_are_not_replaced(viewer, results, one):
    _show(viewer, results, one)
    mine = viewer.layers["GFP nuclei"]
    mine.paint(np.argwhere(mine.data)[50], 0)
    painted = mine.data.copy()
    _show(viewer, results, one, replace=True)
    np.testing.assert_array_equal(mine.data, painted)
    assert len([layer for layer in viewer.layers if "nuclei" in layer.name]) == 2


def test_replacing_several_draws_by_one_takes_their_other_layers_away(viewer, results, predictor, nucleus, one):
    _show(viewer, results, predict_ensemble(predictor, PredictionRequest(PROTEIN, nucleus), draws=2))
    _show(viewer, results, one, replace=True)
    assert sorted(_names(viewer)) == ["DAPI", "GFP PDF", "GFP nuclei", "GFP threshold"]


def test_replacing_a_flat_answer_by_one_of_a_stack_makes_new_layers(viewer, results, one, nucleus):
    _show(viewer, results, one)
    stack = viewer.add_image(np.stack([nucleus] * 3), name="stack")
    frame = frame_of(stack, displayed=(1, 2), point=(1.0, 0.0, 0.0))
    results.show(one, frame=frame, name="GFP", replace=True)
    assert {layer.ndim for layer in viewer.layers if layer.name.startswith("GFP")} == {3}


def test_replacing_adds_what_the_user_removed_and_nothing_before_the_first(viewer, results, one):
    _show(viewer, results, one, replace=True)
    viewer.layers.remove("GFP PDF")
    _show(viewer, results, one, replace=True)
    assert sorted(_names(viewer)) == ["DAPI", "GFP PDF", "GFP nuclei", "GFP threshold"]


def test_several_draws_have_layers_of_their_mean_spread_and_entropy(viewer, results, predictor, nucleus):
    answer = predict_ensemble(predictor, PredictionRequest(PROTEIN, nucleus), draws=3)
    _show(viewer, results, answer)
    for kind, expected in {"PDF": answer.probability, "spread": answer.spread, "entropy": answer.entropy}.items():
        layer = viewer.layers[f"GFP {kind}"]
        np.testing.assert_array_equal(layer.data, expected)
        assert json.loads(json.dumps(layer.metadata["celle"]))["seeds"] == [0, 1, 2]
        assert layer.visible == (kind == "PDF")
    assert len(viewer.layers) == 7


def test_the_nuclei_of_a_field_have_a_table_by_label(viewer, results, predictor, nucleus):
    answer = predict_field(predictor, FieldRequest(PROTEIN, nucleus))
    _show(viewer, results, answer)
    features = viewer.layers["GFP nuclei"].features.set_index("index")
    for result in answer.results:
        assert features.loc[result.label].item() == pytest.approx(result.nuclear_fraction)
    assert viewer.layers["GFP PDF"].data.shape == nucleus.shape


def test_painting_nuclei_tells_the_share_in_the_nuclei_as_they_are_now(qtbot, viewer, results, one):
    _show(viewer, results, one)
    nuclei = viewer.layers["GFP nuclei"]
    with qtbot.waitSignal(results.recounted, timeout=1000) as told:
        nuclei.paint(np.argwhere(nuclei.data)[50], 0)
    assert told.args[0] == pytest.approx(one.probability[np.asarray(nuclei.data) > 0].sum(), abs=1e-6)
    with qtbot.waitSignal(results.recounted, timeout=1000) as told:
        nuclei.data = np.ones_like(nuclei.data)
    assert told.args[0] == pytest.approx(1)
    nuclei.undo()


def test_nuclei_of_an_earlier_answer_do_not_count(qtbot, viewer, results, one):
    _show(viewer, results, one)
    earlier = viewer.layers["GFP nuclei"]
    _show(viewer, results, one)
    qtbot.wait(150)
    with qtbot.waitSignal(results.recounted, timeout=1000) as told:
        earlier.data = np.ones_like(earlier.data)
    assert told.args[0] == pytest.approx(one.nuclear_fraction, abs=1e-6)


def test_what_comes_of_a_projection_is_seen_at_each_plane(results, viewer, one, nucleus):
    viewer.layers.clear()
    stack = viewer.add_image(np.stack([nucleus] * 4), scale=(1, 0.2, 0.2))
    frame = frame_of(stack, displayed=(1, 2), point=(0.0, 0.0, 0.0), projection=Projection(0, "maximum"))
    results.show(one, frame=frame, name="GFP", replace=False)
    layer = viewer.layers["GFP PDF"]
    for z in range(4):
        viewer.dims.set_point(0, z)
        place = layer.data_to_world((0, 40, 50))[1:]
        assert layer.get_value((z, *place), world=True) == pytest.approx(one.probability[40, 50])


def test_painting_does_not_change_the_answer(viewer, results, one):
    before = one.nuclei.copy()
    _show(viewer, results, one)
    viewer.layers["GFP nuclei"].data[:] = 1
    np.testing.assert_array_equal(one.nuclei, before)


@pytest.mark.parametrize(("size", "outline"), [(60, 2), (12, 1)])
def test_small_nuclei_have_a_thin_outline(viewer, results, one, size, outline):
    nuclei = np.zeros_like(one.nuclei)
    nuclei[40 : 40 + size, 40 : 40 + size] = 1
    results.show(replace(one, nuclei=nuclei), frame=_frame(viewer), name="GFP", replace=False)
    assert viewer.layers["GFP nuclei"].contour == outline
