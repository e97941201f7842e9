import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.layout import TokenLayout

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
