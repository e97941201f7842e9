import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.layout import TokenLayout, Vocabulary

layouts = st.builds(TokenLayout, residues=st.integers(1, 1200), grid=st.integers(1, 20))


@given(layouts)
def test_the_parts_follow_each_other_without_gap_or_overlap(layout):
    places = [
        *range(*layout.residue_span.indices(10**6)),
        layout.separator,
        *range(*layout.nucleus_span.indices(10**6)),
        *range(*layout.protein_span.indices(10**6)),
    ]
    assert places == list(range(layout.length))


@given(layouts)
def test_nucleus_and_protein_tokens_of_one_place_share_a_position_and_residues_have_none(layout):
    positions = layout.grid_positions()
    assert positions.shape == (layout.length, 2)
    np.testing.assert_array_equal(positions[layout.nucleus_span], positions[layout.protein_span])
    assert not positions[: layout.separator + 1].any()


def test_rows_come_before_columns():
    positions = TokenLayout(residues=1, grid=3).grid_positions()[2:11]
    assert positions.tolist() == [[y, x] for y in (-1, 0, 1) for x in (-1, 0, 1)]


@pytest.mark.parametrize("separators", [0, 1])
@pytest.mark.parametrize("references", [0, 1])
def test_a_part_that_a_model_lacks_takes_no_place(separators, references):
    layout = TokenLayout(residues=7, grid=4, separators=separators, references=references)
    assert layout.length == 7 + separators + 16 * references + 16
    assert layout.nucleus_span == slice(7 + separators, 7 + separators + 16 * references)


vocabularies = st.builds(
    Vocabulary,
    residues=st.integers(2, 40),
    reference=st.sampled_from([0, 3, 512]),
    protein=st.integers(1, 600),
    masked=st.booleans(),
    residue_mask=st.sampled_from([None, 0, 1]),
)


@given(vocabularies, st.integers(0, 30))
def test_every_place_may_be_something_and_a_mask_is_nothing_to_be(vocabulary, residues):
    separators, references = int(vocabulary.masked), int(vocabulary.reference > 0)
    layout = TokenLayout(residues=residues, grid=3, separators=separators, references=references)
    allowed = vocabulary.allowed(layout)
    assert allowed.shape == (layout.length, vocabulary.size)
    assert allowed.any(axis=1).all()
    assert allowed[layout.protein_span].sum(axis=1).tolist() == [vocabulary.protein] * 9
    if vocabulary.masked:
        assert not allowed[:, vocabulary.protein_codes.stop].any()
    letters = allowed[layout.residue_span, : vocabulary.residues]
    hidden = [] if vocabulary.residue_mask is None else [vocabulary.residue_mask]
    assert np.flatnonzero(~letters.all(axis=0)).tolist() == (hidden if residues else [])


def test_the_columns_of_the_published_models():
    celle = Vocabulary(residues=30, reference=512, protein=512, masked=False)
    celle2 = Vocabulary(residues=33, reference=512, protein=512, masked=True)
    assert (celle.size, celle.reference_codes, celle.protein_codes) == (1054, slice(30, 542), slice(542, 1054))
    assert (celle2.size, celle2.reference_codes, celle2.protein_codes) == (1060, slice(34, 546), slice(547, 1059))
