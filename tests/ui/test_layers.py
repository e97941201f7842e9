"""A prediction lies on the pixels it was made of, wherever the nucleus layer lies in the world."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from napari.layers import Image, Layer

from napari_celle.types import PredictionRequest, Window
from napari_celle.ui.frames import frame_of, plane_pixels
from napari_celle.ui.layers import KINDS, is_prediction, prediction_layers

from .conftest import answer


def _frame(layer, *, displayed=None, point=None):
    displayed = displayed or tuple(range(layer.ndim))[-2:]
    return frame_of(layer, displayed=displayed, point=point or (0.0,) * layer.ndim)


def _predict(layer, frame, *, window):
    """Give the three layers of a prediction on a window of the plane."""
    pixels = plane_pixels(layer, frame)
    prediction = answer(PredictionRequest(sequence="MSKGEELFTG", nucleus=pixels), window=window)
    return [Layer.create(*data) for data in prediction_layers(prediction, frame=frame, name="GFP")]


def _moved(ndim):
    """Random transforms as napari takes them; no axis is flattened."""
    number = st.floats(-3, 3).map(lambda x: round(x, 3))
    size = st.floats(0.1, 4).map(lambda x: round(x, 3))
    many = st.lists(number, min_size=ndim, max_size=ndim)
    entries = st.lists(st.floats(-0.2, 0.2), min_size=ndim * ndim, max_size=ndim * ndim)
    return st.fixed_dictionaries(
        {
            "scale": st.lists(size, min_size=ndim, max_size=ndim),
            "translate": many,
            "rotate": st.floats(-180, 180) if ndim == 2 else st.tuples(*[st.floats(-180, 180)] * 3),
            "shear": st.lists(st.floats(-0.5, 0.5), min_size=ndim * (ndim - 1) // 2, max_size=ndim * (ndim - 1) // 2),
            "affine": entries.map(lambda e: _homogeneous(np.reshape(e, (ndim, ndim)) + np.eye(ndim))),
            "units": st.sampled_from(["um", "nm", "mm", "pixel"]).map(lambda unit: (unit,) * ndim),
        }
    )


def _homogeneous(linear):
    affine = np.eye(len(linear) + 1)
    affine[:-1, :-1] = linear
    affine[:-1, -1] = 7.0
    return affine


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(moved=_moved(2), y=st.integers(0, 20), x=st.integers(0, 20), pixel=st.tuples(st.floats(0, 9), st.floats(0, 9)))
def test_a_pixel_of_the_window_lies_where_its_source_pixel_lies(moved, y, x, pixel):
    source = Image(np.eye(32), **moved)
    for layer in _predict(source, _frame(source), window=Window(y=y, x=x, height=10, width=12)):
        assert layer.units == source.units
        world = layer.data_to_world(pixel)
        np.testing.assert_allclose(source.world_to_data(world), np.add(pixel, (y, x)), atol=1e-5)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.filterwarnings("ignore:Non-orthogonal slicing")  # what napari shows of a turned stack
@given(moved=_moved(3), z=st.integers(0, 4), plane=st.sampled_from([(1, 2), (0, 2), (0, 1), (2, 1)]))
def test_the_prediction_of_a_plane_of_a_stack_lies_in_that_plane(moved, z, plane):
    source = Image(np.random.default_rng(0).random((30, 31, 32)), **moved)
    (hidden,) = {0, 1, 2} - set(plane)
    index = np.zeros(3)
    index[hidden] = z
    frame = _frame(source, displayed=plane, point=tuple(source.data_to_world(index)))
    np.testing.assert_array_equal(plane_pixels(source, frame), np.take(source.data, z, axis=hidden))
    layer = _predict(source, frame, window=Window(y=3, x=5, height=10, width=12))[1]
    corner = source.world_to_data(layer.data_to_world((0, 0, 0)))
    index[sorted(plane)] = 3, 5
    np.testing.assert_allclose(corner, index, atol=1e-4)
    assert layer.data.shape[hidden] == 1


def test_units_axis_labels_and_all_transforms_are_those_of_the_source():
    source = Image(
        np.eye(40), scale=(0.2, 0.2), rotate=30, shear=[0.1], units=("um", "um"), axis_labels=("y", "x"), name="DAPI"
    )
    for layer in _predict(source, _frame(source), window=Window(y=0, x=0, height=8, width=8)):
        assert layer.units == source.units
        assert layer.axis_labels == ("y", "x")
        np.testing.assert_allclose(layer.scale, source.scale)
        np.testing.assert_allclose(layer.rotate, source.rotate)
        np.testing.assert_allclose(layer.shear, source.shear)


def test_three_layers_say_what_they_are_and_where_they_came_from():
    source = Image(np.eye(40))
    layers = _predict(source, _frame(source), window=Window(y=0, x=0, height=8, width=8))
    assert [layer.name for layer in layers] == ["GFP threshold", "GFP PDF", "GFP nuclei"]
    assert [type(layer).__name__ for layer in layers] == ["Image", "Image", "Labels"]
    for layer, kind in zip(layers, KINDS, strict=True):
        celle = json.loads(json.dumps(layer.metadata["celle"]))
        assert celle["kind"] == kind
        assert is_prediction(layer)
    assert not is_prediction(source)
    assert layers[1].contrast_limits == pytest.approx([0, layers[1].data.max()])


def test_a_protein_without_a_name_is_called_protein():
    source = Image(np.eye(40))
    prediction = answer(PredictionRequest(sequence="MSK", nucleus=source.data), window=Window(0, 0, 8, 8))
    assert prediction_layers(prediction, frame=_frame(source), name="")[0][1]["name"] == "protein threshold"
