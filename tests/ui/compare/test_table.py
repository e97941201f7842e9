"""The table: sorting, empty cells, and which row is chosen."""

import numpy as np
import pandas as pd
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from napari_celle.ui.compare.table import SortedTable
from napari_celle.ui.compare.titles import NUCLEI

FRAME = pd.DataFrame(
    {
        "label": [4, 9, 30, 101],
        "area_px": [113, 250, 80, 9],
        "area_um2": [np.nan] * 4,
        "pearson": [0.5, np.nan, -0.2, 0.12345],
        "agreement": ["both nuclear", "unknown", "both around", "both around"],
        "at_border": [False, False, True, False],
        "secret": [1, 2, 3, 4],
    }
)


@pytest.fixture
def table(qtbot):
    table = SortedTable(NUCLEI, key="label")
    qtbot.addWidget(table)
    table.set(FRAME)
    return table


def _column(table, heading):
    model = table.model()
    headings = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
    at = headings.index(heading)
    return at, [model.index(row, at).data() for row in range(model.rowCount())]


def test_columns_without_values_and_of_no_interest_are_left_out(table):
    model = table.model()
    headings = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
    assert headings == ["Nucleus", "Area\npx²", "Pearson", "Agreement", "At\nborder"]
    assert "Correlation" in model.headerData(2, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)


def test_cells_are_short_and_empty_where_there_is_no_number(table):
    assert _column(table, "Pearson")[1] == ["0.5", "", "-0.2", "0.123"]
    assert _column(table, "At\nborder")[1] == ["", "", "yes", ""]


def test_numbers_are_sorted_as_numbers_with_the_empty_at_the_end(table):
    table.sortByColumn(_column(table, "Pearson")[0], Qt.SortOrder.DescendingOrder)
    assert _column(table, "Nucleus")[1] == ["4", "101", "30", "9"]
    table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert _column(table, "Nucleus")[1] == ["101", "30", "9", "4"]


def test_a_click_in_the_sorted_table_tells_the_right_nucleus(qtbot, table):
    table.show()
    at, _ = _column(table, "Area\npx²")
    table.sortByColumn(at, Qt.SortOrder.AscendingOrder)  # 101, 30, 4, 9
    heard = []
    table.chosen.connect(heard.append)
    place = table.visualRect(table.model().index(1, at)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert set(heard) == {30}
    assert table.current == 30
    QApplication.processEvents()


def test_the_chosen_row_stays_chosen_when_numbers_change_and_nobody_is_told(table):
    table.select(30)
    heard = []
    table.chosen.connect(heard.append)
    table.set(FRAME.iloc[[3, 2, 0]].assign(area_px=[1, 2, 3]))
    assert table.current == 30
    table.set(FRAME.iloc[:2])
    assert table.current is None
    assert heard == []


def test_an_empty_table_is_fine(table):
    table.set(pd.DataFrame())
    assert table.model().rowCount() == 0
    table.select(4)
    assert table.current is None
