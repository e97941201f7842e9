"""Seldom touched options are behind a title, and only those that mean something are seen."""

import pytest

from napari_celle.types import SamplingOptions
from napari_celle.ui.predict.more_box import MoreBox


@pytest.fixture
def box(qtbot):
    box = MoreBox()
    qtbot.addWidget(box)
    return box


def test_left_alone_the_model_decides(box):
    assert box.sampling == SamplingOptions(seed=0, steps=None, pdf="paper")
    assert (box.draws.value(), box.field_windows) == (1, "cover")


def test_what_is_chosen_is_asked(box):
    box.seed.setValue(7)
    box.steps.setValue(12)
    box.pdf.setCurrentText("As published")
    box.windows.setCurrentText("One for each nucleus")
    assert box.sampling == SamplingOptions(seed=7, steps=12, pdf="published")
    assert box.field_windows == "each"


def test_it_is_closed_until_it_is_opened(box, qtbot):
    box.show()
    qtbot.waitExposed(box)
    assert not box.isExpanded()
    assert box.content().height() == 0 or not box.seed.isVisible()
    box.expand(animate=False)
    assert box.seed.isVisible()


def test_a_field_has_windows_and_one_window_has_draws(box):
    box.show()
    box.expand(animate=False)
    for is_field in (True, False):
        box.set_field(is_field=is_field)
        assert box.windows.isVisible() == is_field
        assert box.draws.isVisible() == (not is_field)
        assert box.watch.isVisible() == (not is_field)
