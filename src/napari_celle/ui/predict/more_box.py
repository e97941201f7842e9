"""The options of a prediction that are seldom touched: draws, steps, seed, map, windows of a field."""

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QComboBox, QFormLayout, QSizePolicy, QSpinBox, QWidget
from superqt import QCollapsible

from napari_celle.field_types import Windows
from napari_celle.types import Pdf, SamplingOptions

PDFS: dict[str, Pdf] = {"Probabilities": "paper", "As published": "published"}
WINDOWS: dict[str, Windows] = {"As few as will do": "cover", "One for each nucleus": "each"}
MOST_DRAWS, MOST_STEPS = 64, 256


class MoreBox(QCollapsible):
    """Fields of the sampling, behind a title that opens and closes them."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__("More options", expandedIcon="▾", collapsedIcon="▸")
        self.draws, self.steps, self.seed = QSpinBox(), QSpinBox(), QSpinBox()
        self.pdf, self.windows = QComboBox(), QComboBox()
        self.watch = QCheckBox("Show how it is drawn")
        self._form = QFormLayout()
        self._fill()
        fields = QWidget()
        fields.setLayout(self._form)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for text, field in (
            ("Draws", self.draws),
            ("Steps", self.steps),
            ("Seed", self.seed),
            ("Map", self.pdf),
            ("Windows", self.windows),
            ("", self.watch),
        ):
            field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._form.addRow(text, field)
        self.setContent(fields)
        self.content().layout().setContentsMargins(0, 0, 0, 0)
        self.set_field(is_field=False)
        self.collapse(animate=False)

    @property
    def sampling(self) -> SamplingOptions:
        """How tokens are drawn."""
        return SamplingOptions(seed=self.seed.value(), steps=self.steps.value() or None, pdf=self.pdf.currentData())

    @property
    def field_windows(self) -> Windows:
        """How the windows of a field are chosen."""
        return self.windows.currentData()

    def set_field(self, *, is_field: bool) -> None:
        """Show what a field has: windows to choose; or a single window: draws, which can be watched."""
        self._form.setRowVisible(self.windows, is_field)
        self._form.setRowVisible(self.draws, not is_field)
        self._form.setRowVisible(self.watch, not is_field)

    def _fill(self) -> None:
        self.toggleButton().setToolTip("Show or hide the options that are seldom touched")
        self.draws.setRange(1, MOST_DRAWS)
        self.draws.setToolTip(
            "How often the protein is drawn, with one seed after another.\n"
            "More than 1 gives the mean, the spread (standard deviation) and the entropy (bits) of the draws as layers."
        )
        self.steps.setRange(0, MOST_STEPS)
        self.steps.setSpecialValueText("as the model likes")
        self.steps.setToolTip(
            "Passes in which a model that fills many codes at once draws the picture: more take longer.\n"
            "A model that draws one code after another always takes as many as there are codes."
        )
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setToolTip("Seed of the random draws: the same seed gives the same prediction")
        for text, definition in PDFS.items():
            self.pdf.addItem(text, definition)
        self.pdf.setToolTip(
            "Probabilities: how probable each picture element is, decoded (the definition in the paper).\n"
            "As published: what the authors' code draws from the model's raw scores, for comparison."
        )
        for text, windows in WINDOWS.items():
            self.windows.addItem(text, windows)
        self.windows.setToolTip(
            "As few as will do: each nucleus lies well inside one window.\n"
            "One for each nucleus: it lies in the middle of its own, which takes longer."
        )
        self.watch.setToolTip("Show the picture after each step, in a layer that goes away when it is done")
        for spin in (self.draws, self.steps):
            spin.valueChanged.connect(self.changed)
        self.windows.currentIndexChanged.connect(self.changed)
