import numpy as np
import pytest

from napari_celle.errors import CelleError
from napari_celle.simulate import COMPARTMENTS, FieldStyle, draw_compartment, draw_field
from napari_celle.simulate.compartments import _one_unit_per_cell
from napari_celle.simulate.field import CellField

STYLE = FieldStyle(nucleus_diameter=(50.0, 60.0), mitotic_chance=0.0, coverage=(0.2, 0.2))


@pytest.fixture(scope="module")
def field() -> CellField:
    return draw_field(np.random.default_rng(2), size=384, style=STYLE)


def sums(image: np.ndarray, field: CellField) -> np.ndarray:
    return np.bincount(field.cells.ravel(), weights=image.ravel(), minlength=len(field.outlines) + 1)


def nuclear_part(field: CellField, name: str, seed: int = 0) -> float:
    density = draw_compartment(field, name, np.random.default_rng(seed))
    return float(density[field.nuclei > 0].sum() / density.sum())


@pytest.mark.parametrize("name", COMPARTMENTS)
def test_a_whole_cell_holds_one_unit_and_the_background_none(field: CellField, name: str):
    density = draw_compartment(field, name, np.random.default_rng(1))
    held = sums(density, field)
    assert density.dtype == np.float32
    assert density.shape == field.cells.shape
    assert density.min() >= 0
    assert held[0] == 0
    whole = field.cell_share > 0.999
    assert whole.sum() >= 3
    assert np.median(held[1:][whole]) == pytest.approx(1, abs=1e-3)
    assert held[1:].max() < 1.001


@pytest.mark.parametrize("name", COMPARTMENTS)
def test_the_same_seed_gives_the_same_density(field: CellField, name: str):
    first, again, other = (draw_compartment(field, name, np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("nucleoplasm", 0.95, 1.0),
        ("nucleolus", 0.95, 1.0),
        ("cytosol", 0.02, 0.3),
        ("er", 0.0, 0.3),
        ("golgi", 0.0, 0.1),
        ("mitochondria", 0.0, 0.05),
        ("vesicles", 0.0, 0.1),
        ("plasma_membrane", 0.02, 0.4),
    ],
)
def test_the_nucleus_holds_its_part(field: CellField, name: str, low: float, high: float):
    assert low <= nuclear_part(field, name) <= high


def test_nucleoplasm_spares_nucleoli_and_nucleolar_protein_fills_them(field: CellField):
    nucleoli, between = field.nucleoli > 0.9, (field.nuclei > 0) & (field.distance < -3) & (field.nucleoli == 0)
    nucleoplasm = draw_compartment(field, "nucleoplasm", np.random.default_rng(0))
    nucleolus = draw_compartment(field, "nucleolus", np.random.default_rng(0))
    assert nucleoplasm[nucleoli].mean() < 0.9 * nucleoplasm[between].mean()
    assert nucleolus[between].max() == 0
    assert nucleolus[nucleoli].min() > 0


def test_cytosol_thins_towards_the_edge_of_the_cell(field: CellField):
    cytosol = draw_compartment(field, "cytosol", np.random.default_rng(0))
    near, far = (field.distance > 1) & (field.depth < 0.3), (field.depth > 0.8) & (field.cells > 0)
    assert cytosol[far].mean() < 0.7 * cytosol[near].mean()


def test_the_golgi_lies_at_one_side_of_the_nucleus(field: CellField):
    golgi = draw_compartment(field, "golgi", np.random.default_rng(0))
    whole = np.flatnonzero(field.cell_share > 0.999)
    offsets = []
    for row in whole:
        y, x = np.nonzero((field.cells == row + 1) & (golgi > 0))
        centre = np.average(np.stack([y, x]), axis=1, weights=golgi[y, x])
        offsets.append(np.hypot(*(centre - field.outlines.centres[row])) / field.outlines.radii[row].mean())
    assert np.median(offsets) > 0.8


def test_the_plasma_membrane_is_brightest_at_the_outline(field: CellField):
    membrane = draw_compartment(field, "plasma_membrane", np.random.default_rng(0))
    rim = (field.depth > 0.9) & (field.cells > 0)
    assert membrane[rim].mean() > 2 * membrane[field.nuclei > 0].mean()


def test_a_sliver_of_a_structure_is_not_made_to_hold_all_of_it():
    cells = np.repeat(np.arange(4, dtype=np.int32), 16).reshape(8, 8)
    density = np.ones((8, 8), np.float32) * (cells > 0)
    density[cells == 3] = 0.0
    density[7, 7] = 0.01  # all that is seen of the third cell's structure, though the cell itself is whole
    scaled = _one_unit_per_cell(density, cells, np.ones(3, np.float32))
    assert scaled[cells == 1].sum() == pytest.approx(1)
    assert scaled[7, 7] < 3.2 * scaled[cells == 1].max() * 0.01 * 1.5


def test_an_unknown_compartment_is_answered_with_the_known_ones(field: CellField):
    with pytest.raises(CelleError, match=r"'axon'.*nucleoplasm, .*plasma_membrane"):
        draw_compartment(field, "axon", np.random.default_rng(0))
