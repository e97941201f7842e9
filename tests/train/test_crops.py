"""Crops: nucleus and protein stay in place to each other, and look as they do in a prediction."""

from dataclasses import dataclass

import numpy as np
import pytest

from napari_celle.preprocess import RECIPES, above_mean, above_median, above_otsu
from napari_celle.train.crops import Crops


@dataclass
class Same:
    """Pictures in memory."""

    nucleus: np.ndarray
    protein: np.ndarray
    sequences: tuple = ("MKRAP",)
    pixel_sizes_um: tuple = ()

    def __len__(self):
        return 1

    def read(self, index):
        return self.nucleus, self.protein

    def fingerprint(self):
        return "same"


@pytest.fixture
def pairs():
    picture = np.random.default_rng(0).integers(0, 255, (40, 50)).astype(np.uint8)
    return Same(picture, picture)


def _crops(pairs, *, pixels="celle", **kwargs):
    return Crops(pairs, size=32, pixels=pixels, **kwargs)


def test_validation_sees_the_middle_as_it_is(pairs):
    nucleus, protein = _crops(pairs, augment=False).pictures(np.array([0, 0]), np.random.default_rng(0))
    middle = pairs.nucleus[4:36, 9:41].astype(np.float32)
    assert nucleus.shape == protein.shape == (2, 1, 32, 32)
    np.testing.assert_array_equal(nucleus[1, 0], middle / np.float32(255))
    np.testing.assert_array_equal(protein[0, 0], above_mean(middle))


def test_training_sees_nucleus_and_protein_in_the_same_place_and_orientation(pairs):
    crops = Crops(pairs, size=32, pixels="celle", grey=True)
    nucleus, protein = crops.pictures(np.zeros(40, int), np.random.default_rng(0))
    np.testing.assert_array_equal(nucleus, protein)
    assert len({one.tobytes() for one in nucleus}) == 40
    found = 0
    padded = pairs.nucleus.astype(np.float32) / np.float32(255)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (32, 32)).reshape(-1, 32, 32)
    for one in nucleus[:, 0]:
        ways = [np.rot90(side, way) for side in (one, one[:, ::-1]) for way in range(4)]
        found += any((windows == way).all((1, 2)).any() for way in ways)
    assert found == 40


def test_the_same_generator_gives_the_same_crops(pairs):
    first, second = (_crops(pairs).pictures(np.zeros(3, int), np.random.default_rng(4))[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("pixels", "threshold"), [("celle", above_mean), ("hpa", above_median), ("percentile", above_otsu)]
)
def test_each_kind_of_model_gets_its_own_preparation_and_threshold(pairs, pixels, threshold):
    nucleus, protein = _crops(pairs, pixels=pixels, augment=False).pictures(np.array([0]), np.random.default_rng(0))
    middle = pairs.nucleus[4:36, 9:41].astype(np.float32)
    np.testing.assert_array_equal(nucleus[0, 0], RECIPES[pixels].prepare(middle, dtype=np.uint8))
    np.testing.assert_array_equal(protein[0, 0], threshold(middle))


def test_a_mask_is_not_thresholded_again(pairs):
    mask = np.zeros(pairs.nucleus.shape, bool)
    mask[5:, 5:] = True
    _, protein = _crops(Same(pairs.nucleus, mask), pixels="hpa", augment=False).pictures(
        np.array([0]), np.random.default_rng(0)
    )
    np.testing.assert_array_equal(protein[0, 0], mask[4:36, 9:41])
