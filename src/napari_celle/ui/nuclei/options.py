"""The fields of the ways to find nuclei."""

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from napari_celle.segment.classical import ClassicalOptions
from napari_celle.ui.texts import GREY

Options = dict[str, float | None]

DEVICES = {"Automatic": "auto", "CPU": "cpu", "Graphics card": "cuda"}
FLOW, CELLPROB = 0.4, 0.0  # cellpose's own


def number(value: float, *, low: float, high: float, step: float, decimals: int) -> QDoubleSpinBox:
    """Make a field for a number."""
    field = QDoubleSpinBox()
    field.setDecimals(decimals)
    field.setRange(low, high)
    field.setSingleStep(step)
    field.setValue(value)
    field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return field


class SizeField(QWidget):
    """A size in pixels, with what that is in micrometres when the pixel size is known; the lowest value is a word.

    Parameters
    ----------
    word : str
        What 0 means, for example "measured".
    power : int
        1 for a length, 2 for an area.
    high : float
        Largest value.
    """

    changed = Signal()

    def __init__(self, word: str, *, power: int, high: float) -> None:
        super().__init__()
        self._power = power
        self._pixel_um: float | None = None
        self.spin = number(0, low=0, high=high, step=1, decimals=0 if power == 2 else 1)
        self.spin.setSuffix(" px" if power == 1 else " px²")
        self.spin.setSpecialValueText(word)
        self.micrometres = QLabel()
        self.micrometres.setStyleSheet(f"color: {GREY};")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.spin, stretch=1)
        row.addWidget(self.micrometres)
        self.setFocusProxy(self.spin)
        self.spin.valueChanged.connect(self._tell)
        self._show()

    @property
    def value(self) -> float | None:
        """Pixels, or None for the word."""
        return self.spin.value() or None

    def set_pixel_size(self, pixel_um: float | None) -> None:
        """Say how large a pixel is, in micrometres."""
        self._pixel_um = pixel_um
        self._show()

    def _tell(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        is_known = self._pixel_um is not None and self.value is not None
        self.micrometres.setVisible(is_known)
        if self._pixel_um is not None and self.value is not None:
            unit = "µm" if self._power == 1 else "µm²"
            self.micrometres.setText(f"= {self.value * self._pixel_um**self._power:.3g} {unit}")


class BuiltInForm(QWidget):
    """Fields of the built-in method."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        default = ClassicalOptions()
        self.diameter = SizeField("measured", power=1, high=2000)
        self.smallest = SizeField("15 % of typical", power=2, high=1e6)
        self.sensitivity = number(default.sensitivity, low=0.1, high=20, step=0.1, decimals=2)
        self.edge = number(100 * default.edge, low=5, high=95, step=5, decimals=0)
        self.neck = number(100 * default.neck, low=0, high=99, step=2, decimals=0)
        self._explain()
        form = form_of(self)
        form.addRow(caption("Typical diameter"), self.diameter)
        form.addRow(caption("Smallest nucleus"), self.smallest)
        form.addRow(caption("Sensitivity"), self.sensitivity)
        form.addRow(caption("Outline at"), self.edge)
        form.addRow(caption("Split necks below"), self.neck)
        for field in (self.diameter.changed, self.smallest.changed):
            field.connect(self.changed)
        for spin in (self.sensitivity, self.edge, self.neck):
            spin.valueChanged.connect(self.changed)

    @property
    def options(self) -> Options:
        """Keywords of ``ClassicalOptions``."""
        return {
            "diameter": self.diameter.value,
            "smallest": self.smallest.value,
            "sensitivity": self.sensitivity.value(),
            "edge": self.edge.value() / 100,
            "neck": self.neck.value() / 100,
        }

    @property
    def device(self) -> str:
        """Where it computes."""
        return "cpu"

    def set_pixel_size(self, pixel_um: float | None) -> None:
        """Say how large a pixel is, in micrometres."""
        self.diameter.set_pixel_size(pixel_um)
        self.smallest.set_pixel_size(pixel_um)

    def _explain(self) -> None:
        self.edge.setSuffix(" %")
        self.neck.setSuffix(" %")
        self.neck.setSpecialValueText("never split")
        self.diameter.spin.setToolTip(
            "Diameter of a typical nucleus, in pixels; 0 measures it.\n"
            "Give it when fragments are kept, or large nuclei are cut into pieces."
        )
        self.smallest.spin.setToolTip(
            "Area in pixels below which something is debris; 0 takes 15 % of the typical nucleus."
        )
        self.sensitivity.setToolTip(
            "The automatic threshold is divided by this number: above 1 finds dimmer nuclei, below 1 only bright ones."
        )
        self.edge.setToolTip(
            "A nucleus ends where it falls to this part of its own brightness above the background.\n"
            "Lower draws wider outlines; they never leave what is above the threshold."
        )
        self.neck.setToolTip(
            "Touching nuclei are split where their neck is narrower than this part of the thinner one.\n"
            "Lower splits less; 0 never splits."
        )


class CellposeForm(QWidget):
    """Fields of cellpose."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.diameter = SizeField("as it is", power=1, high=2000)
        self.flow = number(FLOW, low=0, high=3, step=0.1, decimals=2)
        self.cellprob = number(CELLPROB, low=-6, high=6, step=0.5, decimals=1)
        self.device_box = QComboBox()
        for text, name in DEVICES.items():
            self.device_box.addItem(text, name)
        self.device_box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._explain()
        form = form_of(self)
        form.addRow(caption("Diameter"), self.diameter)
        form.addRow(caption("Flow threshold"), self.flow)
        form.addRow(caption("Cell probability"), self.cellprob)
        form.addRow(caption("Compute on"), self.device_box)
        self.diameter.changed.connect(self.changed)
        self.flow.valueChanged.connect(self.changed)
        self.cellprob.valueChanged.connect(self.changed)
        self.device_box.currentIndexChanged.connect(self.changed)

    @property
    def options(self) -> Options:
        """Keywords of ``CellposeOptions``."""
        return {
            "diameter": self.diameter.value,
            "flow_threshold": self.flow.value(),
            "cellprob_threshold": self.cellprob.value(),
        }

    @property
    def device(self) -> str:
        """Where it computes."""
        return str(self.device_box.currentData())

    def set_pixel_size(self, pixel_um: float | None) -> None:
        """Say how large a pixel is, in micrometres."""
        self.diameter.set_pixel_size(pixel_um)

    def _explain(self) -> None:
        self.diameter.spin.setToolTip(
            "Diameter of a typical nucleus, in pixels; the image is scaled so that it becomes 30.\n"
            "0 leaves the image as it is, which is right for nuclei of about 7 to 120 pixels."
        )
        self.flow.setToolTip(
            "Nuclei whose shape disagrees more than this with cellpose's flows are dropped (no unit).\n"
            "Higher keeps more; 0 keeps all."
        )
        self.cellprob.setToolTip(
            "Pixels above are nucleus (log odds, 0 is even).\nLower finds more and larger nuclei, higher fewer."
        )
        self.device_box.setToolTip("Where cellpose computes. Automatic takes a graphics card when there is one.")


def caption(text: str) -> QLabel:
    """Make the words before a field, as wide in each form as in the others."""
    label = QLabel(text)
    label.setMinimumWidth(label.fontMetrics().horizontalAdvance("Split necks below") + 24)
    return label


def form_of(parent: QWidget) -> QFormLayout:
    """Lay a widget out as rows of words and fields."""
    form = QFormLayout(parent)
    form.setContentsMargins(0, 0, 0, 0)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    return form
