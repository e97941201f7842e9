import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from napari_celle.metrics import auc

cases = st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=1, max_size=40)


@given(cases)
def test_auc_agrees_with_scikit_learn_ties_included(rows):
    scores, truth = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows])
    if truth.all() or not truth.any():
        assert math.isnan(auc(scores, truth))
    else:
        assert math.isclose(auc(scores, truth), roc_auc_score(truth, scores))
