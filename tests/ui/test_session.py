"""Weights are read once for all widgets, and only when they are asked for."""

import pytest

from napari_celle.errors import Cancelled, WeightsError
from napari_celle.predict import Predictor
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
