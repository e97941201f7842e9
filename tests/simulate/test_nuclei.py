from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from napari_celle.simulate import FieldStyle
from napari_celle.simulate.nuclei import draw_nucleoli, draw_stain
from napari_celle.simulate.outlines import ANGLES, Outlines, draw_outlines
from napari_celle.simulate.raster import rasterise

STYLE = FieldStyle(
    nucleus_diameter=(60.0, 60.0),
    mitotic_chance=0.0,
    fade_chance=0.0,
    debris_chance=0.0,
    brightness_spread=(0.0, 0.0),
    chromatin=(0.0, 0.0),
    foci=(0.0, 0.0),
    nucleolus_depth=(0.8, 0.8),
)


@pytest.fixture(scope="module")
def outlines() -> Outlines:
    return draw_outlines(np.random.default_rng(1), size=256, style=STYLE)


@pytest.fixture(scope="module")
def nuclei(outlines: Outlines) -> np.ndarray:
    return rasterise(outlines, size=256).nuclei


@pytest.fixture(scope="module")
def nucleoli(outlines: Outlines, nuclei: np.ndarray) -> np.ndarray:
    return draw_nucleoli(np.random.default_rng(2), outlines, nuclei)


def stain(outlines: Outlines, nucleoli: np.ndarray, **changes: object) -> np.ndarray:
    return draw_stain(np.random.default_rng(3), outlines, nucleoli, style=replace(STYLE, **changes))


def test_a_nucleus_holds_one_to_four_nucleoli_and_nothing_outside(nuclei: np.ndarray, nucleoli: np.ndarray):
    assert nucleoli[nuclei == 0].max() == 0
    assert nucleoli.max() == 1
    first = (nuclei == 1) & (nucleoli > 0.5)
    assert 1 <= ndimage.label(first)[1] <= 4
    assert first.sum() < 0.35 * (nuclei == 1).sum()


def test_a_nucleus_in_mitosis_holds_none(outlines: Outlines, nuclei: np.ndarray):
    dividing = replace(outlines, mitotic=np.ones(len(outlines), bool))
    assert draw_nucleoli(np.random.default_rng(2), dividing, nuclei).max() == 0


def test_stain_is_in_nuclei_only_and_dim_in_nucleoli(outlines: Outlines, nuclei: np.ndarray, nucleoli: np.ndarray):
    light = stain(outlines, nucleoli)
    assert light[ndimage.binary_dilation(nuclei > 0, iterations=2) == 0].max() == 0
    plain = (nuclei > 0) & (nucleoli == 0)
    assert light[nucleoli > 0.9].mean() < 0.4 * light[plain].mean()
    assert light[plain].mean() == pytest.approx(1, abs=0.25)


def test_chromatin_and_foci_add_contrast(outlines: Outlines, nuclei: np.ndarray):
    none = np.zeros((256, 256), np.float32)
    spreads = [
        stain(outlines, none, **changes)[nuclei > 0].std()
        for changes in ({}, {"chromatin": (0.3, 0.3)}, {"chromatin": (0.3, 0.3), "foci": (1.2, 1.2)})
    ]
    assert spreads == sorted(spreads)
    assert spreads[2] > 2 * spreads[0]


def test_nuclei_differ_in_brightness(outlines: Outlines, nuclei: np.ndarray):
    none = np.zeros((256, 256), np.float32)
    light = stain(outlines, none, brightness_spread=(0.4, 0.4))
    means = ndimage.mean(light, nuclei, np.unique(nuclei)[1:])
    assert np.std(means) > 0.1


def test_chromosomes_are_much_brighter_than_nuclei(outlines: Outlines, nuclei: np.ndarray):
    none = np.zeros((256, 256), np.float32)
    dividing = replace(outlines, mitotic=np.ones(len(outlines), bool))
    assert stain(dividing, none)[nuclei > 0].mean() > 1.7 * stain(outlines, none)[nuclei > 0].mean()


def test_a_nucleus_that_leaves_the_focus_is_dark_at_one_side(outlines: Outlines, nuclei: np.ndarray):
    none = np.zeros((256, 256), np.float32)
    ratio = stain(outlines, none, fade_chance=1.0)[nuclei == 1] / stain(outlines, none)[nuclei == 1]
    assert np.percentile(ratio, 2) < 0.6 * np.percentile(ratio, 98)


def test_debris_lies_outside_nuclei_too(outlines: Outlines, nuclei: np.ndarray):
    none = np.zeros((256, 256), np.float32)
    far = ndimage.binary_dilation(nuclei > 0, iterations=2) == 0
    found = [
        draw_stain(np.random.default_rng(s), outlines, none, style=replace(STYLE, debris_chance=1.0))[far].max() > 0
        for s in range(5)
    ]
    assert any(found)


def test_nuclei_that_overlap_add_up_in_a_projection_and_not_in_a_section():
    centres = np.array([(64.0, 50.0), (64.0, 80.0)], np.float32)
    radii = np.full((2, ANGLES), 25.0, np.float32)
    pair = Outlines(centres=centres, radii=radii, reach=radii, mitotic=np.zeros(2, bool))
    lens = []
    for overlap in (0.0, 1.0):
        light = stain(pair, np.zeros((128, 128), np.float32), overlap=(overlap, overlap))
        lens.append(light[64, 65] / light[64, 45])
    assert lens[0] == pytest.approx(1, abs=0.2)
    assert lens[1] == pytest.approx(2, abs=0.3)
