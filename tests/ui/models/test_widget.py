"""The dock in use: weights are fetched, imported, verified and deleted, and whatever fails is one readable line."""

import errno
import gc

import pytest
from napari.components import ViewerModel
from qtpy.QtCore import QThreadPool
from qtpy.QtWidgets import QFileDialog, QInputDialog, QMessageBox

from napari_celle.files import download
from napari_celle.models.checkpoints import manage, store
from napari_celle.ui.models import tasks
from napari_celle.ui.models.widget import ModelsWidget


@pytest.fixture(autouse=True)
def _all_words(monkeypatch):
    """Tell every step of a download."""
    monkeypatch.setattr(tasks, "_OFTEN", 0.0)


@pytest.fixture
def widget(qtbot, session):
    widget = ModelsWidget(ViewerModel(), session)
    qtbot.addWidget(widget)
    _settle(qtbot, widget)
    return widget


def _settle(qtbot, widget):
    """Wait until nothing is under way."""
    qtbot.waitUntil(
        lambda: not widget.bar.is_running and not widget._listing.is_busy and bool(widget.table.all), timeout=20_000
    )


def _press(qtbot, widget, button):
    assert button.isEnabled()
    button.click()
    _settle(qtbot, widget)


def _state(widget, name="cellpose"):
    return {row.name: row.state for row in widget.table.all}[name]


def _answer(monkeypatch, *, file="", name="", yes=True):
    """Answer the dialogs."""
    button = QMessageBox.StandardButton.Yes if yes else QMessageBox.StandardButton.No
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *arguments, **options: (str(file), ""))
    monkeypatch.setattr(QInputDialog, "getItem", lambda *arguments, **options: (name, bool(name)))
    monkeypatch.setattr(QMessageBox, "question", lambda *arguments, **options: button)


def test_at_first_the_embedded_model_is_chosen_and_can_only_be_verified(qtbot, widget):
    assert widget.table.weights.name == "celle-mini"
    assert widget.verify_button.isEnabled()
    assert not widget.delete_button.isEnabled()
    assert not widget.bar.run_button.isEnabled()
    _press(qtbot, widget, widget.verify_button)
    assert widget.bar.status.text().startswith("celle-mini is as it was installed")


def test_why_a_row_cannot_be_fetched_is_shown(widget):
    widget.table.choose("celle")
    assert widget.bar.status.text() == "No public address of celle is known: import its files."
    assert not widget.bar.run_button.isEnabled()
    widget.table.choose("celle2-hpa-480")
    assert widget.bar.status.text() == ""
    assert widget.bar.run_button.isEnabled()


def test_a_fetched_file_is_installed_and_other_widgets_are_told(qtbot, widget, site, session):
    widget.table.choose("cellpose")
    with qtbot.waitSignal(session.models_changed):
        widget.bar.run_button.click()
    _settle(qtbot, widget)
    assert _state(widget) == "installed"
    assert widget.bar.status.text() == "cellpose is installed."
    assert widget.table.weights.name == "cellpose"
    assert not widget.bar.run_button.isEnabled()
    assert widget.delete_button.isEnabled()


def test_a_download_tells_bytes_and_its_stage_while_it_runs(qtbot, widget, site):
    site.hold = True
    widget.table.choose("cellpose")
    widget.bar.run_button.click()
    qtbot.waitUntil(lambda: widget.bar.status.text().startswith("786.4 kB of 1.6 MB"), timeout=5000)
    assert widget.bar.bar.format().startswith("downloading cpsam_v2")
    assert not any(button.isEnabled() for button in (widget.import_button, widget.verify_button, widget.delete_button))
    site.go.set()
    _settle(qtbot, widget)
    assert _state(widget) == "installed"


def test_a_cancelled_download_goes_on_where_it_ended(qtbot, widget, site):
    site.hold = True
    widget.table.choose("cellpose")
    widget.bar.run_button.click()
    qtbot.waitUntil(lambda: widget.bar.status.text().startswith("786.4 kB"), timeout=5000)
    widget.bar.cancel_button.click()
    site.go.set()
    _settle(qtbot, widget)
    assert "Cancelled" in widget.bar.status.text()
    assert "goes on" in widget.bar.status.text()
    assert _state(widget) == "can be fetched"
    assert widget.table.currentItem().text(1) == "partly fetched"
    assert "have come already" in widget.details.facts.text()
    _press(qtbot, widget, widget.bar.run_button)
    assert _state(widget) == "installed"
    assert site.ranges[1].startswith("bytes=")


@pytest.mark.parametrize(
    ("fails", "words"), [("404", "404"), ("page", "answered with a web page"), ("reset", "broke off")]
)
def test_a_failing_server_is_one_readable_line_and_no_row(qtbot, widget, site, session, fails, words):
    site.fails = fails
    widget.table.choose("cellpose")
    with qtbot.assertNotEmitted(session.models_changed):
        _press(qtbot, widget, widget.bar.run_button)
    assert words in widget.bar.status.text()
    assert "\n" not in widget.bar.status.text()
    assert "Open http" in widget.bar.status.text()
    assert not widget.bar.details_button.isVisible()
    assert _state(widget) == "can be fetched"
    assert store.names() == []
    assert widget.bar.run_button.isEnabled()


def test_a_full_disk_is_one_readable_line(qtbot, widget, site, monkeypatch):
    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device", "cpsam_v2.part")

    monkeypatch.setattr(download, "_append", full)
    widget.table.choose("cellpose")
    _press(qtbot, widget, widget.bar.run_button)
    assert "No space left on device. Make room" in widget.bar.status.text()
    assert _state(widget) == "can be fetched"


def test_a_local_file_is_imported_under_the_name_that_is_told(qtbot, widget, cellpose_file, monkeypatch, session):
    asked = []
    _answer(monkeypatch, file=cellpose_file)
    monkeypatch.setattr(
        QInputDialog,
        "getItem",
        lambda parent, title, text, names, at, editable: (asked.append(names[at]), ("", False))[1],
    )
    widget.table.choose("cellpose")
    widget.import_file()
    assert asked == ["cellpose"], "the row that is chosen is proposed"
    assert not widget.bar.is_running
    _answer(monkeypatch, file=cellpose_file, name="cellpose")
    with qtbot.waitSignal(session.models_changed):
        widget.import_file()
    _settle(qtbot, widget)
    assert _state(widget) == "installed"


def test_a_file_that_is_no_model_is_one_readable_line(qtbot, widget, tmp_path, monkeypatch):
    (tmp_path / "model.ckpt").write_text("a text")
    _answer(monkeypatch, file=tmp_path / "model.ckpt", name="mine")
    _press(qtbot, widget, widget.import_button)
    assert "model.ckpt" in widget.bar.status.text()
    assert "mine" not in {row.name for row in widget.table.all}


def test_a_changed_file_is_found(qtbot, widget, folder, cellpose_file):
    manage.import_file(cellpose_file, "cellpose")
    _press(qtbot, widget, widget.refresh_button)
    (folder / "cellpose" / "cpsam_v2").write_bytes(b"other")
    widget.table.choose("cellpose")
    _press(qtbot, widget, widget.verify_button)
    assert "is damaged" in widget.bar.status.text()


def test_nothing_is_deleted_without_a_yes(qtbot, widget, cellpose_file, monkeypatch, session):
    manage.import_file(cellpose_file, "cellpose")
    _press(qtbot, widget, widget.refresh_button)
    widget.table.choose("cellpose")
    _answer(monkeypatch, yes=False)
    _press(qtbot, widget, widget.delete_button)
    assert _state(widget) == "installed"
    _answer(monkeypatch, yes=True)
    with qtbot.waitSignal(session.models_changed):
        widget.delete_button.click()
    _settle(qtbot, widget)
    assert _state(widget) == "can be fetched"
    assert widget.bar.status.text().startswith("Deleted ")


def test_a_deleted_model_is_let_go_first(qtbot, session, monkeypatch):
    session.predictor("tiny")
    seen = []
    monkeypatch.setattr(manage, "delete", lambda name: seen.append(session.loaded) or name)
    tasks.delete(session, "another", print, print)
    tasks.delete(session, "tiny", print, print)
    assert [loaded is None for loaded in seen] == [False, True]


def test_what_another_widget_installs_is_listed(qtbot, widget, session, cellpose_file):
    manage.import_file(cellpose_file, "cellpose")
    session.models_changed.emit()
    qtbot.waitUntil(lambda: _state(widget) == "installed", timeout=5000)
    assert widget.table.weights.name == "celle-mini", "what is chosen stays chosen"


def test_closing_the_dock_while_it_downloads_leaves_nothing(qtbot, make_napari_viewer, session, site):
    viewer = make_napari_viewer()
    widget = ModelsWidget(viewer, session)
    viewer.window.add_dock_widget(widget, name="Models")
    _settle(qtbot, widget)
    site.hold = True
    widget.table.choose("cellpose")
    widget.bar.run_button.click()
    qtbot.waitUntil(lambda: widget.bar.status.text().startswith("786.4 kB"), timeout=5000)
    with qtbot.waitSignal(widget.destroyed):
        viewer.window.remove_dock_widget(widget)
        widget.deleteLater()
    site.go.set()
    assert QThreadPool.globalInstance().waitForDone(5000)
    session.models_changed.emit()
    session.memory_changed.emit()
    gc.collect()
    assert store.names() == []
