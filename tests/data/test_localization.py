import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.data.localization import KINDS_OF, can_be_drawn, draw_amounts
from napari_celle.data.proteins import LOCATIONS
from napari_celle.preprocess import above_otsu
from napari_celle.simulate import COMPARTMENTS, draw_field, draw_protein

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
    assert set(KINDS_OF) == set(LOCATIONS)
    for kinds in KINDS_OF.values():
        assert not kinds or sum(kind.chance for kind in kinds) == pytest.approx(1)
        for kind in kinds:
            assert sum(kind.amounts.values()) == pytest.approx(1)
            assert set(kind.amounts) <= set(COMPARTMENTS)


def test_every_compartment_is_what_some_label_looks_like():
    assert {name for kinds in KINDS_OF.values() for kind in kinds for name in kind.amounts} == set(COMPARTMENTS)


def test_a_protein_of_plastids_alone_cannot_be_drawn():
    rows = np.stack([labels("Plastid"), labels("Plastid", "Nucleus"), labels("Golgi apparatus")])
    assert can_be_drawn(rows).tolist() == [False, True, True]


def test_two_labels_share_evenly_on_average_and_vary_widely():
    rng = np.random.default_rng(0)
    drawn = [draw_amounts(labels("Nucleus", "Mitochondrion"), rng)["mitochondria"] / 0.95 for _ in range(600)]
    assert np.mean(drawn) == pytest.approx(0.5, abs=0.03)
    assert 0.15 < np.std(drawn) < 0.3


def test_a_label_looks_in_each_of_its_ways_as_often_as_the_table_says():
    rng = np.random.default_rng(0)
    main = [
        max(amounts, key=amounts.__getitem__)
        for amounts in (draw_amounts(labels("Cytoplasm"), rng) for _ in range(900))
    ]
    assert main.count("cytoskeleton") / 900 == pytest.approx(0.14, abs=0.04)
    assert main.count("cytosol") / 900 == pytest.approx(0.86, abs=0.04)


def test_extracellular_proteins_are_seen_on_their_way_out():
    amounts = draw_amounts(labels("Extracellular"), np.random.default_rng(0))
    assert set(amounts) == {"er", "golgi", "vesicles"}


def share_in_nuclei(*names):
    shares = []
    for seed in range(14):
        rng = np.random.default_rng(seed)
        field = draw_field(rng, size=160)
        bright = above_otsu(draw_protein(field, draw_amounts(labels(*names), rng), rng)) > 0
        shares.append((bright & (field.nuclei > 0)).sum() / bright.sum())
    return np.mean(shares)


def test_the_bright_pixels_of_a_nuclear_protein_lie_in_nuclei_and_of_a_cytoplasmic_one_outside():
    assert share_in_nuclei("Nucleus") > 0.8
    assert share_in_nuclei("Cytoplasm") < 0.2
    assert 0.2 < share_in_nuclei("Nucleus", "Cytoplasm") < 0.9
