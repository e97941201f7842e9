"""A table of numbers in the dock: sorted by a click on a heading, with a row that can be chosen."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from qtpy.QtCore import QAbstractTableModel, QModelIndex, QObject, QSortFilterProxyModel, Qt, Signal
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from napari_celle.ui.compare.titles import Title

_KEY = Qt.ItemDataRole.UserRole
"""Role of what rows are sorted by."""


class FrameModel(QAbstractTableModel):
    """A pandas table for Qt to show.

    Parameters
    ----------
    titles : Mapping of str to Title
        Columns that are shown, in their order, those that the table has.
    parent : QObject
        The view.
    """

    def __init__(self, titles: Mapping[str, Title], parent: QObject) -> None:
        super().__init__(parent)
        self._titles = titles
        self.frame = pd.DataFrame()
        self._columns: list[str] = []
        self._cells: list[list[object]] = []  # of each column: a single cell of a DataFrame is slow to come by

    def set(self, frame: pd.DataFrame) -> None:
        """Show another table; columns without a single value are left out."""
        self.beginResetModel()
        self.frame = frame
        self._columns = [name for name in self._titles if name in frame and not frame[name].isna().all()]
        if "area_um2" in self._columns:
            self._columns.remove("area_px")
        self._cells = [frame[name].tolist() for name in self._columns]
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Count rows, as Qt asks."""
        return 0 if parent is not None and parent.isValid() else len(self.frame)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Count columns, as Qt asks."""
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give the text of a cell, or what it is sorted by."""
        if not index.isValid():
            return None
        value = self._cells[index.column()][index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(value)
        if role == _KEY:
            return _key(value)
        if role == Qt.ItemDataRole.TextAlignmentRole and not isinstance(value, str):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give a heading, or what it means."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        title = self._titles[self._columns[section]]
        return {Qt.ItemDataRole.DisplayRole: title.text, Qt.ItemDataRole.ToolTipRole: title.meaning}.get(role)


class SortedTable(QTableView):
    """Shows a table, sorted by the heading that was clicked; tells which row was chosen.

    Parameters
    ----------
    titles : Mapping of str to Title
        Columns that are shown.
    key : str
        Column that names a row; it is what is told of a chosen row, and what stays chosen when the table changes.
    """

    chosen = Signal(object)

    def __init__(self, titles: Mapping[str, Title], *, key: str) -> None:
        super().__init__()
        self._name = key
        self._quiet = False
        self.numbers = FrameModel(titles, self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.numbers)
        self._sorted.setSortRole(_KEY)
        self.setModel(self._sorted)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMinimumHeight(150)
        self.selectionModel().currentRowChanged.connect(self._tell)
        self.clicked.connect(self._tell)

    @property
    def current(self) -> object:
        """The key of the chosen row, or None."""
        index = self._sorted.mapToSource(self.currentIndex())
        return self.numbers.frame[self._name].iloc[index.row()] if index.isValid() else None

    def set(self, frame: pd.DataFrame) -> None:
        """Show another table; the chosen row stays chosen, and nobody is told."""
        kept = self.current
        self._quiet = True
        self.numbers.set(frame)
        self._quiet = False
        self.select(kept)

    def select(self, key: object) -> None:
        """Choose the row of a key without telling; of an unknown one, none."""
        self._quiet = True
        self.clearSelection()
        self.setCurrentIndex(QModelIndex())
        frame = self.numbers.frame
        keys = list(frame[self._name]) if self._name in frame else []
        if key in keys:
            index = self._sorted.mapFromSource(self.numbers.index(keys.index(key), 0))
            self.setCurrentIndex(index)
            self.scrollTo(index)
        self._quiet = False

    def _tell(self, index: QModelIndex, before: QModelIndex | None = None) -> None:
        if not self._quiet and index.isValid() and self.current is not None:
            self.chosen.emit(self.current)


def _text(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else ""
    if not isinstance(value, float | np.floating):
        return str(value)
    number = float(value)
    return "" if np.isnan(number) else f"{number:.3g}" if abs(number) < 100 else f"{number:,.0f}"


def _key(value: object) -> object:
    """Give what sorts like the value; a number that is missing lies below all others."""
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]  # a table has numbers and words
    return float("-inf") if np.isnan(number) else number
