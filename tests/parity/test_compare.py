"""The comparison itself: what it lets pass, and what it does not."""

import numpy as np
import pytest
from parity_compare import LOWEST, NUMBERS, Rows, Thresholded, compare, perturbed, tolerance

LOGITS = np.array([[0.5, LOWEST, 2.0], [np.nan, -1.0, 0.0]], np.float32)


def changed(place, value):
    copy = LOGITS.copy()
    copy[place] = value
    return copy


def test_rounding_is_let_pass_and_measured():
    ours = changed((0, 0), 0.5 + NUMBERS / 2)
    assert compare("logits", ours, LOGITS) == pytest.approx(NUMBERS / 2, rel=1e-2)


@pytest.mark.parametrize(
    ("ours", "said"),
    [
        pytest.param(changed((0, 0), 0.5 + 2 * NUMBERS), "1 of 6 elements differ", id="too far"),
        pytest.param(changed((0, 0), np.nan), "NaN in one", id="NaN"),
        pytest.param(changed((1, 0), 0), "NaN in one", id="no NaN"),
        pytest.param(changed((0, 1), -1e38), "the lowest number in one", id="not the lowest"),
        pytest.param(changed((0, 0), LOWEST), "the lowest number in one", id="the lowest"),
        pytest.param(changed((0, 1), -np.inf), "the lowest number in one", id="infinite"),
        pytest.param(LOGITS[:, :2], "shape", id="shape"),
        pytest.param(LOGITS[None], "shape", id="axis"),
    ],
)
def test_what_is_wrong_is_told(ours, said):
    with pytest.raises(AssertionError, match=said):
        compare("image_logits", ours, LOGITS)


def test_integers_are_equal_and_integers():
    codes = np.arange(4, dtype=np.int32)
    assert compare("codes", codes.astype(np.int64), codes) == 0
    with pytest.raises(AssertionError, match="1 of 4"):
        compare("codes", codes + (codes == 2), codes)
    with pytest.raises(AssertionError, match="float64 in place of integers"):
        compare("codes", codes.astype(float), codes)


BEFORE = np.linspace(0, 1, 1001).reshape(7, 143)
ABOVE = (BEFORE > 0.5).astype(np.float32)


def test_only_pixels_at_the_threshold_may_fall_on_either_side():
    ours = Thresholded(ABOVE, np.abs(BEFORE - 0.5))
    other = ABOVE.copy()
    other.flat[500] = 1  # exactly 0.5
    assert compare("threshold_image", ours, other) == 0
    other.flat[510] = 0
    with pytest.raises(AssertionError, match="1 of 1001"):
        compare("threshold_image", ours, other)


def test_a_picture_at_the_threshold_all_over_is_no_comparison():
    with pytest.raises(AssertionError, match="too near"):
        compare("threshold_image", Thresholded(ABOVE, np.zeros_like(ABOVE)), ABOVE)


def test_rows_that_were_not_kept_are_left_out():
    theirs = np.zeros((3, 2), np.float32)
    ours = Rows(np.zeros((2, 2), np.float32), [0, 2])
    assert compare("nucleus", ours, theirs) == 0
    for copy in perturbed(ours, theirs):
        assert not copy[1].any()
        with pytest.raises(AssertionError):
            compare("nucleus", ours, copy)


def test_every_kind_of_element_is_changed_once():
    copies = perturbed(LOGITS, LOGITS)
    places = [tuple(np.argwhere(~np.isclose(copy, LOGITS, atol=0, rtol=0, equal_nan=True))[0]) for copy in copies]
    assert places[:2] == [(1, 0), (0, 1)]
    assert len(copies) == 3
    for copy in copies:
        with pytest.raises(AssertionError):
            compare("logits", LOGITS, copy)


def test_an_array_of_an_unknown_name_has_no_tolerance():
    with pytest.raises(AssertionError, match=r"no tolerance is known.*'gradient'"):
        tolerance("gradient")
    assert tolerance("layer0_attention_last_row") == NUMBERS
