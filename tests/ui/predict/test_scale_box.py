"""What a request says of sizes: the pixel size, a nucleus diameter, or that nothing is resampled."""

import pytest

from napari_celle.models.registry import model_info
from napari_celle.ui.predict.scale_box import AS_IT_IS, DIAMETER, ScaleBox

INFO = model_info("tiny")


@pytest.fixture
def box(qtbot):
    box = ScaleBox()
    qtbot.addWidget(box)
    return box


def test_by_itself_the_pixel_size_of_the_layer_is_taken(box):
    assert box.sizes(0.3, INFO) == (0.3, None)
    assert box.sizes(None, INFO) == (None, None)
    assert box.diameter.isHidden()


def test_the_diameter_starts_with_what_was_measured_and_can_be_typed(box, qtbot):
    box.offer(12.3)
    box.kind.setCurrentText(DIAMETER)
    assert box.sizes(0.3, INFO) == (None, pytest.approx(12.3))
    with qtbot.waitSignal(box.changed):
        box.diameter.setValue(30)
    assert box.sizes(0.3, INFO) == (None, 30)
    box.offer(14.0)
    assert box.sizes(0.3, INFO) == (None, 30)  # what was typed stays
    box.measured.click()
    assert box.sizes(0.3, INFO) == (None, 14)


def test_the_diameter_and_its_button_fit_into_a_narrow_dock(box):
    box.kind.setCurrentText(DIAMETER)
    assert box.minimumSizeHint().width() <= 220  # px, beside the words of a dock of 320


def test_an_image_without_nuclei_has_no_diameter_to_take(box):
    box.offer(None)
    assert not box.measured.isEnabled()


def test_not_resampled_means_that_nuclei_have_the_typical_size(box):
    box.kind.setCurrentText(AS_IT_IS)
    assert box.sizes(0.3, INFO) == (None, INFO.nucleus_diameter_px[1])
