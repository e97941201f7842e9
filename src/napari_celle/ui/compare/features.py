"""The table of nuclei in the ``features`` of its layer, beside what others wrote there."""

import pandas as pd
from napari.layers import Labels


def write_features(layer: Labels, table: pd.DataFrame) -> None:
    """Write a table of nuclei into a layer: a row for each nucleus, ``index`` is its label; napari shows it on hover.

    Columns that somebody else wrote stay, for the nuclei that are still there.

    Parameters
    ----------
    layer : Labels
        The nuclei.
    table : pd.DataFrame
        With a column ``label``.
    """
    ours = table.rename(columns={"label": "index"})
    before = pd.DataFrame(layer.features)
    if "index" not in before:
        before = before.assign(index=range(len(before)))
    others = before[["index", *(name for name in before if name not in ours)]]
    layer.features = ours.merge(others.drop_duplicates("index"), on="index", how="left")
