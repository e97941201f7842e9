"""The legend names what is underlined and what is grey, and nothing that is not there."""

from typing import get_args

import pytest

from napari_celle.motifs import Kind, find_motifs
from napari_celle.ui.sequence.legend import NAMES, Legend
from napari_celle.ui.sequence.marks import MarkedMotif, Marks

MOTIFS = find_motifs("MSEEGPKKKRKVEDSLALKLAGLDI")
MARKS = Marks(motifs=tuple(MarkedMotif(motif, ((motif.start, motif.stop),)) for motif in MOTIFS))


@pytest.fixture
def legend(qtbot):
    legend = Legend()
    qtbot.addWidget(legend)
    return legend


def test_without_marks_there_is_no_legend(legend):
    legend.tell(Marks())
    assert legend.isHidden()


def test_kinds_are_counted(legend):
    legend.tell(MARKS, grey="Grey: not read by the model")
    assert not legend.isHidden()
    assert legend.text().startswith("Grey: not read by the model<br>")
    assert "NLS</u> 1" in legend.text()
    assert "NES</u> 1" in legend.text()
    assert "hints by pattern" in legend.text()


def test_in_a_signal_its_name_and_place_are_told(legend):
    legend.tell(MARKS, at_cursor=MOTIFS[:1])
    assert "monopartite NLS</span>, residues 7-11: a hint, not a prediction" in legend.text()


def test_every_kind_of_signal_has_a_short_name():
    assert set(NAMES) == set(get_args(Kind))
