"""The fields of "Find nuclei": channel, method and its options, where to look, preview."""

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from napari_celle.ui.layer_picker import NucleusPicker
from napari_celle.ui.nuclei.engines import BUILT_IN, CELLPOSE
from napari_celle.ui.nuclei.options import BuiltInForm, CellposeForm, caption, form_of
from napari_celle.ui.nuclei.weights_box import WeightsBox
from napari_celle.ui.texts import wrapped_label

if TYPE_CHECKING:
    from napari.components import LayerList

METHODS = {"Built in": BUILT_IN, "cellpose 4 (SAM)": CELLPOSE}
WHOLE, VIEW = "Whole image", "What the view shows"


class NucleiFields(QWidget):
    """What a user can choose; knows nothing of jobs."""

    options_changed = Signal()

    def __init__(self, layers: "LayerList") -> None:
        super().__init__()
        self.nucleus = NucleusPicker(layers)
        self.engine = QComboBox()
        self.built_in, self.cellpose = BuiltInForm(), CellposeForm()
        self.weights = WeightsBox()
        self.region = QComboBox()
        self.preview_box = QCheckBox("Preview")
        self.preview_button = QPushButton("Update")
        self.preview_status = wrapped_label()
        self.replace_box = QCheckBox("Replace the last mask of this plane")
        self._fill()
        self._lay_out()
        self.engine.currentIndexChanged.connect(self._show_form)
        self.weights.built_in_wanted.connect(self._use_built_in)
        self.built_in.changed.connect(self.options_changed)
        self.cellpose.changed.connect(self.options_changed)
        self._show_form()

    @property
    def method(self) -> str:
        """``BUILT_IN`` or ``CELLPOSE``."""
        return str(self.engine.currentData())

    @property
    def form(self) -> BuiltInForm | CellposeForm:
        """The options of the method."""
        return self.cellpose if self.method == CELLPOSE else self.built_in

    @property
    def in_view(self) -> bool:
        """Whether only what the view shows is looked at."""
        return self.region.currentText() == VIEW

    def set_pixel_size(self, pixel_um: float | None) -> None:
        """Say how large a pixel is, in micrometres."""
        self.built_in.set_pixel_size(pixel_um)
        self.cellpose.set_pixel_size(pixel_um)

    def _fill(self) -> None:
        for text, name in METHODS.items():
            self.engine.addItem(text, name)
        self.engine.setToolTip(
            "Built in: needs nothing, about a second for 512 x 512 pixels.\n"
            "cellpose 4: a network from a weight file on this computer; minutes without a graphics card."
        )
        self.region.addItems([WHOLE, VIEW])
        self.region.setToolTip(
            "Whole image: the plane that the sliders show.\nWhat the view shows: only that part of it."
        )
        self.preview_box.setToolTip(
            "Outlines of the nuclei around the middle of the view, as these options find them; nothing is kept.\n"
            "512 x 512 to 1,024 x 1,024 pixels are looked at, by cellpose half of that along each edge."
        )
        self.preview_button.setToolTip("Look for the nuclei in the view again, with these options")
        self.replace_box.setChecked(True)
        self.replace_box.setToolTip(
            "The mask found last in this plane of this channel is replaced. One that was painted since is always kept."
        )
        for field in (self.engine, self.region):
            field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            field.setMinimumContentsLength(12)
            field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        top, middle = QWidget(), QWidget()
        rows = form_of(top)
        rows.addRow(caption("Nucleus"), self.nucleus)
        rows.addRow(caption("Method"), self.engine)
        form_of(middle).addRow(caption("Find in"), self.region)
        previewing = QHBoxLayout()
        previewing.addWidget(self.preview_box, stretch=1)
        previewing.addWidget(self.preview_button)
        for part in (top, self.built_in, self.cellpose, self.weights, middle):
            column.addWidget(part)
        column.addLayout(previewing)
        column.addWidget(self.preview_status)
        column.addWidget(self.replace_box)

    def _show_form(self) -> None:
        self.built_in.setVisible(self.method == BUILT_IN)
        self.cellpose.setVisible(self.method == CELLPOSE)
        self.preview_button.setVisible(self.method == CELLPOSE)

    def _use_built_in(self) -> None:
        self.engine.setCurrentIndex(self.engine.findData(BUILT_IN))
