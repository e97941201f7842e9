import math
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.inception import InceptionScore

from napari_celle.errors import CelleError
from napari_celle.metrics import frechet_distance, inception_score

seeds = st.integers(0, 2**16)
sizes = st.integers(2, 30)


class Features(torch.nn.Module):
    """Stands for a network: its pictures are features already."""

    def __init__(self, number):
        super().__init__()
        self.num_features = number

    def forward(self, features):
        return features


def of_torchmetrics(first, second):
    metric = FrechetInceptionDistance(feature=Features(first.shape[1]))
    metric.set_dtype(torch.float64)
    metric.update(torch.from_numpy(second), real=True)
    metric.update(torch.from_numpy(first), real=False)
    return float(metric.compute())


@given(seeds, sizes, sizes, st.integers(1, 12))
def test_the_distance_is_that_of_torchmetrics(seed, many, others, width):
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(many, width)), 3 * rng.random((others, width)) + 1
    assert frechet_distance(first, second) == pytest.approx(of_torchmetrics(first, second), abs=1e-4)


@given(seeds, st.integers(1, 5))
def test_the_distance_is_that_of_its_definition(seed, width):
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(40, width)), rng.normal(size=(30, width)) @ rng.normal(size=(width, width))
    one, other = (np.cov(each, rowvar=False).reshape(width, width) for each in (first, second))
    spread = np.trace(one + other - 2 * sqrtm(one @ other).real)
    expected = np.square(first.mean(0) - second.mean(0)).sum() + spread
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(seeds, sizes)
def test_equal_sets_are_at_no_distance_and_both_ways_are_equally_long(seed, many):
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(many, 50)), rng.normal(size=(many + 3, 50))
    assert 0 <= frechet_distance(first, rng.permutation(first)) < 1e-9
    assert frechet_distance(first, second) == pytest.approx(frechet_distance(second, first))


def test_constant_features_differ_by_their_means_alone():
    first, second = np.full((5, 3), 1.0), np.full((7, 3), 3.0)
    assert frechet_distance(first, second) == pytest.approx(12)
    assert frechet_distance(first, first) == 0


def test_without_two_pictures_a_side_there_is_no_distance():
    some = np.zeros((4, 3))
    for few in (some[:0], some[:1], np.full((4, 3), np.nan)):
        assert math.isnan(frechet_distance(few, some))
        assert math.isnan(frechet_distance(some, few))


@pytest.mark.parametrize("shape", [(4, 2), (4,), (4, 3, 1)])
def test_features_of_another_network_are_refused(shape):
    with pytest.raises(CelleError, match="same number of columns"):
        frechet_distance(np.zeros((4, 3)), np.zeros(shape))


@given(seeds, sizes, st.integers(2, 8))
def test_the_score_is_that_of_torchmetrics(seed, many, classes):
    rng = np.random.default_rng(seed)
    logits = 3 * rng.normal(size=(many, classes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it keeps the features, and of the deviation of one part
        metric = InceptionScore(feature=Features(classes), splits=1)
        metric.update(torch.from_numpy(logits))
        expected = float(metric.compute()[0])
    mean, deviation = inception_score(torch.from_numpy(logits).softmax(1).numpy(), rng=rng, splits=1)
    assert (mean, deviation) == (pytest.approx(expected), 0)


@given(seeds, st.integers(1, 4), st.integers(1, 6))
def test_each_part_has_a_score_of_its_own(seed, splits, size):
    rows = np.random.default_rng(seed).dirichlet(np.ones(5), size=splits * size)
    dealt = rows[np.random.default_rng(1).permutation(len(rows))]
    scores = []
    for part in np.split(dealt, splits):
        gains = [
            math.fsum(p * math.log(p / q) for p, q in zip(row, part.mean(0), strict=True) if p > 0) for row in part
        ]
        scores.append(math.exp(math.fsum(gains) / len(gains)))
    found = inception_score(rows, rng=np.random.default_rng(1), splits=splits)
    assert found == (pytest.approx(np.mean(scores)), pytest.approx(np.std(scores), abs=1e-9))


def test_pictures_of_one_class_score_one_and_more_parts_than_pictures_are_not_made():
    assert inception_score(np.eye(3)[[1, 1, 1, 1]], rng=np.random.default_rng(0)) == (1, 0)
    assert inception_score(np.eye(3), rng=np.random.default_rng(0), splits=10) == (1, 0)
    assert all(map(math.isnan, inception_score(np.zeros((0, 3)), rng=np.random.default_rng(0))))
    with pytest.raises(CelleError, match="1 or more parts"):
        inception_score(np.eye(3), rng=np.random.default_rng(0), splits=0)
