"""Nuclei coloured by a column of their table, and back to how they were."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from napari.layers import Labels
from napari.utils.colormaps import ensure_colormap

from napari_celle.analysis.comparison.per_nucleus import AGREEMENT

UNKNOWN = "#808080"
CLASSES = dict(zip(AGREEMENT, ("#0072b2", "#56b4e9", "#cc79a7", "#e69f00", UNKNOWN), strict=True))  # Okabe and Ito
_MAP = "viridis"


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours mean.

    Attributes
    ----------
    low, high : float
        Of the column, at the two ends of the colours; both NaN where there are classes.
    classes : tuple of (str, str)
        Class and its colour.
    """

    low: float
    high: float
    classes: tuple[tuple[str, str], ...] = ()


class NucleiColours:
    """Colours one layer of nuclei at a time, and gives its own look back."""

    def __init__(self) -> None:
        self._layer: Labels | None = None
        self._own: tuple[Any, int, float] | None = None

    @property
    def is_on(self) -> bool:
        """Whether a layer is coloured."""
        return self._layer is not None

    def colour(self, layer: Labels, table: pd.DataFrame, column: str) -> Legend:
        """Fill the nuclei with the colours of a column, dark blue for low and yellow for high; grey where it is empty.

        Parameters
        ----------
        layer : Labels
            The nuclei.
        table : pd.DataFrame
            With the columns ``label`` and ``column``.
        column : str
            Of numbers, or "agreement".
        """
        if self._layer is None or self._layer != layer:
            self.plain()
            self._layer, self._own = layer, (layer.colormap, layer.contour, layer.opacity)
        values = table[column]
        colours, legend = _classes(values) if column == "agreement" else _shades(values.to_numpy(float))
        of_label: dict[int | None, Any] = {None: UNKNOWN, 0: "transparent"}
        of_label |= {int(label): colour for label, colour in zip(table["label"], colours, strict=True)}
        layer.colormap = of_label
        layer.contour, layer.opacity = 0, 1.0
        return legend

    def plain(self) -> None:
        """Give the look back that the layer had."""
        layer, own = self._layer, self._own
        self._layer = self._own = None
        if layer is not None and own is not None:
            layer.colormap, layer.contour, layer.opacity = own


def _shades(values: np.ndarray) -> tuple[list[Any], Legend]:
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (np.nan, np.nan)
    span = high - low if known.size and high > low else 1.0
    parts = np.where(np.isfinite(values), (values - low) / span, 0.0)
    shades = ensure_colormap(_MAP).map(parts)
    return [shade if np.isfinite(v) else UNKNOWN for shade, v in zip(shades, values, strict=True)], Legend(low, high)


def _classes(values: pd.Series) -> tuple[list[Any], Legend]:
    present = set(values)
    listed = tuple((name, colour) for name, colour in CLASSES.items() if name in present)
    return [CLASSES[str(value)] for value in values], Legend(np.nan, np.nan, listed)
