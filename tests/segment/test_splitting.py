import numpy as np
import pytest
from scipy import ndimage
from skimage import measure
from skimage.morphology import h_maxima

from napari_celle.segment.splitting import split, typical


def nobody(*_):
    pass


def blobs(seed):
    rng = np.random.default_rng(seed)
    return ndimage.gaussian_filter(rng.normal(size=(150, 170)), 5) > 0.02


@pytest.mark.parametrize("seed", range(3))
def test_parts_are_split_one_by_one_as_they_would_be_all_at_once(seed):
    mask = blobs(seed)
    labels = split(mask, neck=0.8, diameter=16.0, on_step=nobody)
    distance = ndimage.gaussian_filter(ndimage.distance_transform_edt(mask), 0.8) * mask
    tops = measure.label(h_maxima(np.log(np.maximum(distance, 2.0)), -np.log(0.8)))
    parts = measure.label(mask)
    for part in range(1, parts.max() + 1):
        inside = parts == part
        assert len(np.unique(labels[inside])) == max(len(np.unique(tops[inside & (tops > 0)])), 1)
    np.testing.assert_array_equal(labels > 0, mask)


def test_no_label_lies_in_two_parts():
    mask = blobs(5)
    labels, parts = split(mask, neck=0.95, diameter=None, on_step=nobody), measure.label(mask)
    for label in range(1, labels.max() + 1):
        assert len(np.unique(parts[labels == label])) == 1


def test_the_typical_value_is_that_of_most_of_the_area():
    assert typical([]) == 0
    assert typical([(1, 2.0), (1, 3.0), (100, 50.0)]) == 50
