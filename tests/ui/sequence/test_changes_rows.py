"""The rows for tag, linker and control say what is wanted, and show only what matters."""

import pytest
from qtpy.QtCore import Qt

from napari_celle.tags import OPENCELL_LINKER, TAGS
from napari_celle.ui.sequence.changes_rows import ChangesRows
from napari_celle.ui.sequence.construct import Changes


@pytest.fixture
def rows(qtbot):
    rows = ChangesRows()
    qtbot.addWidget(rows)
    rows.show()
    return rows


def test_at_first_nothing_is_changed_and_little_is_shown(rows):
    assert rows.changes == Changes()
    assert not any(field.isVisible() for field in (rows.terminus, rows.linker, rows.seed))


def test_a_tag_its_end_and_a_linker_can_be_chosen(qtbot, rows):
    rows.tag.setCurrentText("mNeonGreen2-11")
    assert rows.terminus.isVisible()
    rows.terminus.setCurrentText("at N terminus")
    with qtbot.waitSignal(rows.changed):
        rows.linker.setCurrentIndex(1)
    assert rows.changes == Changes(tag="mNeonGreen2-11", terminus="N", linker=OPENCELL_LINKER)


def test_a_linker_is_typed_letter_by_letter_and_nothing_is_added_to_it(qtbot, rows):
    rows.tag.setCurrentText("HA")
    rows.linker.setFocus()
    qtbot.keyClicks(rows.linker, "GG")
    qtbot.keyClick(rows.linker, Qt.Key.Key_Return)
    assert rows.changes.linker == "GG"
    assert rows.linker.completer() is None  # one works only in an active window, which a test has not
    assert rows.linker.count() == 2


def test_the_control_has_a_seed(rows):
    rows.scrambled.setChecked(True)
    assert rows.seed.isVisible()
    rows.seed.setValue(7)
    assert rows.changes == Changes(seed=7)
    rows.reset()
    assert rows.changes == Changes()


def test_every_tag_is_offered_with_its_source(rows):
    names = [rows.tag.itemText(at) for at in range(rows.tag.count())]
    assert names == ["No tag", *TAGS]
    assert all(tag.source in rows.tag.toolTip() for tag in TAGS.values())


def test_every_field_has_a_tooltip(rows):
    assert all(field.toolTip() for field in (rows.tag, rows.terminus, rows.linker, rows.scrambled, rows.seed))
