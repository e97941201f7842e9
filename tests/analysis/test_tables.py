import math

import pytest

from napari_celle.analysis.tables import for_json, read_flags, read_sequences, read_table, write_table
from napari_celle.errors import CelleError, SequenceError


def test_a_table_is_read_as_text_and_na_is_not_taken_for_missing(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("name,sequence\nNA,MKRP\n")
    assert read_table(path, columns=("sequence",)).to_dict("records") == [{"name": "NA", "sequence": "MKRP"}]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no table"),
        (b"", "cannot be read as a table"),
        (b"sequence\n", "has no rows"),
        (b"protein,length\nMKRP,4\n", "lacks the column sequence. It has protein, length"),
        (b"\xff\xfe\x00\x81", "cannot be read as a table"),
    ],
)
def test_a_table_that_cannot_be_used_is_named_with_the_reason(tmp_path, content, words):
    path = tmp_path / "table.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CelleError, match=words) as caught:
        read_table(path, columns=("sequence",))
    assert str(path) in str(caught.value)


def test_all_rows_that_hold_no_protein_are_named_at_once():
    with pytest.raises(SequenceError, match=r"t\.csv has row 2: .*; row 3: "):
        read_sequences(["MKRP", "MK*RP", ""], table="t.csv")
    with pytest.raises(SequenceError, match=r"; and 2 more$"):
        read_sequences(["1"] * 7, table="t.csv")


def test_a_flag_that_is_neither_0_nor_1_is_named():
    assert read_flags(["1", " 0"], column="is_nuclear", table="t.csv").tolist() == [True, False]
    with pytest.raises(CelleError, match=r"column is_nuclear of t\.csv has row 2: 'yes'"):
        read_flags(["1", "yes"], column="is_nuclear", table="t.csv")


def test_nan_becomes_none_at_any_depth():
    assert for_json({"a": math.nan, "b": [{"c": (1.0, math.nan)}]}) == {"a": None, "b": [{"c": [1.0, None]}]}


def test_columns_are_written_as_a_table_and_the_folder_is_made(tmp_path):
    path = tmp_path / "new" / "table.csv"
    write_table(path, name=["a", "b"], value=[0.5, 1])
    assert path.read_text() == "name,value\na,0.5\nb,1.0\n"
