"""Plots: a point for each nucleus, the theme's colours, and a click."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.backend_bases import MouseEvent
from matplotlib.colors import to_hex
from napari.components import ViewerModel

from napari_celle.ui.compare.plots import Plots

TABLE = pd.DataFrame(
    {
        "label": [4, 9, 30],
        "measured_nuclear_fraction": [0.2, 0.9, np.nan],
        "predicted_nuclear_fraction": [0.4, 0.8, 0.5],
        "pearson": [0.1, 0.5, np.nan],
    }
)


@pytest.fixture
def viewer():
    viewer = ViewerModel()
    viewer.theme = "dark"
    return viewer


@pytest.fixture
def plots(qtbot, viewer):
    plots = Plots(viewer)
    qtbot.addWidget(plots)
    plots.resize(320, 360)
    plots.set(TABLE)
    plots.canvas.draw()
    return plots


def _axes(plots):
    return plots.canvas.figure.axes[0]


def _click(plots, x, y):
    place = _axes(plots).transData.transform((x, y))
    event = MouseEvent("button_press_event", plots.canvas, *place, button=1)
    plots.canvas.callbacks.process("button_press_event", event)


def test_there_is_a_point_for_each_nucleus_that_has_both_fractions(plots):
    points = np.concatenate([each.get_offsets() for each in _axes(plots).collections])
    np.testing.assert_allclose(np.asarray(points), [[0.2, 0.4], [0.9, 0.8]])


def test_a_click_near_a_point_chooses_its_nucleus(plots):
    heard = []
    plots.chosen.connect(heard.append)
    _click(plots, 0.89, 0.81)
    _click(plots, 0.5, 0.5)
    assert heard == [9]


def test_the_chosen_nucleus_is_marked(plots):
    plots.select(9)
    marked = _axes(plots).collections[1].get_offsets()
    np.testing.assert_allclose(np.asarray(marked), [[0.9, 0.8]])


def test_a_column_has_a_histogram(plots):
    plots.select(9)
    plots.kind.setCurrentText("Histogram: Pearson")
    assert sum(bar.get_height() for bar in _axes(plots).patches) == 2
    assert _axes(plots).get_xlabel() == "Pearson"
    plots.kind.setCurrentText("Histogram: Area µm²")  # of which the table has none
    assert not _axes(plots).patches


def test_colours_follow_the_theme(plots, viewer):
    dark = to_hex(plots.canvas.figure.get_facecolor())
    viewer.theme = "light"
    assert to_hex(plots.canvas.figure.get_facecolor()) != dark
    assert to_hex(_axes(plots).xaxis.label.get_color()) != "#ffffff"


def test_an_empty_table_is_fine(plots):
    plots.set(pd.DataFrame())
    plots.select(4)
    plots.kind.setCurrentIndex(2)
    _click(plots, 0.2, 0.4)
