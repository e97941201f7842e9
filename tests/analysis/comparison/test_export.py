import numpy as np
import pandas as pd
import pytest

from napari_celle.analysis.comparison.export import write_csv
from napari_celle.analysis.comparison.per_nucleus import per_nucleus
from napari_celle.errors import OutputError


def test_the_table_of_nuclei_comes_back(tmp_path, cells, compared_with):
    table = per_nucleus(cells, compared_with((cells > 0) * 0.9, np.eye(64)))
    write_csv(tmp_path / "new" / "nuclei.csv", table)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "new" / "nuclei.csv"), table, check_dtype=False)


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        write_csv(tmp_path, pd.DataFrame({"a": [1]}))
