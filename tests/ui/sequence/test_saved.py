"""The menu of saved proteins: recent ones, favourites, and a star for the one in the box."""

import pytest
from qtpy.QtCore import Qt

from napari_celle.files.saved_sequences import read_saved, remember, star
from napari_celle.types import SequenceRecord
from napari_celle.ui.sequence.saved import SavedButton

GFP = SequenceRecord("gfp", "MSKGEELFTG")
NLS = SequenceRecord("nls", "PKKKRKV")


@pytest.fixture
def button(qtbot):
    button = SavedButton()
    qtbot.addWidget(button)
    return button


def _entries(button):
    """Open the menu without its loop, and return its entries by their text."""
    button.menu().aboutToShow.emit()
    return {action.text(): action for action in button.menu().actions() if action.text()}


def test_an_empty_menu_says_so(button, saved):
    entries = _entries(button)
    assert list(entries) == ["☆ Add to favourites", "Favourites: none yet", "Recent: none yet"]
    assert not any(action.isEnabled() for action in entries.values())
    assert not saved.exists()


def test_what_is_remembered_comes_first_and_can_be_chosen(qtbot, button):
    for record in (GFP, NLS):
        button.set_current(record)
        button.remember()
    entries = _entries(button)
    assert list(entries)[2:] == ["Recent", "nls (7 residues)", "gfp (10 residues)"]
    assert entries["gfp (10 residues)"].toolTip() == "MSKGEELFTG"
    with qtbot.waitSignal(button.chosen) as chosen:
        entries["gfp (10 residues)"].trigger()
    assert chosen.args == [GFP]


def test_the_star_adds_the_current_protein_and_takes_it_away(button, saved):
    button.set_current(GFP)
    _entries(button)["☆ Add to favourites"].trigger()
    assert read_saved(saved).favourites == (GFP,)
    entries = _entries(button)
    assert "★ gfp (10 residues)" in entries
    entries["★ Remove from favourites"].trigger()
    assert read_saved(saved).favourites == ()


def test_another_dock_s_proteins_are_there_when_the_menu_opens(button, saved):
    _entries(button)
    remember(saved, GFP)
    star(saved, NLS, is_favourite=True)
    assert {"gfp (10 residues)", "★ nls (7 residues)"} <= set(_entries(button))


def test_names_are_shown_as_they_are_and_not_too_long(button, saved):
    remember(saved, SequenceRecord("a&b", "MSKG"))
    remember(saved, SequenceRecord("x" * 99, "MSKG"))
    remember(saved, SequenceRecord("", "M" + "ACDEFGHIKL" * 4))
    texts = list(_entries(button))[3:]
    assert texts == ["MACDEFGHIKLACDEFGHIKLACDEFGHI… (41 residues)", "x" * 29 + "… (4 residues)", "a&&b (4 residues)"]


def test_a_folder_that_cannot_be_written_is_told_for_a_star_and_not_for_a_run(qtbot, button, saved):
    saved.parent.write_text("a file where the folder should be")
    button.set_current(GFP)
    button.remember()
    with qtbot.waitSignal(button.failed) as failed:
        _entries(button)["☆ Add to favourites"].trigger()
    assert "cannot be saved" in str(failed.args[0])


def test_the_menu_opens_by_keyboard(qtbot, button):
    button.show()
    shown = []
    button.menu().aboutToShow.connect(lambda: shown.append(True))
    button.menu().aboutToShow.connect(lambda: qtbot.keyClick(button.menu(), Qt.Key.Key_Escape), Qt.QueuedConnection)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(shown))
    button.menu().close()
