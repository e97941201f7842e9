"""A tag or a random order makes another protein, which says so in its name and knows where it was typed."""

import pytest

from napari_celle.errors import SequenceError
from napari_celle.sequence import MAX_RESIDUES
from napari_celle.tags import TAGS
from napari_celle.types import SequenceRecord
from napari_celle.ui.sequence.construct import Changes

NLS = SequenceRecord("nls", "MPKKKRKV")
TAG = TAGS["eGFP"].sequence


def test_without_changes_the_protein_is_as_it_was_typed():
    construct = Changes().made(NLS)
    assert (construct.record, construct.words) == (NLS, "")
    assert construct.typed_part((2, 5)) == (2, 5)


def test_a_tag_at_the_c_terminus_leaves_the_typed_residues_where_they_are():
    construct = Changes(tag="eGFP", linker=" gg ").made(NLS)
    assert construct.record == SequenceRecord("nls-eGFP", f"MPKKKRKVGG{TAG[1:]}")
    assert construct.words == "with eGFP at the C terminus"
    assert construct.typed_part((3, 100)) == (3, 8)
    assert construct.typed_part((8, 100)) == (0, 0)


def test_a_tag_at_the_n_terminus_moves_them_and_takes_the_start_methionine():
    construct = Changes(tag="eGFP", terminus="N", linker="GG").made(NLS)
    assert construct.record == SequenceRecord("eGFP-nls", f"{TAG}GGPKKKRKV")
    start, stop = construct.typed_part((0, 1000))
    assert NLS.sequence[start:stop] == "PKKKRKV"
    first, last = construct.typed_part((243, 246))
    assert NLS.sequence[first:last] == construct.record.sequence[243:246]
    assert construct.typed_part((0, 241)) == (0, 0)


@pytest.mark.parametrize("sequence", ["MPKKKRKV", "PKKKRKV", "M"])
@pytest.mark.parametrize("terminus", ["N", "C"])
@pytest.mark.parametrize("tag", ["eGFP", "mNeonGreen2-11"])
def test_each_typed_residue_is_the_same_in_the_construct(sequence, terminus, tag):
    construct = Changes(tag=tag, terminus=terminus, linker="GG").made(SequenceRecord("", sequence))
    start, stop = construct.typed_part((0, len(construct.record.sequence)))
    moved = construct.record.sequence[start + construct.shift : stop + construct.shift]
    assert moved == sequence[start:stop]
    assert stop - start >= len(sequence) - 1


def test_the_scrambled_control_says_so_and_is_nowhere_in_the_text():
    construct = Changes(seed=3).made(NLS)
    assert construct.record.name == "nls-scrambled"
    assert construct.record.sequence != NLS.sequence
    assert sorted(construct.record.sequence) == sorted(NLS.sequence)
    assert construct.words == "scrambled (seed 3)"
    assert construct.typed_part((0, 8)) == (0, 0)
    assert Changes(seed=4).made(NLS).record != construct.record


def test_the_protein_is_scrambled_and_its_tag_is_not():
    construct = Changes(tag="HA", seed=0).made(SequenceRecord("", "MPKKKRKV"))
    assert construct.record.sequence.endswith(TAGS["HA"].sequence)
    assert construct.record.name == "protein-scrambled-HA"
    assert construct.words == "scrambled (seed 0), with HA at the C terminus"


def test_what_is_wrong_with_the_linker_is_said():
    with pytest.raises(SequenceError, match="Linker: '4' at position 2"):
        Changes(tag="HA", linker="G4S").made(NLS)


def test_a_whole_that_is_too_long_is_refused():
    with pytest.raises(SequenceError, match="at most 40,000"):
        Changes(tag="HA").made(SequenceRecord("", "M" * MAX_RESIDUES))
