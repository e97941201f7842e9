"""Parts of pictures in eight orientations."""

import numpy as np

from napari_celle.train.views import View, draw_view, middle, turned

PICTURE = np.arange(6 * 5).reshape(6, 5)


def test_a_picture_has_eight_different_orientations():
    picture = np.arange(9).reshape(3, 3)
    assert len({turned(picture, way).tobytes() for way in range(8)}) == 8


def test_the_middle_is_as_it_is():
    np.testing.assert_array_equal(middle(PICTURE.shape, 3).of(PICTURE), PICTURE[1:4, 1:4])


def test_any_part_in_any_orientation_is_drawn():
    rng = np.random.default_rng(0)
    views = {draw_view(PICTURE.shape, 3, rng) for _ in range(2_000)}
    assert views == {View(top, left, 3, way) for top in range(4) for left in range(3) for way in range(8)}


def test_a_picture_of_the_size_asked_for_is_seen_whole():
    square = PICTURE[:5]
    seen = draw_view(square.shape, 5, np.random.default_rng(0)).of(square)
    assert sorted(seen.flat) == sorted(square.flat)
