import numpy as np
import pytest

from napari_celle.simulate import FieldStyle
from napari_celle.simulate.outlines import ANGLES, draw_outlines, visible_share


def test_the_first_nucleus_is_well_inside_the_picture():
    for seed in range(20):
        outlines = draw_outlines(np.random.default_rng(seed), size=256, style=FieldStyle())
        assert (outlines.centres[0] > 40).all()
        assert (outlines.centres[0] < 216).all()


def test_outlines_are_closed_and_positive():
    for seed in range(20):
        outlines = draw_outlines(np.random.default_rng(seed), size=256, style=FieldStyle())
        for table in (outlines.radii, outlines.reach):
            assert table.shape == (len(outlines), ANGLES)
            assert table.min() > 0
            steps = np.abs(np.diff(table, axis=1, append=table[:, :1]))
            assert (steps[:, -1] <= steps.max(axis=1)).all()


def test_areas_are_those_of_discs_of_the_diameter():
    style = FieldStyle(nucleus_diameter=(50.0, 50.0), mitotic_chance=0.0)
    outlines = draw_outlines(np.random.default_rng(0), size=300, style=style)
    assert 2 * np.sqrt((outlines.radii**2).mean(axis=1)) == pytest.approx(np.full(len(outlines), 50), rel=1e-3)


def test_mitotic_chromosomes_are_smaller_than_a_nucleus():
    style = FieldStyle(nucleus_diameter=(60.0, 60.0), mitotic_chance=1.0)
    outlines = draw_outlines(np.random.default_rng(0), size=300, style=style)
    assert outlines.mitotic.all()
    assert (2 * np.sqrt((outlines.radii**2).mean(axis=1)) < 40).all()


def test_nuclei_keep_their_distance():
    for seed in range(10):
        outlines = draw_outlines(np.random.default_rng(seed), size=256, style=FieldStyle(mitotic_chance=0.0))
        diameters = 2 * np.sqrt((outlines.radii**2).mean(axis=1))
        apart = np.hypot(*(outlines.centres[:, None] - outlines.centres[None]).T)
        sums = (diameters[:, None] + diameters[None]) / 2
        np.fill_diagonal(apart, np.inf)
        assert (apart > 0.87 * sums).all()


@pytest.mark.parametrize(
    ("centre", "share"), [((50, 50), 1.0), ((0, 50), 0.5), ((0, 0), 0.25), ((-30, 50), 0.0), ((50, 105), 0.25)]
)
def test_visible_share_is_the_part_of_a_disc_in_the_picture(centre: tuple[int, int], share: float):
    discs = visible_share(np.array([centre], np.float32), np.full((1, ANGLES), 12.0, np.float32), size=100)
    assert discs == pytest.approx([share], abs=0.06)
