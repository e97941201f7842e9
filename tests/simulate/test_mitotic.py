from dataclasses import replace

import numpy as np
import pytest

from napari_celle.simulate import COMPARTMENTS, FieldStyle, draw_compartment, draw_field
from napari_celle.simulate.field import CellField
from napari_celle.simulate.mitotic import poles

STYLE = FieldStyle(nucleus_diameter=(60.0, 66.0), coverage=(0.2, 0.2), above_nucleus=(0.1, 0.1))


@pytest.fixture(scope="module")
def dividing() -> CellField:
    return draw_field(np.random.default_rng(2), size=384, style=replace(STYLE, mitotic_chance=1.0))


@pytest.fixture(scope="module")
def mixed() -> CellField:
    return draw_field(np.random.default_rng(3), size=384, style=replace(STYLE, mitotic_chance=0.5))


def contrast(field: CellField, name: str, seed: int) -> float:
    """Return how dense a protein is on the chromosomes, relative to the rest of the cell."""
    density = draw_compartment(field, name, np.random.default_rng(seed))
    return float(density[field.nuclei > 0].mean() / density[(field.cells > 0) & (field.nuclei == 0)].mean())


@pytest.mark.parametrize("name", sorted(set(COMPARTMENTS) - {"nucleoplasm", "plasma_membrane", "cytoskeleton"}))
def test_chromosomes_keep_proteins_out(dividing: CellField, name: str):
    assert np.median([contrast(dividing, name, seed) for seed in range(5)]) < 0.8


def test_most_proteins_of_the_nucleoplasm_spread_over_the_cell_and_a_few_stay_on_the_chromosomes(dividing: CellField):
    contrasts = np.array([contrast(dividing, "nucleoplasm", seed) for seed in range(30)])
    assert 1 <= (contrasts > 3).sum() <= 12
    assert (contrasts < 0.8).sum() >= 18


@pytest.mark.parametrize("name", COMPARTMENTS)
def test_a_dividing_cell_holds_one_unit_as_the_others_do(mixed: CellField, name: str):
    density = draw_compartment(mixed, name, np.random.default_rng(1))
    held = np.bincount(mixed.cells.ravel(), weights=density.ravel(), minlength=len(mixed.outlines) + 1)[1:]
    whole = (mixed.cell_share > 0.999) & mixed.outlines.mitotic
    assert whole.any()
    assert np.median(held[whole]) == pytest.approx(1, abs=1e-3)


def test_cells_beside_a_dividing_one_keep_their_nuclear_protein(mixed: CellField):
    density = draw_compartment(mixed, "nucleolus", np.random.default_rng(1))
    resting = np.append(False, ~mixed.outlines.mitotic)[mixed.cells]
    assert density[resting & (mixed.nuclei > 0)].sum() > 0.95 * density[resting].sum()


def test_the_centrosomes_are_at_the_poles_of_the_spindle(dividing: CellField):
    density = draw_compartment(dividing, "centrosome", np.random.default_rng(0))
    for row in np.flatnonzero(dividing.cell_share > 0.999):
        for y, x in poles(dividing, int(row)).round().astype(int):
            if dividing.cells[y, x] == row + 1:
                assert density[y, x] > 20 * density[dividing.cells == row + 1].mean()


def test_dividing_cells_are_rounder_than_others(dividing: CellField):
    resting = draw_field(np.random.default_rng(2), size=384, style=replace(STYLE, mitotic_chance=0.0))
    uneven = [
        np.median(np.std(lengths, axis=1) / np.mean(lengths, axis=1))
        for lengths in (field.outlines.radii + field.outlines.reach for field in (dividing, resting))
    ]
    assert uneven[0] < 0.6 * uneven[1]
