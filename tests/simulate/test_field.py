import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from napari_celle.simulate import FieldStyle, draw_field
from napari_celle.simulate.field import CellField

ARRAYS = ("nucleus", "nuclei", "cells", "distance", "depth", "nucleoli", "nucleus_share", "cell_share")
QUIET = FieldStyle(debris_chance=0.0, mitotic_chance=0.0, fade_chance=0.0, defocus_chance=0.0)


@pytest.fixture(scope="module")
def field() -> CellField:
    return draw_field(np.random.default_rng(11))


def test_the_same_seed_gives_the_same_field():
    first, again = (draw_field(np.random.default_rng(4), size=128) for _ in range(2))
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name), err_msg=name)


def test_the_same_seed_gives_the_same_pictures_in_another_process():
    code = (
        "import hashlib, numpy as np\n"
        "from napari_celle.simulate import COMPARTMENTS, draw_field, draw_protein\n"
        "rng = np.random.default_rng(8)\n"
        "field = draw_field(rng, size=96)\n"
        "even = dict.fromkeys(COMPARTMENTS, 1 / len(COMPARTMENTS))\n"
        "print(hashlib.sha256(field.nucleus.tobytes() + draw_protein(field, even, rng).tobytes()).hexdigest())\n"
    )
    hashes = [
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert len(hashes[0]) > 60
    assert hashes[0] == hashes[1]


def test_another_seed_gives_another_field():
    first, other = (draw_field(np.random.default_rng(seed), size=128) for seed in (4, 5))
    assert not np.array_equal(first.nuclei, other.nuclei)
    assert not np.array_equal(first.nucleus, other.nucleus)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.sampled_from([64, 97, 256]))
def test_every_field_is_a_finite_picture_with_at_least_one_nucleus(seed: int, size: int):
    field = draw_field(np.random.default_rng(seed), size=size)
    assert field.nucleus.shape == field.nuclei.shape == field.cells.shape == (size, size)
    assert field.nucleus.dtype == np.float32
    assert field.nuclei.dtype == field.cells.dtype == np.int32
    assert np.isfinite(field.nucleus).all()
    assert field.nucleus.min() >= 0
    assert field.nucleus.max() > field.nucleus.min()
    assert (field.nuclei > 0).any()


def test_a_nucleus_lies_in_the_cell_of_the_same_label(field: CellField):
    inside = field.nuclei > 0
    np.testing.assert_array_equal(field.nuclei[inside], field.cells[inside])


def test_labels_are_rows_of_the_outlines(field: CellField):
    assert field.cells.max() <= len(field.outlines) == len(field.cell_share) == len(field.nucleus_share)
    for label, centre in enumerate(field.outlines.centres, start=1):
        y, x = np.rint(centre).astype(int)
        if 0 <= y < 256 and 0 <= x < 256:
            assert field.nuclei[y, x] == label


def test_depth_and_distance_change_sign_at_the_edge_of_the_nucleus(field: CellField):
    inside = field.nuclei > 0
    assert field.distance[inside].max() <= 0
    assert field.depth[inside].min() >= -1
    cytoplasm = (field.cells > 0) & ~inside
    assert field.distance[cytoplasm].min() > 0
    assert field.depth[cytoplasm].max() < 1
    assert (field.depth[field.cells == 0] == 1).all()


def test_nuclei_have_the_diameters_asked_for():
    style = FieldStyle(nucleus_diameter=(60.0, 60.0), mitotic_chance=0.0)
    field = draw_field(np.random.default_rng(3), size=400, style=style)
    areas = np.bincount(field.nuclei.ravel(), minlength=len(field.outlines) + 1)[1:]
    apart = field.outlines.radii.max(axis=1)
    centres = field.outlines.centres
    whole = ((centres - apart[:, None] > 0) & (centres + apart[:, None] < 400)).all(axis=1)
    diameters = 2 * np.sqrt(areas[whole] / np.pi)
    assert whole.sum() >= 3
    assert np.median(diameters) == pytest.approx(60, abs=1.5)


def test_the_nucleus_channel_is_bright_in_nuclei_and_dark_outside():
    for seed in range(12):
        field = draw_field(np.random.default_rng(seed), style=QUIET)
        far = ndimage.distance_transform_edt(field.nuclei == 0) > 6
        assert field.nucleus[field.nuclei > 0].mean() > 2.5 * field.nucleus[far].mean(), seed


def test_fields_range_from_nearly_empty_to_crowded():
    fields = [draw_field(np.random.default_rng(seed)) for seed in range(80)]
    counts = [len(np.unique(field.nuclei)) - 1 for field in fields]  # pieces at the border included
    assert min(counts) <= 2
    assert max(counts) >= 10
    areas = [np.bincount(field.nuclei.ravel())[1:].max() for field in fields]
    assert np.sqrt(np.max(areas) / np.min(areas)) > 1.8


def test_some_neighbours_touch():
    touching = 0
    for seed in range(20):
        nuclei = draw_field(np.random.default_rng(seed)).nuclei
        left, right = nuclei[:, :-1], nuclei[:, 1:]
        touching += bool(((left != right) & (left > 0) & (right > 0)).any())
    assert 1 <= touching < 20
