import numpy as np
import pandas as pd
import pytest
from napari.layers import Labels

from napari_celle.ui.compare.features import write_features

TABLE = pd.DataFrame({"label": [4, 9], "pearson": [0.1, 0.9], "agreement": ["unknown", "both nuclear"]})


@pytest.fixture
def layer():
    return Labels(np.zeros((20, 20), int))


def test_rows_are_label_ids_with_an_index(layer):
    write_features(layer, TABLE)
    assert list(layer.features["index"]) == [4, 9]
    assert list(layer.features["pearson"]) == [0.1, 0.9]
    layer.data[3, 3] = 9
    assert "pearson: 0.9" in layer.get_status((3, 3))["coordinates"]


def test_what_others_wrote_stays_for_nuclei_that_are_there(layer):
    layer.features = {"index": [4, 7], "note": ["odd", "gone"], "pearson": [5.0, 5.0]}
    write_features(layer, TABLE)
    assert list(layer.features["index"]) == [4, 9]
    assert list(layer.features["pearson"]) == [0.1, 0.9]
    assert layer.features["note"][0] == "odd"
    assert pd.isna(layer.features["note"][1])


def test_a_table_without_index_is_one_by_label(layer):
    layer.features = {"note": [f"label {label}" for label in range(10)]}
    write_features(layer, TABLE)
    assert list(layer.features["note"]) == ["label 4", "label 9"]


def test_all_nuclei_can_be_gone(layer):
    write_features(layer, TABLE)
    write_features(layer, TABLE.iloc[:0])
    assert len(layer.features) == 0
