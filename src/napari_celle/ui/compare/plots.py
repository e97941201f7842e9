"""Plots of the table of nuclei in the dock; they follow napari's theme, and a click chooses a nucleus."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backend_bases import MouseEvent
from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from napari.utils.theme import get_theme
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QSizePolicy, QVBoxLayout, QWidget

from napari_celle.ui.compare.titles import NUCLEI, PLOTTED

if TYPE_CHECKING:
    from napari.viewer import Viewer

SCATTER = "Scatter: nuclear fraction"
_NEAR = 12.0  # screen pixels from a point that a click may be
_BINS = 20
_POINT, _CHOSEN = "#d55fde", "#2bbf6a"  # magenta and green


class Plots(QWidget):
    """A scatter plot of the nuclear fractions, or a histogram of a column.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Whose theme is followed.
    """

    chosen = Signal(object)

    def __init__(self, viewer: "Viewer") -> None:
        super().__init__()
        self._viewer = viewer
        self._table = pd.DataFrame()
        self._label: object = None
        self.kind = QComboBox()
        self.kind.setToolTip("What is drawn; a click on a point chooses its nucleus")
        self.kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.kind.addItem(SCATTER, "")
        for name in PLOTTED:
            self.kind.addItem(f"Histogram: {NUCLEI[name].line}", name)
        self.canvas = FigureCanvasQTAgg(Figure(figsize=(3, 3), layout="constrained"))
        self.canvas.setMinimumHeight(240)
        self.canvas.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.kind)
        column.addWidget(self.canvas, stretch=1)
        self.kind.currentIndexChanged.connect(self.draw)
        self.canvas.mpl_connect("button_press_event", self._click)
        viewer.events.theme.connect(self.draw)
        self.draw()

    def set(self, table: pd.DataFrame) -> None:
        """Draw another table."""
        self._table = table
        self.draw()

    def select(self, label: object) -> None:
        """Mark a nucleus."""
        self._label = label
        self.draw()

    def draw(self, event: object = None) -> None:
        """Draw anew, in the colours of the theme."""
        figure = self.canvas.figure
        figure.clear()
        axes = figure.add_subplot()
        self._paint(axes)
        column = self.kind.currentData()
        if column:
            self._histogram(axes, column)
        else:
            self._scatter(axes)
        self.canvas.draw_idle()

    def _scatter(self, axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color="#888888", linewidth=1, linestyle=":")
        axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel="nuclear fraction, measured", ylabel="predicted")
        axes.set_aspect("equal")
        points, labels = self._points()
        marked = np.array([label == self._label for label in labels], bool)
        axes.scatter(points[~marked, 0], points[~marked, 1], s=22, color=_POINT, edgecolor="none", alpha=0.8)
        axes.scatter(
            points[marked, 0], points[marked, 1], s=70, color=_CHOSEN, edgecolor="white", linewidth=1, zorder=3
        )

    def _histogram(self, axes: Axes, column: str) -> None:
        values = self._table[column].dropna().to_numpy(float) if column in self._table else np.empty(0)
        if values.size:
            axes.hist(values, bins=min(_BINS, max(values.size // 2, 5)), color=_POINT, alpha=0.8)
        axes.set(xlabel=NUCLEI[column].line, ylabel="nuclei")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        if column in self._table:
            for at in self._table.loc[self._table["label"] == self._label, column].dropna():
                axes.axvline(at, color=_CHOSEN, linewidth=2)

    def _points(self) -> tuple[np.ndarray, np.ndarray]:
        """Return measured and predicted fraction of each nucleus that has both, (N, 2), and the labels, (N,)."""
        if "label" not in self._table:
            return np.empty((0, 2)), np.empty(0, int)
        points = self._table[["measured_nuclear_fraction", "predicted_nuclear_fraction"]].to_numpy(float)
        known = np.isfinite(points).all(axis=1)
        return points[known], self._table["label"].to_numpy()[known]

    def _click(self, event: MouseEvent) -> None:
        points, labels = self._points()
        if event.inaxes is None or self.kind.currentData() or not len(points):
            return
        away = np.linalg.norm(event.inaxes.transData.transform(points) - (event.x, event.y), axis=1)
        if away.min() <= _NEAR:
            self.chosen.emit(int(labels[away.argmin()]))

    def _paint(self, axes: Axes) -> None:
        theme = get_theme(self._viewer.theme)
        background, ink = theme.background.as_hex("long"), theme.text.as_hex("long")
        self.canvas.figure.set_facecolor(background)
        axes.set_facecolor(background)
        axes.tick_params(colors=ink, labelsize=8)
        axes.xaxis.label.set(color=ink, fontsize=9)
        axes.yaxis.label.set(color=ink, fontsize=9)
        for side, spine in axes.spines.items():
            spine.set_color(ink)
            spine.set_visible(side in ("left", "bottom"))
