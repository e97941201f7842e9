"""The tables of a comparison as CSV files."""

from pathlib import Path

import pandas as pd

from napari_celle.analysis.tables import write_table
from napari_celle.errors import OutputError


def write_csv(path: Path | str, table: pd.DataFrame) -> None:
    """Write the table of nuclei or of models as CSV, NaN as an empty cell; its folder is made, the file replaced.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    path = Path(path)
    try:
        write_table(path, **{str(name): table[name] for name in table})
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"The table cannot be written to {path}: {reason}. Choose another place.") from error
