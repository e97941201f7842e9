"""What a table holds is counted, and all that is wrong with it is listed."""

import json

import numpy as np
import pytest
import tifffile

from napari_celle.data.tables.contents import SplitContents, read_contents
from napari_celle.errors import CelleError


@pytest.fixture
def table(tmp_path):
    """Five pairs of three proteins; one pair is smaller, one file is not there."""
    rng = np.random.default_rng(0)
    for number in range(4):
        shape = (2, 40, 36) if number else (2, 20, 24)
        tifffile.imwrite(tmp_path / f"{number}.tif", rng.integers(0, 60_000, shape).astype(np.uint16))
    rows = ["0.tif,MKR,train", "1.tif,MKR,val", "2.tif,MKRAPW,train", "3.tif,MKRAP,val", "4.tif,MKRAP,test"]
    (tmp_path / "data.csv").write_text("\n".join(["image_path,sequence,split", *rows]))
    return tmp_path / "data.csv"


def test_a_dataset_is_described(table):
    contents = read_contents(table)
    assert contents.layout == "OpenCell (two pages)"
    assert (contents.rows, contents.pairs, contents.proteins, contents.shared) == (5, 4, 3, 1)
    assert contents.splits == {"train": SplitContents(2, 2), "val": SplitContents(2, 2)}
    assert list(contents.sizes.items()) == [("40 x 36", 3), ("20 x 24", 1)]
    assert contents.dtypes == {"uint16": 4}
    assert contents.residues == (3, 6)
    assert len(contents.problems) == 1
    assert contents.problems[0].startswith("line 6: There is no file")
    assert json.loads(json.dumps(contents.to_dict()))["splits"]["val"] == {"pairs": 2, "proteins": 2}


def test_pictures_smaller_than_the_model_are_problems(table):
    problems = read_contents(table, size=32).problems
    assert [problem[:7] for problem in problems] == ["line 2:", "line 6:"]
    assert "smaller than the 32 x 32 pixels" in problems[0]


def test_a_table_without_a_usable_row_has_only_problems(table):
    contents = read_contents(table, size=300)
    assert (contents.pairs, contents.residues, contents.splits) == (0, (0, 0), {})
    assert len(contents.problems) == 5


def test_no_table_is_told(tmp_path):
    with pytest.raises(CelleError, match="There is no table"):
        read_contents(tmp_path / "none.csv")
