"""The device is chosen from what is here; why, how much is free and what is loaded stand below."""

import pytest

from napari_celle import device
from napari_celle.device import DeviceOption
from napari_celle.ui.models.device_box import DeviceBox

CARD = DeviceOption("cuda:0", "cuda:0, a card", free=8_000_000_000)
CPU = DeviceOption("cpu", "CPU", free=16_000_000_000)
AUTO = DeviceOption("auto", "Automatic", "CPU: torch finds no CUDA graphics card", free=16_000_000_000)
NO_CARD = DeviceOption("cuda", "graphics card", "torch finds no CUDA graphics card", is_here=False)
NO_APPLE = DeviceOption("mps", "Apple graphics processor", "only Macs have one", is_here=False)


@pytest.fixture
def here(monkeypatch):
    """The devices that are here, to be changed by a test."""
    here = [AUTO, NO_CARD, NO_APPLE, CPU]
    monkeypatch.setattr(device, "list_devices", lambda: tuple(here))
    return here


@pytest.fixture
def box(qtbot, session, here):
    session.device = "auto"
    box = DeviceBox(session)
    qtbot.addWidget(box)
    _settle(qtbot, box)
    return box


def _settle(qtbot, box):
    qtbot.waitUntil(lambda: box.device.count() > 0 and not box._listing.is_busy, timeout=10_000)


def _offered(box):
    return [box.device.itemText(index) for index in range(box.device.count())]


def test_only_what_is_here_is_offered_and_why_not_the_others_is_said(box):
    assert _offered(box) == ["Automatic", "CPU"]
    assert box.reason.text() == "CPU: torch finds no CUDA graphics card."
    assert box.absent.text() == "No Apple graphics processor: only Macs have one.", "what was said is not said again"
    assert box.memory.text() == "16.0 GB of memory are free. No model is loaded."


def test_a_choice_is_that_of_the_session_and_lets_go_of_the_model(qtbot, box, session):
    session.predictor("tiny")
    with qtbot.waitSignal(session.device_changed):
        box.device.setCurrentIndex(1)
    assert (session.device, session.loaded) == ("cpu", None)
    _settle(qtbot, box)
    assert box.device.currentData() == "cpu"
    assert "graphics card: torch finds no" in box.absent.text()


def test_a_device_chosen_elsewhere_is_shown(qtbot, box, session):
    session.device = "cpu"
    _settle(qtbot, box)
    qtbot.waitUntil(lambda: box.device.currentData() == "cpu", timeout=5000)


def test_a_device_that_went_away_is_named_in_red(qtbot, box, session, here):
    here[1] = CARD
    session.device = "cuda:0"
    qtbot.waitUntil(lambda: _offered(box) == ["Automatic", "cuda:0, a card", "CPU"], timeout=5000)
    assert box.memory.text().startswith("8.0 GB")
    here[1] = NO_CARD
    box.refresh()
    _settle(qtbot, box)
    assert box.device.currentText() == "cuda:0 (not here)"
    assert box.reason.text() == "This device is not here any more: choose another."
    assert session.device == "cuda:0", "only the user chooses"


def test_what_is_loaded_is_shown_and_can_be_let_go(qtbot, box, session):
    assert not box.free_button.isEnabled()
    session.predictor("tiny")
    qtbot.waitUntil(lambda: box.memory.text().endswith("Loaded: tiny, on CPU."), timeout=5000)
    assert box.free_button.isEnabled()
    box.free_button.click()
    assert not box.free_button.isEnabled()
    qtbot.waitUntil(lambda: box.memory.text().endswith("No model is loaded."), timeout=10_000)
    assert session.loaded is None
    assert not box.free_button.isEnabled()


def test_devices_that_cannot_be_listed_are_one_readable_line(qtbot, session, monkeypatch):
    def fail():
        raise RuntimeError("the driver does not answer")

    monkeypatch.setattr(device, "list_devices", fail)
    box = DeviceBox(session)
    qtbot.addWidget(box)
    qtbot.waitUntil(lambda: "the driver does not answer" in box.reason.text(), timeout=5000)
