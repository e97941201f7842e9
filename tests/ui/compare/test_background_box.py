import numpy as np
import pytest
from napari.components import ViewerModel

from napari_celle.analysis.comparison.background import Percentile, Region, RollingBall
from napari_celle.errors import ImageError
from napari_celle.ui.compare.background_box import BALL, DRAWN, NONE, PERCENTILE, BackgroundBox


@pytest.fixture
def viewer():
    viewer = ViewerModel()
    viewer.add_image(np.zeros((3, 40, 50)), name="actin", scale=(1, 2, 2))
    return viewer


@pytest.fixture
def box(qtbot, viewer):
    box = BackgroundBox(viewer.layers)
    qtbot.addWidget(box)
    return box


def test_a_ball_and_a_percentile_have_a_number_with_its_unit(box, viewer):
    assert box.background(viewer.layers["actin"], (1, 2)) == RollingBall(50.0)
    assert box.number.suffix() == " px"
    box.kind.setCurrentText(PERCENTILE)
    box.number.setValue(7)
    assert box.background(viewer.layers["actin"], (1, 2)) == Percentile(7.0)
    assert box.number.suffix() == " %"
    assert box.region.isHidden()
    box.kind.setCurrentText(NONE)
    assert box.background(viewer.layers["actin"], (1, 2)) is None
    assert box.number.isHidden()
    box.kind.setCurrentText(BALL)
    assert box.number.value() == 50


def test_a_region_waits_for_a_shapes_layer_and_is_what_was_drawn(qtbot, box, viewer):
    box.kind.setCurrentText(DRAWN)
    assert "Draw the background" in box.reason
    with qtbot.waitSignal(box.changed):
        viewer.add_shapes([np.array([[4, 6], [4, 20], [12, 20], [12, 6]])], name="background")
    assert box.reason == ""
    region = box.background(viewer.layers["actin"], (1, 2))
    assert isinstance(region, Region)
    rows, columns = np.nonzero(region.mask)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (2, 6, 3, 10)


def test_lines_enclose_nothing_and_that_is_said(box, viewer):
    box.kind.setCurrentText(DRAWN)
    viewer.add_shapes([np.array([[4, 6], [4, 20]])], shape_type="line", name="lines")
    with pytest.raises(ImageError, match="lines has no closed shape"):
        box.background(viewer.layers["actin"], (1, 2))
