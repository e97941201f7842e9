"""Measures: (predicted, truth) to a float, in numpy."""

from napari_celle.metrics.classification import auc

__all__ = ["auc"]
