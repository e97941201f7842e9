import numpy as np
import pytest

from napari_celle.simulate.outlines import ANGLES, Outlines
from napari_celle.simulate.raster import cut_patch, rasterise


def discs(*centres: tuple[float, float], radius: float = 10.0, reach: float = 8.0) -> Outlines:
    shape = (len(centres), ANGLES)
    return Outlines(
        centres=np.array(centres, np.float32),
        radii=np.full(shape, radius, np.float32),
        reach=np.full(shape, reach, np.float32),
        mitotic=np.zeros(len(centres), bool),
    )


def test_a_disc_becomes_a_disc():
    pixels = rasterise(discs((32, 30)), size=64)
    y, x = np.mgrid[:64, :64]
    away = np.hypot(y - 32, x - 30)
    np.testing.assert_array_equal(pixels.nuclei > 0, away <= 10)
    np.testing.assert_array_equal(pixels.cells > 0, away < 18)
    assert pixels.distance[32, 45] == pytest.approx(5, abs=1e-4)
    assert pixels.depth[32, 44] == pytest.approx(0.5, abs=1e-4)


def test_a_pixel_goes_to_the_nearer_of_two_cells_whatever_their_order():
    for centres in (((32, 20), (32, 45)), ((32, 45), (32, 20))):
        pixels = rasterise(discs(*centres), size=64)
        labels = {20: 1 + centres.index((32, 20)), 45: 1 + centres.index((32, 45))}
        assert pixels.cells[32, 31] == labels[20]
        assert pixels.cells[32, 34] == labels[45]


def test_the_first_column_of_a_table_points_along_x():
    outlines = discs((32, 32))
    outlines.radii[0, :20] = 20.0
    pixels = rasterise(outlines, size=64)
    assert pixels.nuclei[34, 49] == 1
    assert pixels.nuclei[34, 15] == pixels.nuclei[49, 32] == 0
    assert pixels.nuclei[24, 49] == 0


def test_a_cell_outside_leaves_no_pixel_and_one_at_the_border_is_cut():
    pixels = rasterise(discs((-40, 30), (0, 30)), size=64)
    assert set(np.unique(pixels.cells)) == {0, 2}
    assert pixels.nuclei[0, 30] == 2


def test_a_patch_outside_the_picture_is_none():
    assert cut_patch(np.array([-20.0, 5.0]), 10.0, size=64) is None
