import numpy as np
import pytest

from napari_celle.errors import CelleError
from napari_celle.simulate import COMPARTMENTS, FieldStyle, draw_field, draw_protein
from napari_celle.simulate.field import CellField

SHARP = FieldStyle(
    blur=(0.5, 0.5),
    haze=(0.0, 0.0),
    defocus_chance=0.0,
    background=(0.0, 0.0),
    photons=(500.0, 500.0),
    saturation=(9.0, 9.0),
    mitotic_chance=0.0,
)


@pytest.fixture(scope="module")
def field() -> CellField:
    return draw_field(np.random.default_rng(6))


def in_nuclei(field: CellField, amounts: dict[str, float]) -> float:
    picture = draw_protein(field, amounts, np.random.default_rng(0), style=SHARP)
    return float(picture[field.nuclei > 0].sum() / picture.sum())


@pytest.mark.parametrize("name", COMPARTMENTS)
def test_every_compartment_gives_a_finite_picture_with_contrast(field: CellField, name: str):
    picture = draw_protein(field, {name: 1.0}, np.random.default_rng(1))
    assert picture.shape == field.cells.shape
    assert picture.dtype == np.float32
    assert np.isfinite(picture).all()
    assert picture.min() >= 0
    assert np.percentile(picture, 99.9) > 2 * np.median(picture[field.cells == 0])


def test_the_same_seed_gives_the_same_picture(field: CellField):
    amounts = {"er": 0.5, "golgi": 0.5}
    first, again, other = (draw_protein(field, amounts, np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_drawing_does_not_change_the_field(field: CellField):
    before = {name: getattr(field, name).copy() for name in ("nucleus", "nuclei", "cells", "distance", "nucleoli")}
    for name in COMPARTMENTS:
        draw_protein(field, {name: 1.0}, np.random.default_rng(0))
    for name, array in before.items():
        np.testing.assert_array_equal(getattr(field, name), array, err_msg=name)


def test_more_nucleoplasm_puts_more_light_into_the_nuclei(field: CellField):
    parts = [in_nuclei(field, {"nucleoplasm": part, "cytosol": 1 - part}) for part in (0.0, 0.3, 0.6, 1.0)]
    assert parts == sorted(parts)
    assert parts[-1] - parts[0] > 0.5


def test_cells_express_more_or_less():
    field = draw_field(np.random.default_rng(1), size=400, style=SHARP)
    whole = np.flatnonzero(field.nucleus_share > 0.999) + 1
    spreads = []
    for seed in range(5):
        picture = draw_protein(field, {"nucleoplasm": 1.0}, np.random.default_rng(seed), style=SHARP)
        totals = [picture[field.nuclei == label].sum() for label in whole]
        spreads.append(np.std(totals) / np.mean(totals))
    assert len(whole) >= 10
    assert np.median(spreads) > 0.08


def test_a_field_of_a_single_cell_with_little_of_it_in_view_is_drawn_too():
    style = FieldStyle(nucleus_diameter=(92.0, 92.0), coverage=(0.0, 0.0))
    field = draw_field(np.random.default_rng(0), size=32, style=style)
    for name in COMPARTMENTS:
        assert np.isfinite(draw_protein(field, {name: 1.0}, np.random.default_rng(0))).all()


@pytest.mark.parametrize("amounts", [{}, {"er": 0.4}, {"er": 1.5, "golgi": -0.5}])
def test_amounts_that_are_no_parts_of_one_are_refused(field: CellField, amounts: dict[str, float]):
    with pytest.raises(CelleError, match="must be 0 or more and sum to 1"):
        draw_protein(field, amounts, np.random.default_rng(0))
