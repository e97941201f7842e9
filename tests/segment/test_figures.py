import numpy as np
import pytest
from skimage import measure, segmentation

from napari_celle.segment.figures import nucleus_figures


def test_the_figures_are_those_of_the_regions():
    rng = np.random.default_rng(0)
    labels = measure.label(rng.random((60, 70)) > 0.6)
    labels[:, :9], labels[:, -9:], labels[:9], labels[-9:] = (labels.max() + k for k in range(1, 5))
    inside = measure.regionprops(segmentation.clear_border(labels))
    figures = nucleus_figures(labels)
    assert figures.count == len(np.unique(labels)) - 1
    assert figures.at_border == figures.count - len(inside) > 0
    diameters = [region.equivalent_diameter_area for region in inside]
    assert figures.diameter_px == pytest.approx(np.median(diameters))


def test_no_nuclei_have_no_diameter():
    assert nucleus_figures(np.zeros((5, 5), np.int32)).diameter_px is None
    assert nucleus_figures(np.zeros((0, 5), np.int32)).count == 0


def test_nuclei_that_are_all_cut_by_the_border_count_for_the_size():
    labels = np.zeros((20, 20), np.uint8)
    labels[:4, :4] = 200
    figures = nucleus_figures(labels)
    assert (figures.count, figures.at_border) == (1, 1)
    assert figures.diameter_px == pytest.approx(np.sqrt(16 * 4 / np.pi))


def test_huge_labels_need_no_huge_memory():
    labels = np.zeros((20, 20), np.int64)
    labels[5:9, 5:9], labels[12:14, 12:14] = 2**40, 7
    figures = nucleus_figures(labels)
    assert (figures.count, figures.at_border) == (2, 0)
