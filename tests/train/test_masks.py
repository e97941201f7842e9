import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.errors import CelleError
from napari_celle.train.masks import SCHEDULES, Masking, mask_image, mask_places, mask_sequence


def test_the_schedules_are_those_of_the_authors():
    times = np.linspace(0, 1, 5)
    np.testing.assert_allclose(SCHEDULES["cosine"](times), np.cos(times * np.pi / 2))
    np.testing.assert_allclose(SCHEDULES["scaled-cosine"](times), 0.15 * np.cos(times * np.pi / 2))


@given(st.integers(0, 2**32), st.floats(0, 1), st.integers(0, 3))
def test_only_allowed_places_are_masked_and_as_many_as_asked_for(seed, share, least):
    rng = np.random.default_rng(seed)
    allowed = rng.random((4, 30)) < 0.5
    places = mask_places(allowed, np.full(4, share), rng, least=least)
    assert not (places & ~allowed).any()
    count = np.maximum(np.floor(share * allowed.sum(1)), least)
    np.testing.assert_array_equal(places.sum(1), np.minimum(count, allowed.sum(1)))


def test_each_sample_has_a_share_of_its_own():
    shares = mask_image((2000, 256), Masking(), np.random.default_rng(0)).mean(1)
    assert shares.min() > 0
    assert np.isclose(shares.mean(), 2 / np.pi, atol=0.02)  # the mean of the cosine
    assert len(np.unique(shares)) > 50


def test_dropout_masks_all_residues_of_some_samples_and_no_more_than_15_percent_of_the_others():
    residues = np.ones((2000, 100), bool)
    residues[:, 80:] = False
    masked = mask_sequence(residues, Masking(no_sequence=0.2, whole_sequence=0.3), np.random.default_rng(0))
    assert not masked[:, 80:].any()
    shares = masked[:, :80].mean(1)
    assert np.isclose((shares == 1).mean(), 0.2, atol=0.03)
    assert 0.3 < (shares == 0).mean() < 0.4
    assert shares[shares < 1].max() <= 0.15


def test_pictures_can_be_hidden_as_at_the_start_of_a_prediction():
    masked = mask_image((500, 256), Masking(no_image=0.4), np.random.default_rng(0))
    assert np.isclose(masked.all(1).mean(), 0.4, atol=0.07)


@pytest.mark.parametrize(
    "values", [{"image": "linear"}, {"no_sequence": 1.5}, {"no_sequence": 0.6, "whole_sequence": 0.6}]
)
def test_masks_that_cannot_be_are_refused(values):
    with pytest.raises(CelleError, match=r"linear|shares"):
        Masking(**values)
