"""A channel beside predictions, from pixels to tables."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from napari_celle.analysis.comparison.background import Percentile, RollingBall, drawn_region
from napari_celle.analysis.comparison.beside import (
    Channel,
    Predicted,
    compare_all,
    figures_table,
    recount,
)
from napari_celle.analysis.comparison.per_image import per_image
from napari_celle.analysis.comparison.per_nucleus import per_nucleus
from napari_celle.errors import Cancelled, ImageError, WeightsError

WHOLE = (slice(None), slice(None))
AT = np.array([[1.0, 0, 20], [0, 1, 10]])


@pytest.fixture
def channel():
    rng = np.random.default_rng(0)
    return (100 + 50 * rng.random((100, 90))).astype(np.float32)


@pytest.fixture
def predicted(cells):
    heatmap = np.random.default_rng(1).random(cells.shape).astype(np.float32)
    return Predicted(
        name="GFP", model="tiny", heatmap=heatmap, threshold=heatmap > 0.5, nuclei=cells, scale=1.0, to_channel=AT
    )


def test_the_window_of_the_channel_is_compared(channel, predicted):
    (beside,) = compare_all(Channel(channel, WHOLE, None), [predicted])
    np.testing.assert_array_equal(beside.compared.measured.intensity, channel[20:84, 10:74])
    pd.testing.assert_frame_equal(beside.table, per_nucleus(predicted.nuclei, beside.compared))
    (image,) = per_image({"GFP": beside.compared}, nuclei=predicted.nuclei)
    assert dict(beside.figures) == pytest.approx(dict(image.figures), nan_ok=True)


def test_the_background_is_that_of_the_whole_channel(channel, predicted):
    (beside,) = compare_all(Channel(channel, WHOLE, Percentile(0)), [predicted])
    np.testing.assert_allclose(beside.compared.measured.intensity, channel[20:84, 10:74] - channel.min())


def test_a_drawn_region_is_the_background(channel, predicted):
    channel[:9, :9] = 70
    square = np.array([[1, 1], [1, 6], [6, 6], [6, 1]])
    region = drawn_region([square], shape=channel.shape)
    (beside,) = compare_all(Channel(channel, WHOLE, region), [predicted])
    np.testing.assert_allclose(beside.compared.measured.intensity, channel[20:84, 10:74] - 70)


def test_of_a_stack_one_plane_is_read(channel, predicted):
    stack = np.stack([np.full_like(channel, np.nan), channel])
    (flat,) = compare_all(Channel(channel, WHOLE, None), [predicted])
    (beside,) = compare_all(Channel(stack, (1, *WHOLE), None), [predicted])
    pd.testing.assert_frame_equal(beside.table, flat.table)


class Lazy:
    """Pixels that say what was read of them."""

    shape = (20_000, 20_000)

    def __init__(self):
        self.read = []

    def __getitem__(self, index):
        shape = tuple(part.stop - part.start for part in index)
        self.read.append(shape)
        return np.random.default_rng(0).random(shape, np.float32)


def test_of_a_large_plane_only_the_surroundings_are_read(predicted):
    lazy = Lazy()
    far = replace(predicted, to_channel=np.array([[1.0, 0, 9000], [0, 1, 500]]))
    (beside,) = compare_all(Channel(lazy, WHOLE, RollingBall(50)), [far])
    assert lazy.read == [(1024 + 64 + 1024, 500 + 64 + 1024)]
    assert beside.compared.measured.window.y == 1024
    assert beside.compared.measured.window.x == 500


def test_several_predictions_each_have_the_rule_of_their_model(channel, predicted):
    median = replace(predicted, name="GFP 2", model="tiny-celle2")
    both = compare_all(Channel(channel, WHOLE, None), [predicted, median])
    table = figures_table(both)
    assert list(table["prediction"]) == ["GFP", "GFP 2"]
    assert list(table["model"]) == ["tiny", "tiny-celle2"]
    shares = [each.compared.measured.threshold.mean() for each in both]
    assert shares[1] == pytest.approx(0.5, abs=0.01)  # median
    assert table["true_fraction"].nunique() == 2


def test_a_recount_is_a_comparison_with_the_edited_nuclei(channel, predicted):
    (beside,) = compare_all(Channel(channel, WHOLE, None), [predicted])
    edited = np.where(predicted.nuclei == 9, 0, predicted.nuclei)
    again = recount(beside, edited)
    (fresh,) = compare_all(Channel(channel, WHOLE, None), [replace(predicted, nuclei=edited)])
    assert list(again.table["label"]) == [4, 30]
    pd.testing.assert_frame_equal(again.table, fresh.table)
    assert again.figures["fraction_map"] == fresh.figures["fraction_map"] < beside.figures["fraction_map"]
    assert again.predicted.nuclei is edited


def test_a_dark_channel_and_an_unknown_model_are_said(channel, predicted):
    with pytest.raises(ImageError, match="constant"):
        compare_all(Channel(np.zeros((100, 90)), WHOLE, None), [predicted])
    with pytest.raises(WeightsError, match="no model 'gone'"):
        compare_all(Channel(channel, WHOLE, None), [replace(predicted, model="gone")])


def test_it_can_be_cancelled_before_each_prediction(channel, predicted):
    def stop(stage, done, total):
        if stage == "Comparing" and done == 1:
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        compare_all(Channel(channel, WHOLE, None), [predicted, predicted], on_step=stop)
