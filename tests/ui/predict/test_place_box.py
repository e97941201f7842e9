"""The place that is predicted is the one that was chosen in the viewer, wherever the layer lies in the world."""

import inspect
from types import SimpleNamespace

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Shapes

from napari_celle.errors import ImageError
from napari_celle.types import Window
from napari_celle.ui.frames import frame_of
from napari_celle.ui.predict.asking import Place
from napari_celle.ui.predict.place_box import FIELD, IMAGE_CENTRE, NUCLEUS, PART, RECTANGLE, VIEW_CENTRE, PlaceBox

MOVED = {"scale": (0.2, 0.2), "translate": (5, -3), "rotate": 30}


@pytest.fixture
def viewer():
    viewer = ViewerModel()
    viewer.add_image(np.zeros((100, 120)), name="DAPI", **MOVED)
    return viewer


@pytest.fixture
def box(qtbot, viewer):
    box = PlaceBox(viewer)
    qtbot.addWidget(box)
    return box


def _place(viewer, box, layer="DAPI"):
    layer, dims = viewer.layers[layer], viewer.dims
    return box.place(layer, frame_of(layer, displayed=tuple(dims.displayed), point=tuple(dims.point)))


def _mouse(viewer, *, at, to=None, button=1):
    """Press, move and release as napari tells its callbacks; ``at`` and ``to`` are (y, x) pixels of the layer."""
    layer = viewer.layers["DAPI"]
    moved = to is not None
    to = to or at
    event = SimpleNamespace(
        type="mouse_press", button=button, modifiers=(), pos=at, position=tuple(layer.data_to_world(at))
    )
    started = [callback(viewer, event) for callback in list(viewer.mouse_drag_callbacks)]
    followers = [follower for follower in started if inspect.isgenerator(follower)]
    for kind in ["mouse_press"] + (["mouse_move"] if moved else []) + ["mouse_release"]:
        if kind != "mouse_press":
            event.type, event.pos, event.position = kind, to, tuple(layer.data_to_world(to))
        for follower in followers:
            next(follower, None)


def test_the_middle_of_the_image_needs_no_place(viewer, box):
    assert box.kind.currentText() == IMAGE_CENTRE
    assert _place(viewer, box) == Place("window", centre=None)


def test_the_middle_of_the_view_is_a_pixel_of_the_layer(viewer, box, qtbot):
    box.kind.setCurrentText(VIEW_CENTRE)
    with qtbot.waitSignal(box.changed):
        viewer.scene.camera.center = tuple(viewer.layers["DAPI"].data_to_world((30, 50)))
    assert _place(viewer, box).centre == pytest.approx((30, 50))


def test_a_moving_camera_is_of_no_interest_otherwise(viewer, box, qtbot):
    with qtbot.assertNotEmitted(box.changed):
        viewer.scene.camera.center = (1, 2)


def test_a_clicked_nucleus_is_a_pixel_of_the_layer(viewer, box, qtbot):
    box.kind.setCurrentText(NUCLEUS)
    assert box.hint.text() == "Click a nucleus in the image."
    with pytest.raises(ImageError, match="Click a nucleus in the image"):
        _place(viewer, box)
    with qtbot.waitSignal(box.changed):
        _mouse(viewer, at=(20, 70))
    assert _place(viewer, box).centre == pytest.approx((20, 70))
    _mouse(viewer, at=(33, 44))
    assert _place(viewer, box).centre == pytest.approx((33, 44))


def test_the_mouse_may_tremble_in_a_click(viewer, box):
    box.kind.setCurrentText(NUCLEUS)
    _mouse(viewer, at=(20, 70), to=(22, 69))
    assert _place(viewer, box).centre == pytest.approx((22, 69))


@pytest.mark.parametrize("how", [{"to": (60, 10)}, {"button": 2}], ids=["drag", "right button"])
def test_a_drag_or_another_button_is_no_click(viewer, box, how):
    box.kind.setCurrentText(NUCLEUS)
    _mouse(viewer, at=(20, 70), **how)
    with pytest.raises(ImageError, match="Click a nucleus"):
        _place(viewer, box)


def test_clicks_mean_nothing_while_another_place_is_chosen(viewer, box):
    _mouse(viewer, at=(20, 70))
    box.kind.setCurrentText(NUCLEUS)
    with pytest.raises(ImageError, match="Click a nucleus"):
        _place(viewer, box)


def test_a_click_beside_the_image_is_told(viewer, box):
    box.kind.setCurrentText(NUCLEUS)
    _mouse(viewer, at=(-9, 70))
    with pytest.raises(ImageError, match="lies outside the image"):
        _place(viewer, box)


def test_a_box_that_is_gone_listens_no_more(viewer, qtbot):
    before = list(viewer.mouse_drag_callbacks)
    box = PlaceBox(viewer)
    assert len(viewer.mouse_drag_callbacks) == len(before) + 1
    with qtbot.waitSignal(box.destroyed):
        box.deleteLater()
    _mouse(viewer, at=(20, 70))
    assert list(viewer.mouse_drag_callbacks) == before
    viewer.scene.camera.center = (3, 4)  # finds no dead widget
    viewer.add_shapes(np.array([[0, 0], [5, 5]]), shape_type="rectangle")


def test_the_whole_image_is_a_field_without_a_region(viewer, box):
    box.kind.setCurrentText(FIELD)
    assert box.is_field
    assert _place(viewer, box) == Place("field", region=None)
    assert "sums to 1 over all that was predicted" in box.kind.toolTip()


def test_a_rectangle_is_drawn_on_a_layer_that_lies_on_the_image(viewer, box):
    box.kind.setCurrentText(RECTANGLE)
    with pytest.raises(ImageError, match="Draw a rectangle"):
        _place(viewer, box)
    box.offer_rectangle(viewer.layers["DAPI"])
    drawn = viewer.layers[PART]
    assert drawn.mode == "add_rectangle"
    assert drawn.units == viewer.layers["DAPI"].units
    drawn.add_rectangles(np.array([[10, 20], [10, 80], [60, 80], [60, 20]]))
    assert _place(viewer, box) == Place("field", region=Window(10, 20, 50, 60))
    box.offer_rectangle(viewer.layers["DAPI"])
    assert sum(isinstance(layer, Shapes) for layer in viewer.layers) == 1


def test_drawing_is_followed(viewer, box, qtbot):
    box.kind.setCurrentText(RECTANGLE)
    box.offer_rectangle(viewer.layers["DAPI"])
    with qtbot.waitSignal(box.changed):
        viewer.layers[PART].add_rectangles(np.array([[10, 20], [60, 80]]))


def test_the_selected_rectangle_is_meant_or_the_last_one(viewer, box):
    box.kind.setCurrentText(RECTANGLE)
    shapes = viewer.add_shapes([np.array([[0, 0], [9, 9]]), np.array([[20, 30], [40, 60]])], **MOVED)
    assert _place(viewer, box).region == Window(20, 30, 20, 30)
    shapes.selected_data = {0}
    assert _place(viewer, box).region == Window(0, 0, 9, 9)


def test_a_rectangle_is_cut_at_the_border_and_one_beside_the_image_is_told(viewer, box):
    box.kind.setCurrentText(RECTANGLE)
    shapes = viewer.add_shapes(np.array([[-50, -9], [30, 40]]), **MOVED)
    assert _place(viewer, box).region == Window(0, 0, 30, 40)
    shapes.data = [np.array([[-50, -9], [-30, 40]])]
    with pytest.raises(ImageError, match="outside DAPI"):
        _place(viewer, box)


def test_a_rectangle_on_a_stack_is_one_of_its_planes(box, viewer):
    viewer.layers.clear()
    viewer.add_image(np.zeros((4, 50, 60)), name="DAPI", scale=(2, 0.5, 0.5))
    viewer.add_shapes(np.array([[5.0, 6.0], [15.0, 26.0]]))  # of two dimensions, in world units
    box.kind.setCurrentText(RECTANGLE)
    assert _place(viewer, box).region == Window(10, 12, 20, 40)
