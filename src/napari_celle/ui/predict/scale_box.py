"""How large the nuclei are made for the model: by the pixel size, by their diameter, or not at all."""

from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from napari_celle.types import ModelInfo

AUTOMATIC, DIAMETER, AS_IT_IS = "Automatic", "Nucleus diameter", "Not resampled"


class ScaleBox(QWidget):
    """List of the ways to choose the scale; the diameter can be typed, or taken from what was measured."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._measured: float | None = None
        self.kind = QComboBox()
        self.kind.addItems([AUTOMATIC, DIAMETER, AS_IT_IS])
        self.kind.setToolTip(
            "How the image is resampled to look like what the model was trained on.\n"
            "Automatic: by the layer's pixel size in µm, or, if it has none, by the nuclei if the model does not know\n"
            "such a size. Nucleus diameter: so that nuclei of this size look as they did in the training."
        )
        self.kind.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.diameter = QDoubleSpinBox()
        self.diameter.setRange(1, 2000)
        self.diameter.setDecimals(1)
        self.diameter.setValue(60)
        self.diameter.setSuffix(" px")
        self.diameter.setKeyboardTracking(False)
        self.diameter.setToolTip("Typical diameter of a nucleus, in pixels of the image")
        self.measured = QPushButton("Measured")
        self.measured.setToolTip("Take the diameter that was measured in this image")
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.kind)
        column.addLayout(row)
        row.addWidget(self.diameter, stretch=1)
        row.addWidget(self.measured)
        self.kind.currentTextChanged.connect(self._choose)
        self.diameter.valueChanged.connect(self.changed)
        self.measured.clicked.connect(self._take_measured)
        self._choose()

    def offer(self, diameter_px: float | None) -> None:
        """Remember the diameter that was measured, in pixels; None if there are no nuclei."""
        self._measured = diameter_px
        self.measured.setEnabled(diameter_px is not None)

    def sizes(self, pixel_size_um: float | None, info: ModelInfo) -> tuple[float | None, float | None]:
        """Give the pixel size in micrometres and the nucleus diameter in pixels for a request.

        Parameters
        ----------
        pixel_size_um : float or None
            Of the layer.
        info : ModelInfo
            The model that will be asked.
        """
        chosen = self.kind.currentText()
        if chosen == AUTOMATIC:
            return pixel_size_um, None
        return None, self.diameter.value() if chosen == DIAMETER else info.nucleus_diameter_px[1]

    def _choose(self) -> None:
        by_diameter = self.kind.currentText() == DIAMETER
        self.diameter.setVisible(by_diameter)
        self.measured.setVisible(by_diameter)
        if by_diameter and self._measured is not None:
            with QSignalBlocker(self.diameter):
                self.diameter.setValue(self._measured)
        self.changed.emit()

    def _take_measured(self) -> None:
        if self._measured is not None:
            self.diameter.setValue(self._measured)
