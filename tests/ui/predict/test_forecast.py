"""What is said of a run before it starts is what it will do."""

import numpy as np
import pytest
from napari.layers import Image

from napari_celle import framing
from napari_celle.errors import Cancelled, ImageError
from napari_celle.models.registry import model_info
from napari_celle.run_times import RunTimes
from napari_celle.simulate import draw_field
from napari_celle.types import SamplingOptions, Window
from napari_celle.ui.frames import frame_of, plane_of
from napari_celle.ui.predict import asking
from napari_celle.ui.predict.asking import Place, Question
from napari_celle.ui.predict.forecast import LARGEST, Outset, forecast


@pytest.fixture(scope="module")
def nucleus():
    return draw_field(np.random.default_rng(3), size=400).nucleus


def _outset(pixels, *, device="cpu", **changes):
    layer = Image(pixels)
    plane = plane_of(layer, frame_of(layer, displayed=(0, 1), point=(0.0, 0.0)))
    asked = {"name": "", "sequence": "MSKGEELFTG", "first_residue": 0, "model": "tiny", "nuclei": None}
    question = Question(plane=plane, **{**asked, "place": Place(), "sampling": SamplingOptions(), **changes})
    return Outset(question, model_info("tiny"), device=device, is_loaded=False, times=RunTimes())


def _told(outset):
    return forecast(outset, lambda *step: None)


def test_one_window_has_its_nuclei_counted_and_measured(nucleus):
    seen = _told(_outset(nucleus))
    assert (seen.problem, seen.outlook.windows) == ("", 1)
    assert seen.text.startswith(f"Next run: {seen.outlook.nuclei} nuclei in 1 window, CPU, ")
    assert seen.outlook.text in seen.text


def test_a_field_has_its_windows_counted(nucleus):
    seen = _told(_outset(nucleus, place=Place("field")))
    assert seen.preflight.windows == seen.outlook.windows > 1
    part = _told(_outset(nucleus, place=Place("field", region=Window(100, 100, 200, 200))))
    assert part.outlook.nuclei < seen.outlook.nuclei


def test_several_draws_count_as_so_many_windows(nucleus):
    assert _told(_outset(nucleus, draws=5)).preflight.windows == 5


def test_a_device_that_is_not_there_is_a_problem(nucleus):
    seen = _told(_outset(nucleus, device="cuda:7"))
    assert "'cuda:7' is not here" in seen.problem
    assert seen.text.startswith(seen.problem)


def test_a_field_that_is_large_is_not_looked_at_twice():
    edge = int(LARGEST**0.5) + 1

    class Unread:
        shape, ndim, dtype, size = (edge, edge), 2, np.dtype(float), edge * edge

        def __getitem__(self, index):
            return np.zeros((8, 8))  # for the thumbnail

    outset = _outset(Unread(), place=Place("field"))
    Unread.__getitem__ = None
    seen = _told(outset)
    assert seen.outlook is None
    assert "its nuclei are counted when it runs" in seen.text


def test_an_image_that_cannot_be_predicted_is_an_error_of_ours():
    with pytest.raises(ImageError):
        _told(_outset(np.full((64, 64), np.nan)))


def test_it_stops_when_something_else_is_asked(nucleus):
    def stop(*step):
        raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        forecast(_outset(nucleus), stop)


def test_the_dock_reads_all_that_a_prediction_looks_at():
    assert asking.NEIGHBOURHOOD == framing.NEIGHBOURHOOD
