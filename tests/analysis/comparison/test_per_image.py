import numpy as np
import pytest

from napari_celle.analysis.comparison.per_image import as_table, per_image
from napari_celle.analysis.images.pictures import FIGURES, picture_figures
from napari_celle.errors import ImageError


@pytest.fixture(scope="module")
def models(cells, compared_with):
    channel = np.random.default_rng(0).uniform(0, 10, cells.shape) + 100 * (cells > 0)
    pictures = {"right": (cells > 0) * 0.9, "wrong": (cells == 0) * 0.9}
    return {name: compared_with(picture, channel) for name, picture in pictures.items()}


def test_each_model_has_a_row_in_its_order(models, cells):
    rows = per_image(models, nuclei=cells)
    assert [row.model for row in rows] == ["right", "wrong"]
    assert rows[0].figures["misplaced"] < 0.3 < 0.7 < rows[1].figures["misplaced"]
    assert rows[0].figures["pearson_measured"] > 0.9
    assert rows[1].figures["nuclear_accuracy"] == 0


def test_the_papers_figures_are_those_of_evaluate_images(models, cells):
    (row, _) = per_image(models, nuclei=cells)
    right = models["right"]
    expected = picture_figures((right.threshold, right.heatmap), truth=right.measured.threshold > 0, nuclei=cells)
    assert {name: row.figures[name] for name in FIGURES} == expected


def test_a_dark_channel_has_figures_too(cells, compared_with):
    (row,) = per_image({"model": compared_with((cells > 0) * 0.9, np.zeros((64, 64)))}, nuclei=cells)
    assert row.figures["true_fraction"] == 0
    assert np.isnan(row.figures["misplaced"])
    assert np.isnan(row.figures["pearson_map"])


def test_the_table_has_a_column_for_each_figure(models, cells):
    table = as_table(per_image(models, nuclei=cells))
    assert list(table["model"]) == ["right", "wrong"]
    assert {"fraction_map", "misplaced", *FIGURES} <= set(table)


def test_nuclei_of_other_pixels_are_refused(models):
    with pytest.raises(ImageError, match="same pixels"):
        per_image(models, nuclei=np.zeros((3, 3), int))
