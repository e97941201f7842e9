"""The table of nuclei in the dock, and their colours in the viewer."""

import numpy as np
import pandas as pd
from napari.layers import Labels
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from napari_celle.ui.compare.colours import Legend, NucleiColours
from napari_celle.ui.compare.table import SortedTable
from napari_celle.ui.compare.titles import NUCLEI, PLOTTED
from napari_celle.ui.texts import wrapped_label

PLAIN = "Plain"
_GRADIENT = (
    "background: qlineargradient(x1:0, y1:0, x2:1, y2:0, stop:0 #440154, stop:0.25 #3b528b, stop:0.5 #21918c, "
    "stop:0.75 #5ec962, stop:1 #fde725); border-radius: 2px;"
)


class NucleiPane(QWidget):
    """Table of the nuclei of one prediction; tells the label of a row that was chosen."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._layer: Labels | None = None
        self._frame = pd.DataFrame()
        self._colours = NucleiColours()
        self.table = SortedTable(NUCLEI, key="label")
        self.table.setToolTip("Click a heading to sort, a row to go to its nucleus")
        self.colour_by = QComboBox()
        self.colour_by.setToolTip("Colour the nuclei in the viewer by a column of the table")
        self.colour_by.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.colour_by.addItem(PLAIN, "")
        for name in (*PLOTTED, "agreement"):
            self.colour_by.addItem(NUCLEI[name].line, name)
        self.low, self.high, self.bar = QLabel(), QLabel(), QLabel()
        self.classes = wrapped_label()
        self._legend = QWidget()
        self._lay_out()
        self.table.chosen.connect(self.chosen)
        self.colour_by.currentIndexChanged.connect(self._colour)

    def set(self, layer: Labels | None, frame: pd.DataFrame) -> None:
        """Show the nuclei of a layer; colours follow."""
        self._layer, self._frame = layer, frame
        self.table.set(frame)
        self._colour()

    def plain(self) -> None:
        """Give the nuclei their own look back."""
        self.colour_by.setCurrentIndex(0)
        self._colours.plain()

    def _lay_out(self) -> None:
        self.bar.setStyleSheet(_GRADIENT)
        self.bar.setFixedHeight(10)
        self.bar.setToolTip("Colours from the lowest to the highest value; grey where there is none")
        legend = QHBoxLayout(self._legend)
        legend.setContentsMargins(0, 0, 0, 0)
        legend.addWidget(self.low)
        legend.addWidget(self.bar, stretch=1)
        legend.addWidget(self.high)
        row = QHBoxLayout()
        row.addWidget(QLabel("Colour by"))
        row.addWidget(self.colour_by, stretch=1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.addLayout(row)
        column.addWidget(self._legend)
        column.addWidget(self.classes)
        column.addWidget(self.table, stretch=1)
        self._explain(None)

    def _colour(self) -> None:
        name = self.colour_by.currentData()
        if not name or self._layer is None or name not in self._frame:
            self._colours.plain()
            self._explain(None)
        else:
            self._explain(self._colours.colour(self._layer, self._frame, name))

    def _explain(self, legend: Legend | None) -> None:
        shades = legend is not None and bool(np.isfinite(legend.low))
        self._legend.setVisible(shades)
        self.classes.setVisible(legend is not None and bool(legend.classes))
        if legend is not None:
            self.low.setText(f"{legend.low:.3g}")
            self.high.setText(f"{legend.high:.3g}")
            self.classes.setTextFormat(self.classes.textFormat().RichText)
            spots = (f'<span style="color:{colour}">■</span>&nbsp;{name}' for name, colour in legend.classes)
            self.classes.setText("&nbsp; ".join(spots))
