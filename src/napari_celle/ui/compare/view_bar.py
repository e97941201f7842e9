"""One button for each view of a comparison, and one for the way back."""

from collections.abc import Sequence

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QGridLayout, QPushButton, QWidget

from napari_celle.ui.compare.views import Pair, Views

CONTOURS_LEGEND = "Contours hold 50 % (yellow), 80 % (orange) and 95 % (pink) of the predicted protein."
LEGENDS = {
    "side": "Measured and predicted, each as a share of its protein, in the same colours and with the same limits.",
    "overlay": "Green: measured. Magenta: predicted. White: both.",
    "difference": "Pink: more predicted. Green: more measured. White: both agree.",
    "contours": CONTOURS_LEGEND,
    "": "",
}


class ViewBar(QWidget):
    """Shows comparisons one way or another.

    Parameters
    ----------
    views : Views
        Arranges the layers.
    """

    shown = Signal(str)

    def __init__(self, views: Views) -> None:
        super().__init__()
        self._views = views
        self._pairs: Sequence[Pair] = ()
        self._channel = ""
        self.side = QPushButton("Side by side")
        self.overlay = QPushButton("Overlay")
        self.difference = QPushButton("Difference")
        self.contours = QPushButton("Contours")
        self.back = QPushButton("Back to my view")
        self.side.setToolTip("Measured channel and predictions in linked tiles, with the same colours and limits")
        self.overlay.setToolTip("Measured in green, predicted in magenta, on top of each other")
        self.difference.setToolTip("Predicted minus measured, both as shares of their protein")
        self.contours.setToolTip(
            "The smallest areas that hold 50, 80 and 95 % of the predicted protein, on the channel"
        )
        self.back.setToolTip("Give back your own layers, grid, camera and colours as they were before the first view")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        for at, button in enumerate((self.side, self.overlay, self.difference, self.contours)):
            grid.addWidget(button, at // 2, at % 2)
        grid.addWidget(self.back, 2, 0, 1, 2)
        self.side.clicked.connect(self.show_side)
        self.overlay.clicked.connect(self.show_overlay)
        self.difference.clicked.connect(self.show_difference)
        self.contours.clicked.connect(self.show_contours)
        self.back.clicked.connect(self.go_back)
        self.set((), "")

    def set(self, pairs: Sequence[Pair], channel: str) -> None:
        """Take the comparisons that can be shown, the chosen one first."""
        self._pairs, self._channel = pairs, channel
        for button in (self.side, self.overlay, self.difference, self.contours):
            button.setEnabled(bool(pairs))
        self.back.setEnabled(self._views.is_on)

    def show_side(self) -> None:
        """Show all, tile by tile."""
        self._views.side_by_side(self._pairs, self._channel)
        self._say("side")

    def show_overlay(self) -> None:
        """Show the chosen one on the channel."""
        self._views.overlay(self._pairs[0], self._channel)
        self._say("overlay")

    def show_difference(self) -> None:
        """Show the chosen one minus the channel."""
        self._views.difference(self._pairs[0], self._channel)
        self._say("difference")

    def show_contours(self) -> None:
        """Show the contours of the chosen one."""
        self._views.contours(self._pairs[0], self._channel)
        self._say("contours")

    def go_back(self) -> None:
        """Give the user's own view back."""
        self._views.back()
        self._say("")

    def _say(self, view: str) -> None:
        self.back.setEnabled(self._views.is_on)
        self.shown.emit(LEGENDS[view])
