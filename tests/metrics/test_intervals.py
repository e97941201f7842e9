import math

import numpy as np
import pytest

from napari_celle.metrics import accuracy, auc, bootstrap


def test_the_interval_of_a_share_is_that_of_the_binomial():
    truth = np.ones(400, bool)
    predicted = np.arange(400) < 300  # 0.75 right: standard error sqrt(0.75 * 0.25 / 400) = 0.0217
    low, high = bootstrap(accuracy, predicted, truth, rng=np.random.default_rng(1), draws=2000)
    assert low == pytest.approx(0.75 - 1.96 * 0.0217, abs=0.006)
    assert high == pytest.approx(0.75 + 1.96 * 0.0217, abs=0.006)


def test_the_same_generator_gives_the_same_interval_and_less_confidence_a_narrower_one():
    rng = np.random.default_rng(0)
    predicted, truth = rng.random(50) > 0.5, rng.random(50) > 0.5
    first, again, narrow = (
        bootstrap(accuracy, predicted, truth, rng=np.random.default_rng(2), confidence=confidence)
        for confidence in (0.95, 0.95, 0.5)
    )
    assert first == again
    assert first[0] < narrow[0] < narrow[1] < first[1]


def test_draws_without_a_figure_are_left_out():
    scores, truth = np.array([0.1, 0.9]), np.array([False, True])  # half of the draws hold one class only
    assert bootstrap(auc, scores, truth, rng=np.random.default_rng(0)) == (1, 1)
    for none in (
        bootstrap(auc, scores[:1], truth[:1], rng=np.random.default_rng(0)),
        bootstrap(accuracy, truth[:0], truth[:0], rng=np.random.default_rng(0)),
    ):
        assert all(map(math.isnan, none))
