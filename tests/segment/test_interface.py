import numpy as np
import pytest

from napari_celle.errors import ImageError
from napari_celle.segment import SEGMENTERS, as_labels, segment_nuclei


def test_an_unknown_method_lists_the_known():
    with pytest.raises(ValueError, match=f"'magic'.*{', '.join(sorted(SEGMENTERS))}"):
        segment_nuclei(np.eye(32), method="magic")


def test_an_image_that_is_no_nucleus_channel_is_refused():
    with pytest.raises(ImageError, match="constant"):
        segment_nuclei(np.ones((32, 32)))


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "uint64", "int32"])
def test_the_users_own_labels_become_an_int32_copy(dtype):
    mask = np.eye(20).astype(dtype)
    labels = as_labels(mask, shape=(20, 20))
    assert labels.dtype == np.int32
    np.testing.assert_array_equal(labels, np.eye(20))
    assert not np.shares_memory(labels, mask)


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (np.zeros((20, 21), int), r"shape \(20, 21\), the image \(20, 20\)"),
        (np.zeros((3, 20, 20), int), r"shape \(3, 20, 20\)"),
        (np.zeros((20, 20)), "float64.*whole numbers"),
        (np.full((20, 20), -1), "from -1 to -1"),
        (np.full((20, 20), 2**31), "2147483648"),
    ],
)
def test_what_are_no_labels_is_named(mask, said):
    with pytest.raises(ImageError, match=said):
        as_labels(mask, shape=(20, 20))
