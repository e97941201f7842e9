"""What is asked of a comparison: channel, background, cytoplasm, predictions."""

from typing import TYPE_CHECKING

from napari.layers import Image, Layer
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QFormLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from napari_celle.analysis.comparison.territories import RING, VORONOI, Cytoplasm
from napari_celle.ui.compare.background_box import BackgroundBox
from napari_celle.ui.compare.prediction_list import PredictionList
from napari_celle.ui.layer_picker import NUCLEUS_WORDS, LayerPicker, why_not
from napari_celle.ui.layers import is_prediction

if TYPE_CHECKING:
    from napari.components import LayerList

CYTOPLASMS = {"Ring around the nucleus": RING, "All that is nearest (Voronoi)": VORONOI}


class MeasuredPicker(LayerPicker):
    """The image layers that are none of ours; one whose name does not speak of nuclei goes first."""

    def __init__(self, layers: "LayerList") -> None:
        super().__init__(layers, accepts=_is_channel)
        self.setToolTip("Image layer with the measured protein, one channel, of the same cells")

    def _is_likely(self, layer: Layer) -> bool:
        return not any(word in layer.name.lower() for word in NUCLEUS_WORDS)


class Fields(QWidget):
    """The fields of the widget, and why they do not suffice yet.

    Parameters
    ----------
    layers : LayerList
        Of the viewer.
    """

    changed = Signal()

    def __init__(self, layers: "LayerList") -> None:
        super().__init__()
        self.measured = MeasuredPicker(layers)
        self.background = BackgroundBox(layers)
        self.around = QComboBox()
        self.around.addItems(list(CYTOPLASMS))
        self.around.setToolTip(
            "What stands for the cytoplasm of a nucleus.\n"
            "Ring: up to a quarter of its diameter away; little light of the neighbours.\n"
            "Voronoi: all that is nearer to it than to any other, up to one diameter."
        )
        self.around.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.around.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.predictions = PredictionList(layers)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow("Measured", self.measured)
        form.addRow("Background", self.background)
        form.addRow("Cytoplasm", self.around)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addWidget(QLabel("Predictions"))
        column.addWidget(self.predictions)
        for signal in (self.measured.changed, self.background.changed, self.predictions.changed):
            signal.connect(self.changed)

    @property
    def cytoplasm(self) -> Cytoplasm:
        """What around a nucleus stands for its cytoplasm."""
        return CYTOPLASMS[self.around.currentText()]

    @property
    def reason(self) -> str:
        """Why nothing can be compared yet, or ""."""
        if not self.predictions.found:
            return "There is no prediction here yet. Run Predict localization first."
        if not self.predictions.checked:
            return "Check at least one prediction."
        return why_not(self.measured.layer, wanted="a measured protein channel") or self.background.reason


def _is_channel(layer: Layer) -> bool:
    return isinstance(layer, Image) and not is_prediction(layer)
