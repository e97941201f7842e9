"""A FASTA file that is dropped anywhere on the viewer ends up in the sequence box, and nothing else changes."""

import numpy as np
import pytest
from npe2 import DynamicPlugin, PluginManager
from qtpy.QtCore import QThreadPool
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_celle.errors import SequenceError
from napari_celle.ui.sequence import drop as drop_module
from napari_celle.ui.sequence.box import SequenceBox
from napari_celle.ui.sequence.drop import Arrivals, box_of, fasta_reader


@pytest.fixture
def viewer(make_napari_viewer):
    yield make_napari_viewer()
    QThreadPool.globalInstance().waitForDone(5000)


@pytest.fixture
def dock(viewer):
    """Dock a widget that holds a sequence box, as the plugin's widgets do."""

    def add(name="Predict"):
        widget = QWidget()
        box = SequenceBox()
        QVBoxLayout(widget).addWidget(box)
        viewer.window.add_dock_widget(widget, name=name)
        return box

    return add


def _canvas(viewer):
    return viewer.window._qt_viewer


def _names(box):
    return [box.record.itemText(at).split()[0] for at in range(box.record.count())]


def test_a_fasta_file_dropped_on_the_image_fills_the_box(qtbot, viewer, dock, drop, fasta):
    box = dock()
    viewer.add_image(np.eye(8))
    assert drop(_canvas(viewer), fasta)
    qtbot.waitUntil(lambda: _names(box) == ["gfp", "nls"])
    assert [layer.name for layer in viewer.layers] == ["Image"]


def test_a_fasta_file_dropped_on_the_welcome_page_fills_the_box(qtbot, viewer, dock, drop, fasta):
    box = dock()
    assert drop(_canvas(viewer)._welcome_widget, fasta.rename(fasta.with_suffix(".FAA")))
    qtbot.waitUntil(lambda: _names(box) == ["gfp", "nls"])


def test_files_dropped_together_are_taken_together_others_by_napari(qtbot, viewer, dock, drop, fasta, tmp_path):
    box = dock()
    (tmp_path / "b.fa").write_text("MSKGEEL")
    np.save(tmp_path / "picture.npy", np.eye(8))
    drop(_canvas(viewer), fasta, tmp_path / "picture.npy", tmp_path / "b.fa")
    qtbot.waitUntil(lambda: _names(box) == ["gfp", "nls", "b"])
    assert [layer.name for layer in viewer.layers] == ["picture"]


def test_the_same_file_twice_at_once_is_taken_once(qtbot, fasta):
    arrivals = Arrivals()
    arrivals.add(None, [fasta])
    arrivals.add(None, [fasta, fasta.with_suffix(".fa")])
    assert arrivals._paths == [fasta, fasta.with_suffix(".fa")]
    qtbot.wait(1)


def test_a_file_that_is_no_fasta_is_one_sentence_and_leaves_the_text(qtbot, viewer, dock, drop, tmp_path):
    box = dock()
    box.text.setPlainText("MSKGEEL")
    (tmp_path / "bad.fasta").write_text(">a\nMSK4GEEL\n")
    drop(_canvas(viewer), tmp_path / "bad.fasta")
    qtbot.waitUntil(lambda: "bad.fasta" in box.status.text())
    assert box.status.text().startswith("bad.fasta: FASTA record 1 (a): '4' at position 4")
    assert box.protein.record.sequence == "MSKGEEL"


class Holder(QWidget):
    """Stands for the plugin's widget."""

    def __init__(self):
        super().__init__()
        QVBoxLayout(self).addWidget(SequenceBox())


def test_without_a_dock_the_widget_is_opened(qtbot, viewer, drop, fasta, monkeypatch):
    monkeypatch.setattr(drop_module, "WIDGET", ("holder-test", "Holder"))
    with DynamicPlugin("holder-test", plugin_manager=PluginManager.instance()) as plugin:
        plugin.contribute.widget(display_name="Holder")(Holder)
        drop(_canvas(viewer), fasta)
        qtbot.waitUntil(lambda: box_of(viewer) is not None and _names(box_of(viewer)) == ["gfp", "nls"])


def test_the_widget_to_open_is_in_the_manifest():
    plugin, name = drop_module.WIDGET
    contributed = PluginManager.instance().get_manifest(plugin).contributions.widgets
    assert name in [widget.display_name for widget in contributed]


def test_after_the_dock_was_closed_nothing_is_left_of_it(qtbot, viewer, dock, drop, fasta):
    first = dock("one")
    viewer.window.remove_dock_widget(first.parentWidget())
    second = dock("two")
    drop(_canvas(viewer), fasta)
    qtbot.waitUntil(lambda: _names(second) == ["gfp", "nls"])


def test_of_two_docks_the_one_used_last_takes_the_file(qtbot, viewer, dock, drop, fasta):
    first, second = dock("one"), dock("two")
    first.text.setPlainText("MSKGEEL")
    drop(_canvas(viewer), fasta)
    qtbot.waitUntil(lambda: _names(first) == ["gfp", "nls"])
    assert second.text.toPlainText() == ""
    second.text.setPlainText("MSKGEEL")
    drop(_canvas(viewer), fasta)
    qtbot.waitUntil(lambda: _names(second) == ["gfp", "nls"])


def test_in_a_window_a_hidden_dock_comes_forward(qtbot, make_napari_viewer, drop_through_window, fasta):
    viewer = make_napari_viewer(show=True)
    widget, box = QWidget(), SequenceBox()
    QVBoxLayout(widget).addWidget(box)
    viewer.window.add_dock_widget(widget, name="Predict").hide()
    viewer.add_image(np.eye(8))
    qtbot.waitUntil(_canvas(viewer).canvas.native.isVisible)
    assert drop_through_window(_canvas(viewer).canvas.native, fasta)
    qtbot.waitUntil(lambda: box.isVisible() and _names(box) == ["gfp", "nls"])
    box.text.clear()
    for target in (box.text, box.changes.scrambled):
        assert drop_through_window(target, fasta)
        qtbot.waitUntil(lambda: _names(box) == ["gfp", "nls"])
        box.text.clear()
    QThreadPool.globalInstance().waitForDone(5000)


def test_without_a_window_it_is_said(monkeypatch, fasta):
    monkeypatch.setattr(drop_module, "current_viewer", lambda: None)
    with pytest.raises(SequenceError, match="no napari window"):
        fasta_reader(str(fasta))(str(fasta))
