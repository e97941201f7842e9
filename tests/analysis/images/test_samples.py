from dataclasses import replace

import numpy as np
import pytest

from napari_celle.analysis.images.samples import DrawnSamples, FramedPairs, KeptSamples, some
from napari_celle.data.simulated import SimulatedCells
from napari_celle.errors import ImageError
from napari_celle.models.registry import model_info
from napari_celle.preprocess import RECIPES, above_mean, above_otsu


def framed(pairs, *, recipe="percentile", **others):
    return FramedPairs(pairs, model_info("tiny"), RECIPES[recipe], chosen=tuple(range(len(pairs))), **others)


def test_at_the_size_of_the_training_the_middle_is_cut_as_it_is(pairs):
    sample = framed(pairs).read(0)
    middle = np.s_[32:288, 32:288]
    np.testing.assert_array_equal(sample.nucleus, pairs.nucleus[0][middle])
    np.testing.assert_array_equal(sample.protein, pairs.protein[0][middle])
    assert sample.nucleus.dtype == np.uint16
    assert (sample.picture, sample.sequence) == (1, "MKRPKKKRKV")
    assert sample.nuclei.max() >= 1


@pytest.mark.parametrize(("recipe", "rule"), [("percentile", above_otsu), ("celle", above_mean)])
def test_the_protein_is_thresholded_by_the_rule_of_the_model(pairs, recipe, rule):
    sample = framed(pairs, recipe=recipe).read(1)
    np.testing.assert_array_equal(sample.threshold, rule(sample.protein) > 0)


def test_a_known_pixel_size_decides_on_the_scale_and_what_is_too_small_is_no_frame(pairs):
    coarse = framed(replace(pairs, pixel_sizes_um=(0.1,) * 3)).read(0)  # model pixels are twice as large
    assert coarse.nucleus.shape == coarse.threshold.shape == coarse.nuclei.shape == coarse.protein.shape == (160, 160)
    some_known = framed(replace(pairs, pixel_sizes_um=(0.1,))).read(0)
    assert some_known.nucleus.shape == (256, 256)


def test_random_windows_repeat_by_seed_and_differ_by_picture(pairs):
    same = replace(pairs, nucleus=pairs.nucleus[:1] * 3, protein=pairs.protein[:1] * 3)
    first, again, other = (framed(same, crop="random", seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.read(0).nucleus, again.read(0).nucleus)
    assert (first.read(0).nucleus != other.read(0).nucleus).any()
    assert (first.read(0).nucleus != first.read(1).nucleus).any()
    only = replace(first, chosen=(1,))
    np.testing.assert_array_equal(only.read(0).nucleus, first.read(1).nucleus)


def test_a_painted_protein_stays_as_it_was_painted(pairs):
    painted = tuple(protein > 5_000 for protein in pairs.protein)
    sample = framed(replace(pairs, protein=painted)).read(0)
    np.testing.assert_array_equal(sample.threshold, painted[0][32:288, 32:288])
    assert sample.protein is None


def test_a_picture_that_cannot_be_framed_is_named(pairs):
    broken = replace(pairs, nucleus=(pairs.nucleus[0], np.zeros((320, 320), np.uint16), pairs.nucleus[2]))
    with pytest.raises(ImageError, match="Picture 2 of 3: The nucleus image is constant"):
        framed(broken).read(1)


def test_of_drawn_cells_a_model_sees_the_middle():
    pictures = np.arange(64, dtype=np.uint8).reshape(1, 8, 8)
    cells = SimulatedCells(pictures, pictures > 30, pictures > 40, np.array([1]))
    sample = DrawnSamples(cells, ("MK", "MR"), 4).read(0)
    np.testing.assert_array_equal(sample.nucleus, pictures[0, 2:6, 2:6])
    np.testing.assert_array_equal(sample.threshold, sample.nucleus > 30)
    np.testing.assert_array_equal(sample.nuclei > 0, sample.nucleus > 40)
    assert (sample.sequence, sample.protein, sample.picture) == ("MR", None, 1)


def test_what_is_kept_of_a_sample_is_what_is_known_of_it(pairs):
    sample, kept = framed(pairs).read(0), KeptSamples()
    kept.keep(sample)
    assert len(kept) == 1
    np.testing.assert_array_equal(kept.read(0).threshold, sample.threshold)
    np.testing.assert_array_equal(kept.read(0).nuclei, sample.nuclei > 0)
    assert kept.read(0).nucleus.size == 0


def test_some_are_drawn_by_seed():
    assert some(100, 5, seed=1) == some(100, 5, seed=1) != some(100, 5, seed=2)
    assert some(3, 10, seed=0) == (0, 1, 2)
