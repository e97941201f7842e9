import numpy as np
import pytest

from napari_celle.analysis.comparison.compared import compare
from napari_celle.analysis.comparison.measured import measured_protein
from napari_celle.preprocess import RECIPES
from napari_celle.types import Window


@pytest.fixture(scope="session")
def measured_in():
    """From a channel to what is measured in all of it, at the model's own scale."""

    def measure(channel, *, recipe="percentile"):
        channel = np.asarray(channel)
        window = Window(0, 0, *channel.shape)
        return measured_protein(channel, window=window, size=256, scale=1.0, recipe=RECIPES[recipe])

    return measure


@pytest.fixture(scope="session")
def compared_with(measured_in):
    """From a heat map and a channel to both compared; the threshold image is the heat map above a half."""

    def compared(heatmap, channel):
        heatmap = np.asarray(heatmap)
        return compare(heatmap, heatmap > 0.5, measured=measured_in(channel))

    return compared


@pytest.fixture(scope="session")
def cells():
    """Labels of three nuclei in 64 x 64 pixels: 4 and 9 touch, 30 is cut by the border."""
    rows, columns = np.mgrid[:64, :64]
    labels = np.zeros((64, 64), np.int32)
    for label, row, column in ((4, 30, 20), (9, 30, 36), (30, 62, 50)):
        labels[(np.hypot(rows - row, columns - column) < 8) & (labels == 0)] = label
    return labels
