import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_celle.analysis.comparison.compared import compare
from napari_celle.analysis.comparison.per_nucleus import AGREEMENT, per_nucleus
from napari_celle.analysis.comparison.territories import VORONOI, Cytoplasm, territories
from napari_celle.errors import ImageError
from napari_celle.metrics import iou, pearson

LABELS = hnp.arrays(np.int32, (12, 11), elements=st.sampled_from([0, 0, 0, 2, 5]))
MAPS = hnp.arrays(np.float32, (12, 11), elements=st.floats(0, 1, width=16))


@pytest.fixture(scope="module")
def two(cells, compared_with):
    """A prediction in the nuclei, and a channel in the nuclei but for 9, where it is around."""
    rng = np.random.default_rng(0)
    around = territories(cells).cytoplasm == 2
    heatmap = 0.1 + 0.8 * (cells > 0)
    channel = 10 + 200 * (((cells > 0) & (cells != 9)) | around) + rng.uniform(0, 5, cells.shape)
    return compared_with(heatmap, channel)


@settings(max_examples=50)
@given(LABELS, MAPS, MAPS)
def test_every_figure_lies_in_its_range(compared_with, labels, heatmap, channel):
    table = per_nucleus(labels, compared_with(heatmap, channel))
    assert list(table["label"]) == sorted(set(np.unique(labels).tolist()) - {0})
    for name, (low, high) in {
        "predicted_nuclear_fraction": (0, 1),
        "measured_nuclear_fraction": (0, 1),
        "pearson": (-1, 1),
        "ssim": (-1, 1),
        "iou": (0, 1),
        "measured_nc_ratio": (0, np.inf),
    }.items():
        values = table[name].dropna()
        assert values.between(low - 1e-6, high + 1e-6).all()
        assert np.isfinite(values).all()
    assert set(table["agreement"]) <= set(AGREEMENT)


@settings(max_examples=50)
@given(LABELS, MAPS, MAPS)
def test_other_labels_move_rows_and_change_nothing_else(compared_with, labels, heatmap, channel):
    compared = compared_with(heatmap, channel)
    new = np.where(labels == 2, 70_000, labels)  # behind 5
    first, second = per_nucleus(labels, compared), per_nucleus(new, compared)
    first["label"] = first["label"].replace(2, 70_000)
    pd.testing.assert_frame_equal(first.sort_values("label", ignore_index=True), second, check_dtype=False)


def test_figures_are_those_of_the_pixels_of_a_cell(cells, two):
    table = per_nucleus(cells, two, cytoplasm=VORONOI, pixel_size_um=0.5).set_index("label")
    found = territories(cells, cytoplasm=VORONOI)
    channel = two.measured.intensity.astype(float)
    for place, label in enumerate((4, 9, 30), start=1):
        inside, around = found.nuclei == place, found.cytoplasm == place
        whole, row = inside | around, table.loc[label]
        assert row["area_px"] == inside.sum()
        assert row["area_um2"] == pytest.approx(0.25 * inside.sum())
        assert row["cytoplasm_px"] == around.sum()
        assert (row["centroid_y"], row["centroid_x"]) == pytest.approx(np.argwhere(inside).mean(axis=0))
        assert row["measured_nucleus_mean"] == pytest.approx(channel[inside].mean())
        assert row["measured_cytoplasm_mean"] == pytest.approx(channel[around].mean())
        assert row["measured_nuclear_fraction"] == pytest.approx(channel[inside].sum() / channel[whole].sum())
        assert row["measured_nc_ratio"] == pytest.approx(channel[inside].mean() / channel[around].mean())
        assert row["pearson"] == pytest.approx(pearson(two.difference.predicted[whole], two.difference.measured[whole]))
        assert row["ssim"] == pytest.approx(two.similarity[whole].mean(), rel=1e-5)
        assert row["iou"] == pytest.approx(iou(two.threshold[whole], two.measured.threshold[whole]))


def test_agreement_says_who_calls_the_protein_nuclear(cells, two):
    table = per_nucleus(cells, two)
    assert list(table["agreement"]) == ["both nuclear", "only predicted nuclear", "both nuclear"]


def test_nuclei_that_the_border_cuts_are_marked(cells, two):
    assert list(per_nucleus(cells, two)["at_border"]) == [False, False, True]


def test_an_edit_is_followed_at_once(cells, two):
    before = per_nucleus(cells, two)
    edited = np.where((cells == 4) & (np.arange(64) > 20), 0, cells)
    after = per_nucleus(edited, two)
    assert after["area_px"][0] < before["area_px"][0]
    assert after["area_px"][2] == before["area_px"][2]


def test_only_pixels_in_which_something_was_predicted_count(cells, measured_in):
    covered = np.broadcast_to(np.arange(64)[:, None] < 30, (64, 64))
    channel = np.random.default_rng(0).uniform(1, 9, (64, 64))
    compared = compare(np.full((64, 64), 0.5), cells > 0, measured=measured_in(channel), covered=covered)
    row = per_nucleus(cells, compared).iloc[0]
    assert row["area_px"] == (cells == 4).sum()
    assert row["measured_nucleus_mean"] == pytest.approx(channel[(cells == 4) & covered].mean())
    assert row["predicted_nc_ratio"] == pytest.approx(1)
    assert np.isnan(per_nucleus(cells, compared)["measured_nucleus_mean"][2])  # wholly outside


def test_no_nuclei_are_a_table_without_rows(cells, two):
    table = per_nucleus(np.zeros_like(cells), two)
    assert len(table) == 0
    assert list(table) == list(per_nucleus(cells, two))


def test_one_nucleus_that_fills_the_picture_has_no_surroundings(two):
    table = per_nucleus(np.ones((64, 64), int), two)
    assert table["at_border"][0]
    assert table["cytoplasm_px"][0] == 0
    assert np.isnan(table["predicted_nuclear_fraction"][0])
    assert table["agreement"][0] == "unknown"


def test_dark_pictures_have_nothing_to_measure(cells, compared_with):
    table = per_nucleus(cells, compared_with(np.zeros((64, 64)), np.zeros((64, 64))))
    for name in ("predicted_nuclear_fraction", "measured_nc_ratio", "pearson"):
        assert table[name].isna().all()
    assert (table["agreement"] == "unknown").all()
    assert (table["measured_nucleus_mean"] == 0).all()


def test_a_constant_picture_has_no_correlation(cells, compared_with):
    table = per_nucleus(cells, compared_with(np.full((64, 64), 0.1), np.random.default_rng(0).uniform(size=(64, 64))))
    assert table["pearson"].isna().all()


def test_a_picture_of_a_few_pixels_has_no_ssim(compared_with):
    table = per_nucleus(np.eye(5, dtype=int), compared_with(np.eye(5), np.eye(5)))
    assert table["ssim"].isna().all()
    assert table["iou"][0] == 1


def test_a_width_in_micrometres_needs_the_pixel_size(cells, two):
    with pytest.raises(ImageError, match="pixel size is not known"):
        per_nucleus(cells, two, cytoplasm=Cytoplasm(width_um=2))


def test_labels_of_other_pixels_are_refused(two):
    with pytest.raises(ImageError, match="same pixels"):
        per_nucleus(np.ones((3, 3), int), two)
