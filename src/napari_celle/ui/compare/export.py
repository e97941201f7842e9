"""Buttons that save what a comparison found; the core writes, in a job."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pandas as pd
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QWidget

from napari_celle.analysis.comparison.beside import figures_table
from napari_celle.analysis.comparison.contours import contour_ladder
from napari_celle.analysis.comparison.export import write_csv
from napari_celle.analysis.comparison.rois import write_rois
from napari_celle.types import OnStep, Window
from napari_celle.ui.compare.views import Pair
from napari_celle.ui.run_bar import RunBar

_CSV, _ZIP = "CSV table (*.csv)", "Fiji ROI set (*.zip)"


class ExportRow(QWidget):
    """Saves the nuclei of all compared predictions, their images' figures, and regions for Fiji.

    Parameters
    ----------
    bar : RunBar
        Runs the writing and says what became of it.
    pairs : callable
        Gives all comparisons, the chosen one first.
    """

    def __init__(self, bar: RunBar, pairs: Callable[[], Sequence[Pair]]) -> None:
        super().__init__()
        self._bar, self._pairs = bar, pairs
        self._path = Path()
        self.nuclei = QPushButton("Nuclei…")
        self.images = QPushButton("Images…")
        self.rois = QPushButton("Fiji ROIs…")
        self.nuclei.setToolTip("Save the tables of nuclei of all compared predictions as CSV, with all columns")
        self.images.setToolTip("Save a row of figures for each compared prediction as CSV")
        self.rois.setToolTip(
            "Save the nuclei and the 50, 80 and 95 % contours of the chosen prediction\n"
            "as regions for Fiji's ROI manager, in pixels of the whole image"
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(QLabel("Save"))
        for button in (self.nuclei, self.images, self.rois):
            row.addWidget(button, stretch=1)
        self.nuclei.clicked.connect(self._ask_nuclei)
        self.images.clicked.connect(self._ask_images)
        self.rois.clicked.connect(self._ask_rois)
        self.setEnabled(False)

    def save_nuclei(self, path: Path | str) -> None:
        """Write the tables of nuclei of all comparisons to a CSV file."""
        self._write(path, ".csv", partial(_write_nuclei, list(self._pairs())))

    def save_images(self, path: Path | str) -> None:
        """Write the figures of all comparisons to a CSV file."""
        self._write(path, ".csv", partial(_write_images, list(self._pairs())))

    def save_rois(self, path: Path | str) -> None:
        """Write nuclei and contours of the chosen prediction to a .zip file of ROIs."""
        self._write(path, ".zip", partial(_write_rois, self._pairs()[0], self._pairs()[0].found.provenance["window"]))

    def _ask_nuclei(self) -> None:
        self._ask("Save the table of nuclei", "nuclei.csv", _CSV, self.save_nuclei)

    def _ask_images(self) -> None:
        self._ask("Save the figures of the images", "images.csv", _CSV, self.save_images)

    def _ask_rois(self) -> None:
        self._ask("Save ROIs", "rois.zip", _ZIP, self.save_rois)

    def _ask(self, title: str, name: str, kind: str, save: Callable[[str], None]) -> None:
        path, _ = QFileDialog.getSaveFileName(self, title, name, kind)
        if path:
            save(path)

    def _write(self, path: Path | str, suffix: str, write: Callable[[Path], None]) -> None:
        path = Path(path)
        self._path = path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)
        self._bar.start(partial(_job, write, self._path), self._done)

    def _done(self, value: object) -> None:
        self._bar.say(f"Saved {self._path}.")


def _job(write: Callable[[Path], None], path: Path, on_step: OnStep) -> None:
    on_step("Writing", 0, 1)
    write(path)


def _write_nuclei(pairs: Sequence[Pair], path: Path) -> None:
    tables = []
    for pair in pairs:
        table = pair.beside.table.copy()
        table.insert(0, "prediction", pair.beside.predicted.name)
        table.insert(1, "model", pair.beside.predicted.model)
        tables.append(table)
    write_csv(path, pd.concat(tables, ignore_index=True))


def _write_images(pairs: Sequence[Pair], path: Path) -> None:
    write_csv(path, figures_table([pair.beside for pair in pairs]))


def _write_rois(pair: Pair, window: dict[str, int], path: Path) -> None:
    predicted = pair.beside.predicted
    write_rois(path, nuclei=predicted.nuclei, contours=contour_ladder(predicted.heatmap), window=Window(**window))
