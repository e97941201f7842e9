import math

import numpy as np
import pytest

from napari_celle.analysis.nuclear.comparator_files import Call
from napari_celle.analysis.nuclear.comparators import HOMOLOGUE, comparator_scores, compared
from napari_celle.analysis.nuclear.fractions import NuclearTable
from napari_celle.errors import CelleError

TABLE = NuclearTable(
    sequences=("MK", "MR", "ML", "MI"),
    is_nuclear=np.array([True, True, False, False]),
    names=("P1", "sp|P2|X_HUMAN", "P3", "P4"),
)


@pytest.fixture
def deeploc(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text("Protein_ID,Localizations,Nucleus\nP3,Nucleus,0.7\nP2,Cytoplasm|Nucleus,0.8\nP1,Cytoplasm,0.4\n")
    return path


def test_only_proteins_that_are_there_count_and_the_others_are_told(deeploc):
    (scores,) = compared(TABLE, comparators=[f"deeploc={deeploc}"], seed=0).values()
    assert (scores.missing, scores.scores.n, scores.scores.nuclear) == (1, 3, 2)
    assert scores.scores.accuracy == scores.scores.accuracy_chosen_threshold == pytest.approx(1 / 3)
    assert scores.scores.auc == 0.5  # 0.8 above 0.7, 0.4 below
    assert math.isnan(scores.scores.threshold)
    assert scores.to_dict()["missing"] == 1
    assert scores.to_dict()["threshold"] is None


def test_the_tools_own_rule_counts_and_not_a_half_of_its_score():
    calls = [Call(True, 0.2), Call(True, 0.3), Call(False, 0.1), Call(False, 0.9)]
    scores = comparator_scores(calls, TABLE, seed=0).scores
    assert (scores.accuracy, scores.mcc) == (1, 1)
    assert scores.auc == 0.5
    assert scores.intervals["accuracy"] == (1, 1)


def test_without_scores_there_is_an_accuracy_and_no_auc():
    scores = comparator_scores([Call(True, None), Call(False, None), None, Call(False, 0.5)], TABLE, seed=0).scores
    assert scores.accuracy == pytest.approx(2 / 3)
    assert math.isnan(scores.auc)
    assert math.isnan(scores.intervals["auc"][0])


def test_two_files_of_one_tool_are_told_apart(deeploc, tmp_path):
    other = tmp_path / "fast.csv"
    other.write_text(deeploc.read_text())
    found = compared(TABLE, comparators=[f"deeploc={deeploc}", f"deeploc={other}"], seed=0)
    assert list(found) == [f"deeploc {deeploc}", f"deeploc {other}"]


def test_the_nearest_homologue_stands_beside_them(monkeypatch, tmp_path):
    calls = tuple(Call(bool(nuclear), 0.5) for nuclear in TABLE.is_nuclear)
    monkeypatch.setattr(
        "napari_celle.analysis.nuclear.comparators.nearest_homologues",
        lambda sequences, known: calls if (sequences, known) == (TABLE.sequences, tmp_path) else None,
    )
    assert compared(TABLE, homologues=tmp_path, seed=0)[HOMOLOGUE].scores.accuracy == 1
    assert compared(TABLE, seed=0) == {}


def test_a_table_without_names_and_results_of_other_proteins_are_said(deeploc):
    nameless = NuclearTable(TABLE.sequences, TABLE.is_nuclear)
    with pytest.raises(CelleError, match="no column accession"):
        compared(nameless, comparators=[f"deeploc={deeploc}"], seed=0)
    strange = NuclearTable(TABLE.sequences, TABLE.is_nuclear, names=("A", "B", "C", "D"))
    with pytest.raises(CelleError, match=r"none is among the 3 of .*: A in the table, P3 there"):
        compared(strange, comparators=[f"deeploc={deeploc}"], seed=0)
