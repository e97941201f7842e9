"""The list of weights: groups, texts, and a choice that stays."""

from pathlib import Path

import pytest

from napari_celle.models.checkpoints.inventory import Weights
from napari_celle.ui.models.table import WeightsTable

HERE = Weights(
    "one", "model", "installed", "A model.", "MIT", size=2_140_000_000, sha256="ab" * 32, folder=Path(), is_ours=True
)
AWAY = Weights("two", "model", "can be fetched", "Another.", "?", size=1_200_000_000)
PART = Weights("three", "language model", "can be fetched", "A third.", "", arrived=5)


@pytest.fixture
def table(qtbot):
    table = WeightsTable()
    qtbot.addWidget(table)
    table.fill((HERE, AWAY, PART))
    return table


def texts(table, name):
    table.choose(name)
    return [table.currentItem().text(column) for column in range(table.columnCount())]


def test_a_row_has_name_state_size_hash_and_licence(table):
    assert texts(table, "one") == ["one", "installed", "2.1 GB", "abababab…", "MIT"]
    assert texts(table, "two") == ["two", "can be fetched", "about 1.2 GB", "", "?"]
    assert texts(table, "three") == ["three", "partly fetched", "?", "", ""]
    assert table.currentItem().parent().text(0) == "Protein language models"


def test_at_first_the_first_row_is_chosen(table):
    assert table.weights == HERE


def test_a_choice_stays_when_the_list_is_filled_anew_and_is_not_told_again(qtbot, table):
    table.choose("two")
    with qtbot.assertNotEmitted(table.chosen), qtbot.waitSignal(table.filled):
        table.fill((PART, AWAY))
    assert table.weights == AWAY
    table.fill((PART,))
    assert table.weights == PART


def test_the_title_of_a_group_cannot_be_chosen(table):
    table.setCurrentItem(table.topLevelItem(0))
    assert table.weights is None or table.weights == HERE
    table.fill(())
    assert table.weights is None
