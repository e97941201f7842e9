"""How the background of the measured channel is found: the fields for it."""

from typing import TYPE_CHECKING

from napari.layers import Image, Shapes
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QDoubleSpinBox, QSizePolicy, QVBoxLayout, QWidget

from napari_celle.analysis.comparison.background import Background, Percentile, RollingBall, drawn_region
from napari_celle.errors import ImageError
from napari_celle.ui.compare.asking import level0, outlines_on
from napari_celle.ui.layer_picker import LayerPicker

if TYPE_CHECKING:
    from napari.components import LayerList

BALL, PERCENTILE, DRAWN, NONE = "Rolling ball", "Percentile", "Drawn region", "None"
_DEFAULT = {BALL: 50.0, PERCENTILE: 5.0}


class BackgroundBox(QWidget):
    """Choice of the background, with the one number or layer that it needs.

    Parameters
    ----------
    layers : LayerList
        Of the viewer, for a region that was drawn.
    """

    changed = Signal()

    def __init__(self, layers: "LayerList") -> None:
        super().__init__()
        self.kind = QComboBox()
        self.kind.addItems([BALL, PERCENTILE, DRAWN, NONE])
        self.kind.setToolTip(
            "What of the measured channel is camera offset and stray light, and is taken off.\n"
            "Rolling ball: uneven light; the ball has to be larger than a cell.\n"
            "Percentile: one value; even light, and cells that do not fill the picture.\n"
            "Drawn region: the median of a place without cells, drawn in a Shapes layer.\n"
            "None: 0 already means no protein."
        )
        self.number = QDoubleSpinBox()
        self.number.setDecimals(1)
        self.region = LayerPicker(layers, accepts=_is_shapes, likely=("background",))
        self.region.setToolTip("Shapes layer with rectangles, ellipses or polygons where there are no cells")
        self.kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.kind.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for field in (self.kind, self.number, self.region):
            column.addWidget(field)
        self.kind.currentTextChanged.connect(self._choose)
        self.region.changed.connect(self.changed)
        self._choose()

    @property
    def reason(self) -> str:
        """Why there is no background yet, or ""."""
        if self.kind.currentText() == DRAWN and self.region.layer is None:
            return "Draw the background: add a Shapes layer, and a rectangle where there are no cells."
        return ""

    def background(self, channel: Image, axes: tuple[int, ...]) -> Background | None:
        """Give what is taken off a channel whose rows and columns are these two axes.

        Raises
        ------
        ImageError
            Nothing was drawn that encloses pixels.
        """
        kind = self.kind.currentText()
        if kind == BALL:
            return RollingBall(self.number.value())
        if kind == PERCENTILE:
            return Percentile(self.number.value())
        if kind == NONE or self.region.layer is None:
            return None
        polygons = outlines_on(self.region.layer, channel, axes=axes)
        if not polygons:
            raise ImageError(
                f"{self.region.layer.name} has no closed shape. Draw a rectangle, ellipse or polygon where there are "
                "no cells."
            )
        shape = level0(channel).shape
        return drawn_region(polygons, shape=(shape[axes[0]], shape[axes[1]]))

    def _choose(self) -> None:
        kind = self.kind.currentText()
        self.number.setVisible(kind in _DEFAULT)
        self.region.setVisible(kind == DRAWN)
        if kind == BALL:
            self.number.setRange(1.0, 10_000.0)
            self.number.setSuffix(" px")
            self.number.setToolTip("Radius of the ball in pixels of the channel; take more than that of a cell")
        else:
            self.number.setRange(0.0, 100.0)
            self.number.setSuffix(" %")
            self.number.setToolTip("This part of the pixels is at most as bright as the background")
        self.number.setValue(_DEFAULT.get(kind, 0.0))
        self.changed.emit()


def _is_shapes(layer: object) -> bool:
    return isinstance(layer, Shapes)
