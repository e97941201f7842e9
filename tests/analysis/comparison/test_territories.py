import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.segmentation import expand_labels

from napari_celle.analysis.comparison.territories import RING, VORONOI, Cytoplasm, territories
from napari_celle.errors import ImageError

LABELS = hnp.arrays(np.int32, (12, 14), elements=st.sampled_from([0, 0, 0, 3, 8, 2_000_000_000]))


@given(LABELS, st.sampled_from([RING, VORONOI, Cytoplasm(diameters=float("inf"))]))
def test_no_pixel_is_in_a_nucleus_and_a_cytoplasm_or_far_from_its_nucleus(labels, cytoplasm):
    found = territories(labels, cytoplasm=cytoplasm)
    np.testing.assert_array_equal(np.concatenate([[0], found.labels])[found.nuclei], labels)
    assert not ((found.nuclei > 0) & (found.cytoplasm > 0)).any()
    if cytoplasm.diameters == float("inf") and labels.any():
        assert ((found.nuclei > 0) | (found.cytoplasm > 0)).all()


@given(LABELS, st.integers(1, 6))
def test_a_width_in_micrometres_expands_all_labels_alike(labels, pixels):
    found = territories(labels, cytoplasm=Cytoplasm(width_um=pixels * 0.25), pixel_size_um=0.25)
    grown = expand_labels(labels, distance=pixels)
    np.testing.assert_array_equal(found.cytoplasm > 0, (grown > 0) & (labels == 0))


@given(LABELS)
def test_another_name_for_a_nucleus_changes_no_territory(labels):
    swapped = labels.copy()
    swapped[labels == 3], swapped[labels == 8] = 8, 3
    first, second = territories(labels), territories(swapped)
    names = np.concatenate([[0], first.labels])[first.cytoplasm]
    others = np.concatenate([[0], second.labels])[second.cytoplasm]
    renamed = {0: 0, 3: 8, 8: 3, 2_000_000_000: 2_000_000_000}
    np.testing.assert_array_equal(np.vectorize(renamed.get, otypes=[int])(names), others)


def test_a_share_is_of_each_nucleus_own_diameter():
    labels = np.zeros((80, 160), int)
    rows, columns = np.mgrid[:80, :160]
    labels[np.hypot(rows - 40, columns - 40) < 20] = 1
    labels[np.hypot(rows - 40, columns - 120) < 5] = 2
    found = territories(labels, cytoplasm=Cytoplasm(diameters=0.25))
    for place, (middle, radius) in enumerate(((40, 20), (120, 5)), start=1):
        reach = np.hypot(rows - 40, columns - middle)[found.cytoplasm == place].max()
        assert reach == pytest.approx(1.5 * radius, abs=1)


def test_a_few_pixels_at_the_border_have_surroundings_too():
    labels = np.zeros((8, 8), int)
    labels[0, 3] = 1
    assert (territories(labels).cytoplasm > 0).sum() == 3
    narrow = territories(labels, cytoplasm=Cytoplasm(width_um=0.1), pixel_size_um=1.0)
    assert (narrow.cytoplasm > 0).sum() == 3


def test_no_labels_have_no_territories():
    found = territories(np.zeros((5, 5), int))
    assert len(found.labels) == 0
    assert not found.cytoplasm.any()


@pytest.mark.parametrize(
    ("cytoplasm", "pixel_size_um", "message"),
    [
        (Cytoplasm(width_um=2.0), None, "pixel size is not known"),
        (Cytoplasm(width_um=0.0), 0.1, "0 wide"),
        (Cytoplasm(diameters=float("nan")), None, "nan wide"),
        (RING, -1.0, "pixel size is -1"),
    ],
)
def test_a_width_of_no_use_says_why(cytoplasm, pixel_size_um, message):
    with pytest.raises(ImageError, match=message):
        territories(np.eye(4, dtype=int), cytoplasm=cytoplasm, pixel_size_um=pixel_size_um)


@pytest.mark.parametrize("labels", [np.zeros((2, 2)), np.zeros((1, 2, 2), int)])
def test_what_holds_no_labels_is_refused(labels):
    with pytest.raises(ImageError, match="one plane of labels"):
        territories(labels)
