import numpy as np
import pytest

from napari_celle.data.proteins import LOCATIONS, Proteins
from napari_celle.data.simulated import SimulatedCells, draw_cells
from napari_celle.errors import CelleError


@pytest.fixture
def proteins():
    locations = np.zeros((3, 10), bool)
    locations[0, LOCATIONS.index("Nucleus")] = True
    locations[1, LOCATIONS.index("Plastid")] = True
    locations[2, LOCATIONS.index("Mitochondrion")] = True
    return Proteins(accessions=("A", "B", "C"), sequences=("MK", "MA", "ML"), locations=locations)


def test_drawn_nuclear_proteins_lie_in_the_nuclei_and_mitochondrial_ones_outside(proteins):
    cells = draw_cells(proteins, 12, seed=0, size=128)
    inside = [(cells.threshold[k] & cells.nuclei[k]).sum() / cells.threshold[k].sum() for k in range(len(cells))]
    nuclear = [share for share, protein in zip(inside, cells.protein, strict=True) if protein == 0]
    others = [share for share, protein in zip(inside, cells.protein, strict=True) if protein == 2]
    assert set(cells.protein) == {0, 2}
    assert np.mean(nuclear) > 0.6
    assert np.mean(others) < 0.35


def test_samples_depend_on_their_seed_and_number_only(proteins):
    few, more, other = (draw_cells(proteins, n, seed=seed, size=64) for n, seed in ((2, 7), (3, 7), (2, 8)))
    np.testing.assert_array_equal(few.nucleus, more.nucleus[:2])
    np.testing.assert_array_equal(few.threshold, more.threshold[:2])
    assert (few.nucleus != other.nucleus).any()


def test_what_is_saved_is_loaded(proteins, tmp_path):
    cells = draw_cells(proteins, 2, seed=0, size=64)
    cells.save(tmp_path / "cells.npz")
    again = SimulatedCells.load(tmp_path / "cells.npz")
    for name in ("nucleus", "threshold", "nuclei", "protein"):
        np.testing.assert_array_equal(getattr(again, name), getattr(cells, name))


def test_proteins_of_which_none_can_be_drawn_are_told(proteins):
    plastid = Proteins(proteins.accessions[1:2], proteins.sequences[1:2], proteins.locations[1:2])
    with pytest.raises(CelleError, match="Of 1 proteins none has a location that can be drawn"):
        draw_cells(plastid, 2, seed=0, size=64)
