"""Files come out as the core writes them, and are read back."""

import numpy as np
import pandas as pd
import pytest
import roifile
from napari.components import ViewerModel
from qtpy.QtWidgets import QFileDialog

from napari_celle.ui.compare.export import ExportRow
from napari_celle.ui.run_bar import RunBar


@pytest.fixture
def pairs(fill, compared):
    return list(compared(fill(ViewerModel(), "GFP", "H3")).values())


@pytest.fixture
def bar(qtbot):
    bar = RunBar(tooltip="")
    qtbot.addWidget(bar)
    return bar


@pytest.fixture
def row(qtbot, bar, pairs):
    row = ExportRow(bar, lambda: pairs)
    qtbot.addWidget(row)
    row.setEnabled(True)
    return row


def _done(qtbot, bar):
    qtbot.waitUntil(lambda: not bar.is_running, timeout=5000)


def test_nuclei_of_all_predictions_come_back_with_all_columns(qtbot, row, bar, pairs, tmp_path):
    row.save_nuclei(tmp_path / "new folder" / "table")
    _done(qtbot, bar)
    table = pd.read_csv(tmp_path / "new folder" / "table.csv")
    assert list(table["prediction"]) == ["GFP"] * 3 + ["H3"] * 3
    assert set(table) == {"prediction", "model", *pairs[0].beside.table}
    np.testing.assert_allclose(table["pearson"][:3], pairs[0].beside.table["pearson"])
    assert bar.status.text() == f"Saved {tmp_path / 'new folder' / 'table.csv'}."


def test_figures_have_a_row_for_each_prediction(qtbot, row, bar, pairs, tmp_path):
    row.save_images(tmp_path / "images.csv")
    _done(qtbot, bar)
    table = pd.read_csv(tmp_path / "images.csv")
    assert list(table["prediction"]) == ["GFP", "H3"]
    assert table["misplaced"][1] == pytest.approx(pairs[1].beside.figures["misplaced"])


def test_rois_lie_in_pixels_of_the_whole_image(qtbot, row, bar, tmp_path):
    row.save_rois(tmp_path / "rois.zip")
    _done(qtbot, bar)
    rois = {roi.name: roi for roi in roifile.roiread(tmp_path / "rois.zip")}
    assert {"nucleus 0004", "nucleus 0009", "nucleus 0030", "PDF 50 %", "PDF 95 %"} <= set(rois)
    middle = rois["nucleus 0009"].coordinates().mean(axis=0)
    np.testing.assert_allclose(middle, (40 + 8 + 0.5, 34 + 16 + 0.5), atol=0.3)  # x, y


def test_the_button_asks_for_a_place_and_takes_no_for_an_answer(qtbot, row, bar, tmp_path, monkeypatch):
    answers = [("", ""), (str(tmp_path / "mine.csv"), "")]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: answers.pop(0))
    row.nuclei.click()
    assert not bar.is_running
    row.nuclei.click()
    _done(qtbot, bar)
    assert (tmp_path / "mine.csv").is_file()


def test_a_failure_leaves_the_file_that_was_there(qtbot, row, bar, pairs, tmp_path, monkeypatch):
    old = tmp_path / "images.csv"
    old.write_text("precious")

    def half(self, path, **keywords):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", half)
    row.save_images(old)
    _done(qtbot, bar)
    assert old.read_text() == "precious"
    assert [path.name for path in tmp_path.iterdir()] == ["images.csv"]
    assert "No space left on device" in bar.status.text()
