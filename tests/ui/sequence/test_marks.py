"""Marks stand at the residues they belong to, however the text is broken into lines and records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.sequence import AMINO_ACIDS, parse
from napari_celle.ui.sequence.construct import Changes
from napari_celle.ui.sequence.marks import COUNTED, Marks, find_marks

NLS = "MSEEGPKKKRKVEDS"


def _marks(text, *, record=0, read=None, **changes):
    construct = Changes(**changes).made(parse(text)[record])
    return find_marks(text, construct, record=record, read=read or (0, len(construct.record.sequence)))


def _as_qt_sees_it(text, span):
    """Cut a stretch out of a text by places of 16-bit units."""
    return text.encode("utf-16-le")[2 * span[0] : 2 * span[1]].decode("utf-16-le")


def _read_letters(text, marks):
    units = list(range(len(text.encode("utf-16-le")) // 2))
    grey = {place for start, stop in marks.unread for place in units[start:stop]}
    kept = [_as_qt_sees_it(text, (place, place + 1)) for place in units if place not in grey]
    return "".join("".join(kept).split())


def test_what_is_not_read_is_grey_and_white_space_is_left_alone():
    text = ">first\nMSKG\n>second\nMAC\nDEF GHI\n"
    marks = _marks(text, record=1, read=(2, 7))
    assert [text[start:stop] for start, stop in marks.unread] == [">first\nMSKG\n>second\nMA", "HI\n"]
    assert _read_letters(text, marks) == "CDEFG"


def test_line_numbers_between_residues_are_grey():
    text = " 1 MSKGEELFTG\n11 VVPILVELDG"
    assert _read_letters(text, _marks(text)) == "MSKGEELFTGVVPILVELDG"


def test_nothing_is_grey_when_all_is_read():
    assert _marks("MSKGE\nELF", read=(0, 8)).unread == ()


proteins = st.text(AMINO_ACIDS, min_size=3, max_size=80).map(lambda letters: f"M{letters}W")


@given(
    st.lists(st.tuples(st.text("ab \U0001f9ec", max_size=6), proteins, st.integers(1, 12)), min_size=1, max_size=4),
    st.data(),
)
def test_the_part_that_is_read_is_what_stays_in_any_text(records, data):
    text = "".join(
        f">{header}\n" + "\n".join(protein[at : at + width] for at in range(0, len(protein), width)) + "\n\n"
        for header, protein, width in records
    )
    at = data.draw(st.integers(0, len(records) - 1))
    start = data.draw(st.integers(0, len(records[at][1]) - 1))
    stop = data.draw(st.integers(start + 1, len(records[at][1])))
    assert _read_letters(text, _marks(text, record=at, read=(start, stop))) == records[at][1][start:stop]


def test_a_known_signal_is_found_across_line_breaks():
    text = ">\U0001f9ec of mine\nMSEEGPKK\n 9 KRKVEDS"
    (marked,) = _marks(text).motifs
    assert marked.motif.name == "monopartite NLS"
    assert [_as_qt_sees_it(text, span) for span in marked.spans] == ["KK", "KRK"]


def test_places_are_told_from_what_stands_there():
    marks = _marks(NLS)
    start = NLS.index("KKKRK")
    names = [[motif.name for motif in marks.at(place)] for place in (start - 1, start, start + 4, start + 5)]
    assert names == [[], ["monopartite NLS"], ["monopartite NLS"], []]
    assert Marks().at(0) == ()


def test_signals_are_those_of_the_tagged_protein():
    assert [marked.motif.name for marked in _marks("MAAAAGSKL").motifs] == ["PTS1"]
    assert _marks("MAAAAGSKL", tag="HA").motifs == ()
    (marked,) = _marks(NLS, tag="HA", terminus="N").motifs
    assert marked.spans == ((6, 11),)
    assert (marked.motif.start, COUNTED in marked.motif.text) == (15, True)


@pytest.mark.parametrize("changes", [{"seed": 1}, {"seed": 1, "tag": "eGFP", "terminus": "N"}])
def test_a_scrambled_protein_leaves_the_text_grey_and_without_signals(changes):
    marks = _marks(NLS, **changes)
    assert marks.unread == ((0, len(NLS)),)
    assert marks.motifs == ()
