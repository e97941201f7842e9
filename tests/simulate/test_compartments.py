from dataclasses import replace

import numpy as np
import pytest

from napari_celle.errors import CelleError
from napari_celle.simulate import COMPARTMENTS, FieldStyle, draw_compartment, draw_field
from napari_celle.simulate.compartments import NUCLEAR, _one_unit_per_cell
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
    ("name", "section", "projection"),
    [
        ("nucleoplasm", (0.95, 1.0), (0.95, 1.0)),
        ("nucleolus", (0.95, 1.0), (0.95, 1.0)),
        ("speckles", (0.95, 1.0), (0.95, 1.0)),
        ("nuclear_envelope", (0.6, 1.0), (0.7, 1.0)),
        ("cytosol", (0.005, 0.08), (0.06, 0.3)),
        ("er", (0.005, 0.15), (0.05, 0.3)),
        ("golgi", (0.0, 0.1), (0.0, 0.1)),
        ("mitochondria", (0.0, 0.05), (0.01, 0.12)),
        ("vesicles", (0.0, 0.1), (0.02, 0.2)),
        ("peroxisomes", (0.0, 0.1), (0.02, 0.2)),
        ("plasma_membrane", (0.01, 0.2), (0.05, 0.35)),
        ("cytoskeleton", (0.0, 0.12), (0.05, 0.35)),
        ("centrosome", (0.0, 0.1), (0.0, 0.1)),
    ],
)
def test_light_over_the_nucleus_is_its_own_or_what_a_projection_shows_above_it(
    field: CellField, name: str, section: tuple[float, float], projection: tuple[float, float]
):
    for above, (low, high) in ((0.05, section), (0.4, projection)):
        seen = replace(field, above_nucleus=above)
        assert low <= np.mean([nuclear_part(seen, name, seed) for seed in range(4)]) <= high


def test_every_compartment_has_bounds_of_its_own():
    assert len(COMPARTMENTS) == 13
    assert set(COMPARTMENTS) > NUCLEAR


def test_nucleoplasm_spares_nucleoli_and_nucleolar_protein_fills_them(field: CellField):
    nucleoli, between = field.nucleoli > 0.9, (field.nuclei > 0) & (field.distance < -3) & (field.nucleoli == 0)
    nucleoplasm = draw_compartment(field, "nucleoplasm", np.random.default_rng(0))
    nucleolus = draw_compartment(field, "nucleolus", np.random.default_rng(0))
    assert nucleoplasm[nucleoli].mean() < 0.9 * nucleoplasm[between].mean()
    assert nucleolus[nucleoli].mean() > 8 * nucleolus[between].mean()
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


def test_the_nuclear_envelope_is_a_rim_on_the_edge_of_the_nucleus(field: CellField):
    envelope = draw_compartment(field, "nuclear_envelope", np.random.default_rng(0))
    rim, middle = np.abs(field.distance + 1) < 1, field.depth < -0.5
    assert envelope[rim].mean() > 3 * envelope[middle].mean()


def test_speckles_are_grains_in_the_nucleoplasm(field: CellField):
    speckles = draw_compartment(field, "speckles", np.random.default_rng(0))
    inside = (field.nuclei > 0) & (field.distance < -3)
    assert speckles[inside & (field.nucleoli > 0.9)].mean() < 0.4 * speckles[inside & (field.nucleoli == 0)].mean()
    brightest = np.sort(speckles[inside])[::-1]
    assert brightest[: len(brightest) // 5].sum() > 0.5 * brightest.sum()


def test_a_centrosome_is_far_smaller_than_a_golgi(field: CellField):
    whole = np.flatnonzero(field.cell_share > 0.999) + 1
    areas = {
        name: np.median([(image[field.cells == label] > 0.003).sum() for label in whole])
        for name in ("centrosome", "golgi")
        for image in (draw_compartment(field, name, np.random.default_rng(0)),)
    }
    assert 3 < areas["centrosome"] < 0.7 * areas["golgi"]


def test_peroxisomes_are_more_even_than_vesicles(field: CellField):
    spread = [
        np.percentile(image[image > 0], 99.5) / image[image > 0].mean()
        for image in (draw_compartment(field, name, np.random.default_rng(0)) for name in ("peroxisomes", "vesicles"))
    ]
    assert spread[0] < spread[1]


def test_the_cytoskeleton_is_either_microtubules_or_actin_with_a_rim(field: CellField):
    rim = (field.depth > 0.9) & (field.cells > 0)
    shares = [draw_compartment(field, "cytoskeleton", np.random.default_rng(seed))[rim].mean() for seed in range(12)]
    assert max(shares) > 1.5 * min(shares)


def test_a_sliver_of_a_structure_is_not_made_to_hold_all_of_it():
    cells = np.repeat(np.arange(4, dtype=np.int32), 16).reshape(8, 8)
    density = np.ones((8, 8), np.float32) * (cells > 0)
    density[cells == 3] = 0.0
    density[7, 7] = 0.01  # all that is seen of the third cell's structure, though the cell itself is whole
    scaled = _one_unit_per_cell(density, cells, np.ones(3, np.float32))
    assert scaled[cells == 1].sum() == pytest.approx(1)
    assert scaled[7, 7] < 3.2 * scaled[cells == 1].max() * 0.01 * 1.5


def test_an_unknown_compartment_is_answered_with_the_known_ones(field: CellField):
    with pytest.raises(CelleError, match=r"'axon'.*nucleoplasm, .*centrosome"):
        draw_compartment(field, "axon", np.random.default_rng(0))
