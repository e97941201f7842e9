import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.metrics import calibration, expected_calibration_error

rows = st.lists(st.tuples(st.integers(0, 64), st.booleans()), min_size=1, max_size=40)


@given(rows, st.sampled_from([1, 2, 4, 8]))
def test_bins_and_error_agree_with_a_loop(rows, bins):
    predicted, truth = np.array([row[0] for row in rows]) / 64, np.array([row[1] for row in rows])
    members = {number: [] for number in range(bins)}
    for (part, label), value in zip(rows, predicted, strict=True):
        members[min(part * bins // 64, bins - 1)].append((value, label))
    found = calibration(predicted, truth, bins=bins)
    assert [each.count for each in found] == [len(members[number]) for number in range(bins)]
    error = sum(abs(sum(v for v, _ in m) - sum(t for _, t in m)) for m in members.values()) / len(rows)
    assert expected_calibration_error(predicted, truth, bins=bins) == pytest.approx(error)


def test_fractions_that_come_true_are_calibrated():
    predicted = np.repeat([0.25, 0.75], 100)
    truth = np.concatenate([np.arange(100) < 25, np.arange(100) < 75])
    assert expected_calibration_error(predicted, truth) == pytest.approx(0)
    assert expected_calibration_error(predicted, ~truth) == pytest.approx(0.5)


def test_an_empty_bin_has_no_mean_and_no_weight():
    (low, high) = calibration(np.array([1.0]), np.array([True]), bins=2)
    assert low.count == 0
    assert math.isnan(low.predicted)
    assert high.predicted == high.truth == 1
    assert math.isnan(expected_calibration_error(np.zeros(0), np.zeros(0)))
