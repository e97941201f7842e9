"""The list of weights: models, language models, and the file for nuclei, with their state, size, hash and licence."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from napari_celle.ui.models.words import short_hash, spoken_bytes

if TYPE_CHECKING:
    from napari_celle.models.checkpoints.inventory import Weights

COLUMNS = ("Name", "State", "Size", "SHA-256", "Licence")
GROUPS = {"model": "Models", "language model": "Protein language models", "nuclei": "Nuclei"}
HEIGHT = 200  # pixels
_MARGIN = 6  # pixels beside the text of a column


class WeightsTable(QTreeWidget):
    """One row for each of the weights, in groups; keeps what is chosen when it is filled anew."""

    chosen = Signal()
    filled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._weights: dict[str, Weights] = {}
        self.setHeaderLabels(COLUMNS)
        self.setRootIsDecorated(False)
        self.setIndentation(6)
        self.setItemsExpandable(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setMinimumHeight(HEIGHT)
        self.setToolTip("Weights that are here or can be had; choose one to see more of it and what can be done")
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.header().setStretchLastSection(True)
        self.itemSelectionChanged.connect(self.chosen)

    @property
    def weights(self) -> "Weights | None":
        """What is chosen, or None."""
        items = self.selectedItems()
        return self._weights.get(items[0].text(0)) if items else None

    @property
    def all(self) -> "tuple[Weights, ...]":
        """All rows."""
        return tuple(self._weights.values())

    def fill(self, weights: "Sequence[Weights]") -> None:
        """Show these rows; what is chosen stays chosen, and at first it is the first row."""
        before = self.weights
        at = self.verticalScrollBar().value()
        with QSignalBlocker(self):
            self._weights = {row.name: row for row in weights}
            self.clear()
            for kind, title in GROUPS.items():
                self._add_group(title, [row for row in weights if row.kind == kind])
            self.expandAll()
            self._fit_columns()
            self.choose(before.name if before and before.name in self._weights else weights[0].name if weights else "")
        self.verticalScrollBar().setValue(at)
        self.filled.emit()

    def choose(self, name: str) -> None:
        """Choose a row by its name."""
        for item in self.findItems(name, Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive, 0):
            self.setCurrentItem(item)

    def _add_group(self, title: str, rows: "Sequence[Weights]") -> None:
        group = QTreeWidgetItem([title])
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font: Any = group.font(0)
        font.setBold(True)
        group.setFont(0, font)
        self.addTopLevelItem(group)
        group.setFirstColumnSpanned(True)
        for row in rows:
            group.addChild(_item(row))

    def _fit_columns(self) -> None:
        for column in range(len(COLUMNS)):
            self.resizeColumnToContents(column)
            self.setColumnWidth(column, self.columnWidth(column) + _MARGIN)


def _item(row: "Weights") -> QTreeWidgetItem:
    size = spoken_bytes(row.size) if row.size else "?"
    about = "" if row.is_here or not row.size else "about "
    texts = [row.name, state_of(row), about + size, short_hash(row.sha256), row.licence]
    item = QTreeWidgetItem(texts)
    item.setToolTip(0, row.summary or row.problem)
    item.setToolTip(3, row.sha256)
    item.setToolTip(4, row.licence)
    item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    if row.is_here:
        font: Any = item.font(0)
        font.setBold(row.state != "damaged")
        item.setFont(1, font)
    return item


def state_of(row: "Weights") -> str:
    """Return the state of weights as it stands in the list."""
    if row.arrived:
        return "partly fetched"
    return row.state
