"""Of a stack the plane at the sliders is taken, or a projection along any other axis."""

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_celle.ui.frames import Projection
from napari_celle.ui.predict.plane_box import AT_SLIDERS, PlaneBox


@pytest.fixture
def viewer():
    return ViewerModel()


@pytest.fixture
def box(qtbot, viewer):
    box = PlaneBox(viewer)
    qtbot.addWidget(box)
    return box


def _texts(box):
    return [box.itemText(at) for at in range(box.count())]


def test_a_flat_image_leaves_nothing_to_choose(viewer, box):
    box.offer(viewer.add_image(np.zeros((8, 8))))
    assert (box.is_needed, box.projection) == (False, None)


def test_a_stack_has_projections_along_each_axis_that_is_not_shown(viewer, box):
    box.offer(viewer.add_image(np.zeros((2, 5, 8, 8)), axis_labels=("c", "z", "y", "x")))
    assert _texts(box) == [
        AT_SLIDERS,
        "Maximum along c (2 planes)",
        "Mean along c (2 planes)",
        "Maximum along z (5 planes)",
        "Mean along z (5 planes)",
    ]
    box.setCurrentIndex(3)
    assert box.projection == Projection(1, "maximum")


def test_a_choice_stays_when_the_layer_has_it_too(viewer, box):
    box.offer(viewer.add_image(np.zeros((5, 8, 8))))
    box.setCurrentIndex(2)
    box.offer(viewer.add_image(np.zeros((7, 8, 8))))
    assert box.projection == Projection(0, "mean")
    box.offer(viewer.add_image(np.zeros((8, 8))))
    assert box.projection is None


def test_other_axes_are_projected_when_other_axes_are_shown(viewer, box):
    layer = viewer.add_image(np.zeros((5, 6, 7)))
    viewer.dims.order = (2, 0, 1)
    box.offer(layer)
    assert [box.itemData(at).axis for at in range(1, box.count())] == [2, 2]


def test_a_photograph_and_no_layer_have_none(viewer, box):
    box.offer(viewer.add_image(np.zeros((4, 8, 8, 3), np.uint8), rgb=True))
    assert not box.is_needed
    box.offer(None)
    assert not box.is_needed
