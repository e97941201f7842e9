import numpy as np

from napari_celle.simulate import draw_field
from napari_celle.ui import sample_data
from napari_celle.ui.sample_data import simulated_cells


def test_the_sample_is_a_nucleus_and_a_protein_layer_in_micrometres():
    layers = simulated_cells()
    assert [keywords["name"] for _, keywords, _ in layers] == ["simulated nucleus", "simulated protein"]
    for data, keywords, kind in layers:
        assert kind == "image"
        assert data.shape == (512, 512)
        assert data.dtype == np.float32
        assert keywords["scale"] == (0.2, 0.2)
        assert keywords["units"] == ("micrometer", "micrometer")
        assert keywords["axis_labels"] == ("y", "x")
        low, high = keywords["contrast_limits"]
        assert low < high


def test_the_sample_is_the_same_each_time():
    for (first, _, _), (again, _, _) in zip(simulated_cells(), simulated_cells(), strict=True):
        np.testing.assert_array_equal(first, again)


def test_the_nucleus_layer_is_the_field_of_its_seed():
    field = draw_field(np.random.default_rng(sample_data._SEED), size=512, style=sample_data._STYLE)
    np.testing.assert_array_equal(simulated_cells()[0][0], field.nucleus)
