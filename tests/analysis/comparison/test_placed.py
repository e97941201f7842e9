import numpy as np
import pytest

from napari_celle.analysis.comparison.placed import on_window
from napari_celle.errors import ImageError
from napari_celle.types import Window

RAMP = np.add.outer(10.0 * np.arange(40), np.arange(30)).astype(np.float32)  # 10 * row + column


def _to(*, scale=1.0, row=0.0, column=0.0, angle=0.0):
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack([turn, (row, column)])


def test_a_channel_on_the_same_pixels_is_not_touched():
    channel, window = on_window(RAMP, to_channel=_to(row=5, column=7), shape=(20, 16))
    assert channel is RAMP
    assert window == Window(5, 7, 20, 16)


@pytest.mark.parametrize("row", [5.004, 4.996])
def test_rounding_of_the_transforms_is_no_shift(row):
    assert on_window(RAMP, to_channel=_to(row=row, column=7), shape=(20, 16))[0] is RAMP


@pytest.mark.parametrize(
    "to",
    [
        _to(row=5.5, column=7),
        _to(scale=1.3, row=3, column=4),
        _to(scale=0.2, row=3),
        _to(scale=2.0, row=3, column=4),
        _to(angle=0.2, row=5, column=7),
    ],
    ids=str,
)
def test_other_pixels_are_interpolated_where_the_window_lies(to):
    picture, window = on_window(RAMP, to_channel=to, shape=(16, 12))
    assert window == Window(0, 0, 16, 12)
    at = np.dstack([*np.mgrid[:16, :12], np.ones((16, 12))]) @ to.T
    np.testing.assert_allclose(picture, 10 * at[..., 0] + at[..., 1], atol=1e-3)


@pytest.mark.parametrize("to", [_to(row=-1), _to(row=25), _to(row=5.5, column=20)], ids=["above", "below", "right"])
def test_a_window_partly_outside_says_what_to_do(to):
    with pytest.raises(ImageError, match="same scale and translate"):
        on_window(RAMP, to_channel=to, shape=(20, 16))


def test_pixels_of_another_size_are_refused():
    with pytest.raises(ImageError, match=r"is 2\.5 pixels of the measured channel"):
        on_window(RAMP, to_channel=_to(scale=2.5, row=0.5), shape=(8, 8))
