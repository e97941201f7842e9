import math

import numpy as np
import pytest

from napari_celle.analysis.nuclear.fractions import NuclearTable
from napari_celle.analysis.nuclear.scores import group_scores, nuclear_scores
from napari_celle.errors import CelleError


def test_scores_hold_both_rules_and_intervals_around_the_figures():
    fractions = np.array([0.9, 0.6, 0.45, 0.44, 0.2, 0.1])
    truth = np.array([True, True, True, False, False, False])
    scores = nuclear_scores(fractions, truth, threshold=0.445, seed=0)
    assert (scores.n, scores.nuclear, scores.threshold) == (6, 3, 0.445)
    assert scores.accuracy == pytest.approx(5 / 6)
    assert scores.accuracy_chosen_threshold == scores.auc == scores.mcc_chosen_threshold == 1
    assert scores.best_threshold == pytest.approx(0.445)
    assert scores.intervals["accuracy"][0] <= scores.accuracy <= scores.intervals["accuracy"][1]
    assert sum(each.count for each in scores.calibration) == 6
    assert scores.to_dict() == nuclear_scores(fractions, truth, threshold=0.445, seed=0).to_dict()


def test_a_model_whose_card_states_no_threshold_is_measured_at_a_half():
    scores = nuclear_scores(np.array([0.6, 0.4]), np.array([True, False]), threshold=None, seed=0)
    assert scores.threshold == 0.5
    assert scores.accuracy == scores.accuracy_chosen_threshold == 1


def test_proteins_of_one_kind_have_no_auc_and_json_says_null():
    scores = nuclear_scores(np.array([0.6]), np.array([True]), threshold=None, seed=0)
    assert math.isnan(scores.auc)
    assert scores.to_dict()["auc"] is None
    with pytest.raises(CelleError, match="no proteins"):
        nuclear_scores(np.zeros(0), np.zeros(0, bool), threshold=None, seed=0)


def test_groups_are_measured_by_themselves_and_empty_ones_are_left_out():
    groups = {"a = 1": np.array([True, True, False]), "b = 1": np.zeros(3, bool)}
    proteins = NuclearTable(("M", "K", "R"), np.array([True, False, False]), groups)
    scores = group_scores(np.array([0.9, 0.8, 0.1]), proteins, threshold=None, seed=0)
    assert {name: (each.n, each.accuracy) for name, each in scores.items()} == {"all": (3, 2 / 3), "a = 1": (2, 0.5)}
