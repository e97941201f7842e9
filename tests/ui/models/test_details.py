"""What is known of the chosen weights, and what can be copied and opened."""

from dataclasses import replace
from pathlib import Path

import pytest
from qtpy.QtGui import QDesktopServices, QGuiApplication

from napari_celle.models.checkpoints.inventory import Weights
from napari_celle.ui.models.details import WeightsDetails

WEIGHTS = Weights(
    name="one",
    kind="model",
    state="can be fetched",
    summary="A model.",
    licence="MIT",
    residues=1000,
    window_um=51.2,
    addresses={"a": "https://here.example/a", "b": "https://here.example/b"},
)


@pytest.fixture
def details(qtbot):
    details = WeightsDetails()
    qtbot.addWidget(details)
    details.show()
    return details


def test_without_a_choice_it_says_what_to_do(details):
    assert details.summary.text() == "Choose a row to see more of it."
    assert not details.link.isVisible()


def test_what_can_be_fetched_has_links_to_copy_and_no_folder(details):
    details.show_weights(WEIGHTS)
    assert details.facts.text() == "Reads up to 1,000 residues; its window is 51 x 51 µm."
    assert details.licence.text() == "Licence: MIT"
    assert (details.link.isVisible(), details.folder.isVisible(), details.sha256.isVisible()) == (True, False, False)
    details.link.button.click()
    assert QGuiApplication.clipboard().text() == "https://here.example/a\nhttps://here.example/b"


def test_what_is_here_has_its_folder_and_the_whole_hash(details, monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    details.show_weights(replace(WEIGHTS, state="installed", folder=tmp_path, sha256="ab" * 32, addresses=None))
    details.folder.button.click()
    assert [Path(name) for name in opened] == [tmp_path]
    details.sha256.button.click()
    assert QGuiApplication.clipboard().text() == "ab" * 32
    assert not details.link.isVisible()


def test_where_to_ask_is_said_if_no_address_is_known(details):
    details.show_weights(replace(WEIGHTS, state="not known where", addresses=None))
    assert "Ask its authors" in details.summary.text()


def test_damaged_weights_say_what_is_wrong_in_red(details, tmp_path):
    details.show_weights(replace(WEIGHTS, state="damaged", folder=tmp_path, problem="The record cannot be read."))
    assert details.summary.text() == "The record cannot be read."
    assert "color" in details.summary.styleSheet()
    assert not details.facts.isVisible()
