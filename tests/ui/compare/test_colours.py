import numpy as np
import pandas as pd
import pytest
from napari.layers import Labels

from napari_celle.ui.compare.colours import CLASSES, NucleiColours

TABLE = pd.DataFrame(
    {"label": [4, 9, 30], "pearson": [-0.5, np.nan, 0.75], "agreement": ["both nuclear", "unknown", "both nuclear"]}
)


@pytest.fixture
def layer():
    layer = Labels(np.zeros((8, 8), int), colormap={None: "cyan", 0: "transparent"}, opacity=0.8)
    layer.contour = 2
    return layer


def _hex(layer, label):
    return "#" + "".join(f"{round(255 * part):02x}" for part in layer.get_color(label)[:3])


def test_low_is_dark_blue_high_is_yellow_and_empty_is_grey(layer):
    legend = NucleiColours().colour(layer, TABLE, "pearson")
    assert (legend.low, legend.high, legend.classes) == (-0.5, 0.75, ())
    assert [_hex(layer, label) for label in (4, 9, 30)] == ["#440154", "#808080", "#fde725"]
    assert (layer.contour, layer.opacity) == (0, 1.0)


def test_classes_have_colours_of_their_own(layer):
    legend = NucleiColours().colour(layer, TABLE, "agreement")
    assert legend.classes == (("both nuclear", CLASSES["both nuclear"]), ("unknown", CLASSES["unknown"]))
    assert _hex(layer, 4) == CLASSES["both nuclear"]


def test_plain_gives_the_look_back_also_after_two_columns(layer):
    colours = NucleiColours()
    before = layer.colormap
    colours.colour(layer, TABLE, "pearson")
    colours.colour(layer, TABLE, "agreement")
    colours.plain()
    assert (layer.colormap, layer.contour, layer.opacity) == (before, 2, 0.8)
    assert not colours.is_on


def test_another_layer_gives_the_first_its_look_back(layer):
    colours = NucleiColours()
    colours.colour(layer, TABLE, "pearson")
    colours.colour(Labels(np.zeros((8, 8), int)), TABLE, "pearson")
    assert layer.contour == 2


@pytest.mark.parametrize("values", [[1.0, 1.0, 1.0], [np.nan] * 3])
def test_a_column_without_a_range_has_a_colour(layer, values):
    NucleiColours().colour(layer, TABLE.assign(pearson=values), "pearson")
    assert layer.get_color(4) is not None
