import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.data.localization import COMPARTMENTS_OF, can_be_drawn, draw_amounts
from napari_celle.data.proteins import LOCATIONS
from napari_celle.simulate import COMPARTMENTS

label_sets = st.lists(st.booleans(), min_size=10, max_size=10).map(np.array).filter(lambda row: can_be_drawn(row))


def labels(*names):
    return np.array([name in names for name in LOCATIONS])


@given(label_sets, st.integers(0, 2**32 - 1))
def test_amounts_are_shares_of_compartments_that_can_be_drawn(row, seed):
    amounts = draw_amounts(row, np.random.default_rng(seed))
    assert sum(amounts.values()) == pytest.approx(1)
    assert set(amounts) <= set(COMPARTMENTS)
    assert min(amounts.values()) >= 0


def test_every_label_of_the_table_says_what_it_looks_like():
    assert set(COMPARTMENTS_OF) == set(LOCATIONS)
    for parts in COMPARTMENTS_OF.values():
        assert not parts or sum(parts.values()) == pytest.approx(1)


def test_a_protein_of_plastids_alone_cannot_be_drawn():
    rows = np.stack([labels("Plastid"), labels("Plastid", "Nucleus"), labels("Golgi apparatus")])
    assert can_be_drawn(rows).tolist() == [False, True, True]


def test_two_labels_share_evenly_on_average_and_vary():
    rng = np.random.default_rng(0)
    cytosol = [draw_amounts(labels("Nucleus", "Cytoplasm"), rng)["cytosol"] for _ in range(400)]
    assert np.mean(cytosol) == pytest.approx(0.5, abs=0.03)
    assert np.std(cytosol) > 0.05
