"""Tags are the published ones, fusions are as a cell would make them, controls keep the composition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.errors import SequenceError
from napari_celle.sequence import AMINO_ACIDS, clean
from napari_celle.tags import OPENCELL_LINKER, TAGS, scrambled, tagged

PROTEINS = st.text(AMINO_ACIDS, min_size=2, max_size=60).filter(lambda text: set(text) - set("ACGTN"))
TAG = st.sampled_from([tag.sequence for tag in TAGS.values()])


@pytest.mark.parametrize(
    ("name", "length"), [("eGFP", 239), ("mCherry", 236), ("mNeonGreen2-11", 16), ("FLAG", 8), ("HA", 9), ("His6", 6)]
)
def test_presets_have_their_published_length_and_a_source(name, length):
    tag = TAGS[name]
    assert (len(tag.sequence), tag.name) == (length, name)
    assert clean(tag.sequence) == tag.sequence
    assert tag.source


def test_the_fluorescent_proteins_have_their_chromophores_where_they_should_be():
    egfp, cherry = TAGS["eGFP"].sequence, TAGS["mCherry"].sequence
    assert egfp[65:68] == "TYG"  # residues 65 to 67 of GFP, one further for the valine after the start
    assert egfp.endswith("LGMDELYK")
    assert cherry.endswith("GGMDELYK")
    assert cherry[70:73] == "MYG"


def test_opencell_fusions_are_those_of_its_donors():
    tag = TAGS["mNeonGreen2-11"].sequence
    assert tagged("MPKKKRKV", tag, terminus="N", linker=OPENCELL_LINKER) == f"M{tag}{OPENCELL_LINKER}PKKKRKV"
    assert tagged("MPKKKRKV", tag, terminus="C", linker=OPENCELL_LINKER) == f"MPKKKRKV{OPENCELL_LINKER}{tag}"


def test_the_second_part_loses_its_start_methionine():
    assert tagged("MPKKKRKV", "MVSK", terminus="N") == "MVSKPKKKRKV"
    assert tagged("MPKKKRKV", "MVSK", terminus="C") == "MPKKKRKVVSK"


def test_a_fragment_gets_no_start_methionine():
    assert tagged("PKKKRKV", "DYKDDDDK", terminus="N") == "DYKDDDDKPKKKRKV"
    assert tagged("PKKKRKV", "MVSK", terminus="C") == "PKKKRKVVSK"


def test_pasted_text_is_cleaned_and_bad_parts_are_named():
    assert tagged("mpkk krkv*", "dykddddk", terminus="C", linker=" ") == "MPKKKRKVDYKDDDDK"
    with pytest.raises(SequenceError, match="'1'"):
        tagged("MPKKKRKV", "DYK", terminus="N", linker="GG1G")


@given(PROTEINS, TAG, st.sampled_from("NC"), st.sampled_from(["", "GGS", OPENCELL_LINKER]))
def test_the_whole_of_both_is_in_a_fusion_but_for_a_methionine(protein, tag, terminus, linker):
    fusion = tagged(protein, tag, terminus=terminus, linker=linker)
    assert protein.removeprefix("M") in fusion
    assert tag.removeprefix("M") in fusion
    assert 0 <= len(protein + linker + tag) + 1 - len(fusion) <= 2
    assert fusion.startswith("M") or not protein.startswith("M")


@given(PROTEINS, st.integers(0, 2**32))
def test_a_scrambled_protein_keeps_composition_and_start(protein, seed):
    control = scrambled(protein, seed=seed)
    assert sorted(control) == sorted(protein)
    assert control.startswith("M") or not protein.startswith("M")
    assert control == scrambled(protein, seed=seed)


def test_another_seed_gives_another_order():
    protein = TAGS["eGFP"].sequence
    assert len({scrambled(protein, seed=seed) for seed in range(5)} | {protein}) == 6
