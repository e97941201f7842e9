import numpy as np
import pytest
from skimage.metrics import structural_similarity

from napari_celle.analysis.comparison.compared import compare
from napari_celle.errors import ImageError


def test_the_same_picture_is_similar_everywhere(compared_with):
    picture = np.random.default_rng(0).uniform(0, 1, (20, 20))
    found = compared_with(picture, 200 * picture)
    np.testing.assert_allclose(found.similarity, 1, atol=1e-3)
    np.testing.assert_array_equal(found.threshold, picture > 0.5)


def test_the_similarity_is_that_of_both_on_one_scale(compared_with):
    rng = np.random.default_rng(0)
    found = compared_with(rng.uniform(0, 1, (20, 20)), rng.uniform(0, 9, (20, 20)))
    _, local = structural_similarity(found.difference.predicted, found.difference.measured, data_range=1.0, full=True)
    np.testing.assert_allclose(found.similarity, local, atol=1e-6)


def test_a_picture_smaller_than_the_windows_has_no_similarity(compared_with):
    assert np.isnan(compared_with(np.eye(5), np.eye(5)).similarity).all()


def test_what_was_not_predicted_is_not_compared(measured_in):
    heatmap, covered = np.full((10, 20), 0.5), np.arange(20) < 10
    covered = np.broadcast_to(covered, (10, 20))
    channel = np.where(covered, 3.0, 200.0)
    found = compare(heatmap, heatmap, measured=measured_in(channel), covered=covered)
    assert found.difference.misplaced == pytest.approx(0, abs=1e-6)
    assert not found.measured.intensity[~covered].any()
    assert not found.measured.threshold[~covered].any()
    assert found.measured.probability.sum() == pytest.approx(1)


def test_pictures_of_other_pixels_are_refused(measured_in):
    with pytest.raises(ImageError, match="same pixels"):
        compare(np.eye(8), np.eye(9), measured=measured_in(np.eye(8)))
