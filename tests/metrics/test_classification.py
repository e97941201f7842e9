import math
import warnings

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, matthews_corrcoef, roc_auc_score

from napari_celle.metrics import accuracy, auc, best_threshold, mcc, nuclear_accuracy

cases = st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=1, max_size=40)


@given(cases)
def test_auc_agrees_with_scikit_learn_ties_included(rows):
    scores, truth = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows])
    if truth.all() or not truth.any():
        assert math.isnan(auc(scores, truth))
    else:
        assert math.isclose(auc(scores, truth), roc_auc_score(truth, scores))


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_accuracy_and_mcc_agree_with_scikit_learn_constant_answers_included(rows):
    predicted, truth = np.array(rows).T
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a single label
        assert math.isclose(mcc(predicted, truth), matthews_corrcoef(truth, predicted), abs_tol=1e-9)
    assert math.isclose(accuracy(predicted, truth), accuracy_score(truth, predicted))


@given(cases)
def test_no_threshold_is_better_than_the_best(rows):
    scores, truth = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows])
    best = accuracy(scores > best_threshold(scores, truth), truth)
    assert best == max(accuracy(scores > threshold, truth) for threshold in (*scores, scores.min() - 1))


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=30))
def test_both_sides_are_called_nuclear_above_a_half(rows):
    predicted, truth = np.array(rows).T / 8
    expected = sum((one > 4) == (other > 4) for one, other in rows) / len(rows)
    assert math.isclose(nuclear_accuracy(predicted, truth), expected)


def test_without_answers_there_is_no_accuracy():
    assert math.isnan(accuracy(np.zeros(0, bool), np.zeros(0, bool)))
