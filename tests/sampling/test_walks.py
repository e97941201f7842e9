import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.errors import CelleError
from napari_celle.sampling.walks import outward, published

CASES = ("both_ends", "n_term", "c_term", "c_term_padded", "three_at_a_time", "noise")
MASK = 32


@pytest.fixture
def recorded(fixtures):
    """Tokens before filling and the record of what was filled, by name."""
    folder = fixtures / "celle2_small"
    meta = json.loads((folder / "meta.json").read_text())["statistics"]
    inputs = np.load(folder / "inputs.npz")
    return {
        name: (np.load(folder / f"sample_text_{name}.npz"), meta[f"sample_text_{name}"])
        for name in (*CASES, "without_placing")
    } | {"inputs": inputs}


def split(tokens):
    masked = np.flatnonzero(tokens == MASK)
    return masked.tolist(), np.setdiff1d(np.arange(len(tokens)), masked).tolist()


@pytest.mark.parametrize("name", CASES)
def test_the_published_order_is_the_one_that_was_recorded(recorded, name):
    arrays, meta = recorded[name]
    masked, others = split(arrays["text_tokens"][0])
    walk = published(masked, others, at_once=meta.get("n_unmask", 1))
    filled = [[place for place in step if place in masked] for step in walk]
    assert filled == meta["positions_filled_in_each_step"]


def test_of_an_even_number_of_places_the_lower_middle_one_is_the_centre():
    assert published([2, 3], [0, 1, 4, 5], at_once=1) == ((2,), (3,))


def test_the_published_order_stops_where_masks_lie_on_both_sides_of_the_centre(recorded):
    masked, others = split(recorded["inputs"]["tokens_masked_both_sides_of_centre"][0])
    with pytest.raises(CelleError, match="both sides of the middle"):
        published(masked, others, at_once=1)


@pytest.mark.parametrize(
    ("masked", "others", "at_once", "message"),
    [
        ([8, 9], range(8), 1, "last place"),
        ([4, 9, 10, 20, 21], [0, 1, 2, 3, *range(5, 9), *range(11, 20), *range(22, 60)], 3, "several at once"),
        (range(10, 20), [*range(10), *range(20, 29)], 2, "several at once"),  # the centre overtakes the first mask
        (range(5), [], 1, "nothing but masks"),
    ],
)
def test_what_the_published_order_cannot_serve_is_an_error_that_names_the_other_order(masked, others, at_once, message):
    with pytest.raises(CelleError, match=f"{message}.*outward"):
        published(list(masked), list(others), at_once=at_once)


@st.composite
def proteins(draw):
    """Places of masked and of known residues between termini that are neither."""
    flags = draw(st.lists(st.booleans(), min_size=1, max_size=30))
    places = {flag: [place for place, other in enumerate(flags, start=1) if other == flag] for flag in (True, False)}
    return places[True], places[False]


@given(proteins(), st.integers(1, 5))
def test_outward_every_mask_is_looked_at_once_and_so_many_a_step(places, at_once):
    masked, known = places
    walk = outward(masked, known, at_once=at_once)
    assert sorted(place for step in walk for place in step) == masked
    assert all(len(step) == at_once for step in walk[:-1])


@given(proteins())
def test_outward_every_residue_has_a_neighbour_that_is_known_or_filled(places):
    masked, known = places
    done = set(known)
    for (place,) in outward(masked, known, at_once=1):
        assert not done or {place - 1, place + 1} & done
        done.add(place)


def test_outward_both_termini_grow_away_from_the_protein_and_a_gap_closes_from_both_ends():
    walk = outward([1, 2, 5, 6, 7, 10, 11], [3, 4, 8, 9], at_once=1)
    assert [place for (place,) in walk] == [2, 5, 7, 10, 1, 6, 11]


def test_outward_without_any_residue_begins_with_the_first():
    assert outward([1, 2, 3], [], at_once=2) == ((1, 2), (3,))
