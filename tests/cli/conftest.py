import numpy as np
import pytest
from typer.testing import CliRunner

from napari_celle.cli import app
from napari_celle.data.proteins import LOCATIONS
from napari_celle.simulate import draw_field

HEADER = ",".join(["accession", "kingdom", "is_human", "gene", "partition", *LOCATIONS, "sequence"])


@pytest.fixture
def folder(tmp_path):
    """A table of proteins like DeepLoc's, one of nuclear and other proteins, and a nucleus image."""
    lines = []
    for number in range(10):
        labels = ["0", "1", *["0"] * 8] if number % 2 else ["1", *["0"] * 9]
        cells = [f"T{number}", "Metazoa", str(number % 3 % 2), "", str(number % 5), *labels]
        lines.append(",".join([*cells, "MSKGEELFTG" * (number % 3 + 1)]))
    (tmp_path / "proteins.csv").write_text("\n".join([HEADER, *lines]))
    rows = [f"{'MSKGEELFTG' * (number % 3 + 1)},{number % 2},{number % 3 % 2}" for number in range(6)]
    (tmp_path / "table.csv").write_text("\n".join(["sequence,is_nuclear,is_human", *rows]))
    np.save(tmp_path / "a_nucleus.npy", draw_field(np.random.default_rng(0)).nucleus)
    return tmp_path


@pytest.fixture
def evaluate():
    """Run ``napari-celle evaluate``."""

    def run(*options):
        return CliRunner().invoke(app, ["evaluate", *map(str, options)], prog_name="napari-celle")

    return run
