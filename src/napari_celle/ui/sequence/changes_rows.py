"""Rows of the sequence box that change what is predicted: a tag at one end, and the scrambled control."""

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QSizePolicy, QSpinBox, QVBoxLayout, QWidget

from napari_celle.tags import OPENCELL_LINKER, TAGS
from napari_celle.ui.sequence.construct import Changes

NO_TAG = "No tag"
ENDS = {"at C terminus": "C", "at N terminus": "N"}
SHORTEST = 6  # letters of a list in a narrow dock


class ChangesRows(QWidget):
    """Tag, end and linker; scrambled or not, with its seed."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tag, self.terminus, self.linker = QComboBox(), QComboBox(), QComboBox()
        self.scrambled, self.seed = QCheckBox("Scrambled control"), QSpinBox()
        self._linker_row, self._seed_row = QWidget(), QWidget()
        self._fill()
        self._explain()
        self._lay_out()
        self.tag.currentIndexChanged.connect(self._update)
        self.terminus.currentIndexChanged.connect(self._update)
        self.linker.editTextChanged.connect(self._update)
        self.scrambled.toggled.connect(self._update)
        self.seed.valueChanged.connect(self._update)
        self._update()

    @property
    def changes(self) -> Changes:
        """What stands in the rows."""
        return Changes(
            tag=self.tag.currentData(),
            terminus=self.terminus.currentData(),
            linker=self.linker.currentText(),
            seed=self.seed.value() if self.scrambled.isChecked() else None,
        )

    def reset(self) -> None:
        """Leave the protein as it is."""
        self.tag.setCurrentIndex(0)
        self.scrambled.setChecked(False)

    def _fill(self) -> None:
        self.tag.addItem(NO_TAG, "")
        for tag in TAGS.values():
            self.tag.addItem(tag.name, tag.name)
        for text, end in ENDS.items():
            self.terminus.addItem(text, end)
        self.linker.setEditable(True)
        self.linker.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.linker.setCompleter(None)  # it would write OpenCell's linker behind the first G
        self.linker.addItems(["", OPENCELL_LINKER])
        line = self.linker.lineEdit()
        if line is not None:
            line.setPlaceholderText("none")
        self.seed.setRange(0, 2**31 - 1)
        for box in (self.tag, self.terminus, self.linker):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(SHORTEST)

    def _explain(self) -> None:
        sources = "\n".join(f"{tag.name}: {len(tag.sequence)} residues ({tag.source})" for tag in TAGS.values())
        self.tag.setToolTip(f"Tag that is fused to the protein; the whole is predicted.\n{sources}")
        self.terminus.setToolTip("End of the protein that carries the tag")
        self.linker.setToolTip(
            "Residues between tag and protein, in one-letter code; empty for none.\n"
            f"{OPENCELL_LINKER} stands between mNeonGreen2-11 and the protein in OpenCell."
        )
        self.scrambled.setToolTip(
            "Predict the protein's residues in random order, with its start methionine and any tag as they are:\n"
            "a control of the same length and composition. What it shows does not come from signals."
        )
        self.seed.setToolTip("Seed of the random order: the same seed gives the same order. Look at several.")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tag)
        column.addWidget(self.terminus)
        for row, words, field in ((self._linker_row, "Linker", self.linker), (self._seed_row, "Seed", self.seed)):
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.addWidget(QLabel(words))
            line.addWidget(field, stretch=1)
        for widget in (self._linker_row, self.scrambled, self._seed_row):
            column.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _update(self) -> None:
        has_tag = bool(self.tag.currentData())
        self.terminus.setVisible(has_tag)
        self._linker_row.setVisible(has_tag)
        self._seed_row.setVisible(self.scrambled.isChecked())
        self.changed.emit()
