"""The tables of a comparison as CSV files; a file is written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from napari_celle.analysis.tables import write_table
from napari_celle.errors import OutputError


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a scratch file beside a path to write to, which takes its place when all went well; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".napari-celle-", dir=path.parent) as folder:
        scratch = Path(folder) / path.name
        yield scratch
        os.replace(scratch, path)


def write_csv(path: Path | str, table: pd.DataFrame) -> None:
    """Write the table of nuclei or of models as CSV, NaN as an empty cell; its folder is made, the file replaced.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    path = Path(path)
    try:
        with whole(path) as scratch:
            write_table(scratch, **{str(name): table[name] for name in table})
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"The table cannot be written to {path}: {reason}. Choose another place.") from error
