"""Weights are read once for all widgets, and only when they are asked for."""

import threading

import numpy as np
import pytest
import torch

from napari_celle.errors import Cancelled, WeightsError
from napari_celle.predict import Predictor
from napari_celle.simulate import draw_field
from napari_celle.types import PredictionRequest
from napari_celle.ui.session import Session, shared_session


@pytest.fixture
def loads(monkeypatch):
    """Record what is loaded; the loading is real."""
    loaded = []
    load = Predictor.load

    def recorded(name, **options):
        loaded.append(name)
        return load(name, **options)

    monkeypatch.setattr(Predictor, "load", recorded)
    return loaded


def test_a_predictor_is_loaded_once(loads):
    session = Session(device="cpu")
    assert session.predictor("tiny") is session.predictor("tiny")
    assert loads == ["tiny"]
    assert session.predictor("tiny").device == "cpu"


def test_nothing_is_kept_of_a_load_that_failed(loads):
    session = Session(device="cpu")
    with pytest.raises(WeightsError, match="celle-huge"):
        session.predictor("celle-huge")
    assert session.predictor("tiny").info.name == "tiny"


def test_a_cancelled_load_can_be_tried_again(monkeypatch):
    session = Session(device="cpu")

    def cancelled(name, **options):
        raise Cancelled("Cancelled.")

    with monkeypatch.context() as patch:
        patch.setattr(Predictor, "load", cancelled)
        with pytest.raises(Cancelled):
            session.predictor("tiny")
    assert session.predictor("tiny").info.name == "tiny"


def test_all_widgets_share_one_session():
    assert shared_session() is shared_session()


def test_choosing_a_device_lets_go_of_the_model_and_tells_it_once(qtbot):
    session = Session(device="auto")
    session.predictor("tiny")
    assert session.loaded[0] == "tiny"
    with qtbot.waitSignals([session.device_changed, session.memory_changed]):
        session.device = "cpu"
    assert session.loaded is None
    assert session.predictor("tiny").device == "cpu"
    with qtbot.assertNotEmitted(session.device_changed):
        session.device = "cpu"
    assert session.loaded is not None


def test_an_answer_falls_back_and_the_next_one_does_not_fail_again(qtbot):
    session, asked = Session(device="cpu"), []
    nucleus = draw_field(np.random.default_rng(3), size=256).nucleus

    def ask(predictor, on_step):
        asked.append(session.loaded[1].precision)
        if asked[-1] == "float32":
            raise torch.OutOfMemoryError("out of memory")
        return predictor(PredictionRequest("MSKGEELFTG", nucleus), on_step)

    with qtbot.waitSignal(session.memory_changed):
        answer = session.answer("tiny", ask)
    assert answer.notes[0].startswith("The CPU ran out of memory: predicted with half precision")
    session.answer("tiny", ask)
    assert asked == ["float32", "float32", "bfloat16", "bfloat16"]
    with qtbot.waitSignal(session.memory_changed):
        session.unload()
    session.answer("tiny", ask)
    assert asked[4:] == ["float32", "float32", "bfloat16"]


def test_the_device_can_be_chosen_while_a_model_is_loading(monkeypatch):
    session, load, begun, go = Session(device="auto"), Predictor.load, threading.Event(), threading.Event()

    def slow(name, **options):
        begun.set()
        go.wait(10)
        return load(name, **options)

    monkeypatch.setattr(Predictor, "load", slow)
    thread = threading.Thread(target=session.predictor, args=("tiny",))
    thread.start()
    begun.wait(10)
    session.device = "cpu"  # would wait for ever if it waited for the load
    go.set()
    thread.join()
    assert session.loaded is None, "what was loaded for the device before is not kept"
