from dataclasses import asdict

import pytest

from napari_celle.segment.cellpose import CellposeOptions
from napari_celle.segment.classical import ClassicalOptions
from napari_celle.ui.nuclei.options import BuiltInForm, CellposeForm, SizeField


@pytest.fixture
def show(qtbot):
    def _show(widget):
        qtbot.addWidget(widget)
        return widget

    return _show


def test_the_fields_begin_with_the_defaults_of_the_methods(show):
    assert show(BuiltInForm()).options == pytest.approx(asdict(ClassicalOptions()))
    assert show(CellposeForm()).options == pytest.approx(asdict(CellposeOptions()))
    assert show(CellposeForm()).device == "auto"


def test_a_size_is_told_in_micrometres_when_the_pixels_are_known(show):
    field = show(SizeField("measured", power=2, high=1000))
    assert field.value is None
    assert field.spin.text() == "measured"
    field.spin.setValue(100)
    assert field.micrometres.isHidden()
    field.set_pixel_size(0.2)
    assert field.micrometres.text() == "= 4 µm²"
    field.spin.setValue(0)
    assert field.micrometres.isHidden()


@pytest.mark.parametrize("form", [BuiltInForm, CellposeForm])
def test_every_change_is_told_once(qtbot, show, form):
    form = show(form())
    told = []
    form.changed.connect(lambda: told.append(1))
    form.diameter.spin.setValue(20)
    assert told == [1]
