"""How two arrays are compared, and by how much they may differ."""

from dataclasses import dataclass

import numpy as np

LOWEST = np.finfo(np.float32).min
"""Logit of what a place may not be; it has to be this number exactly."""

NUMBERS, PIXELS = 3e-5, 1e-4
"""Tolerance of logits, vectors and probabilities; of pictures, which are not scaled and reach from -3 to 6."""

NEAR = 1e-4
"""Pixels so near to the threshold may fall on either side, if they are fewer than ``FEW`` of the picture."""

FEW = 0.02

TOLERANCES = {
    "logits": NUMBERS,
    "difference_to_uncached_per_position": NUMBERS,
    "embedding": NUMBERS,
    "encoding": NUMBERS,
    "feed_forward_branch": NUMBERS,
    "attention_last_row": NUMBERS,
    "before_quantisation": NUMBERS,
    "quantised": NUMBERS,
    "reconstruction": PIXELS,
    "image": PIXELS,
    "image_before_threshold": PIXELS,
    "probability_map": PIXELS,
    "heatmap": PIXELS,
    "nucleus": PIXELS,
    "target": PIXELS,
    "threshold_1090_IQR": PIXELS,
    "threshold_none": PIXELS,
}
"""End of an array's name to the largest difference that is allowed; the longest end that fits counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Thresholded:
    """A picture of 0 and 1, and how far each of its pixels was from the threshold."""

    picture: np.ndarray
    distance: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What we have of an array: these rows of its first axis. (Not every picture was kept.)"""

    value: "np.ndarray | Thresholded"
    rows: list[int]


Value = np.ndarray | Thresholded | Rows


def compare(name: str, ours: Value, theirs: np.ndarray) -> float:
    """Return the largest difference, or raise an AssertionError that says where and how large it is."""
    if isinstance(ours, Rows):
        return compare(name, ours.value, theirs[ours.rows])
    if isinstance(ours, Thresholded):
        return _compare_thresholded(ours, theirs)
    _check_shape(ours, theirs)
    if theirs.dtype.kind in "iub":
        assert ours.dtype.kind in "iub", f"{ours.dtype} in place of integers"
        return _largest(np.abs(ours.astype(np.int64) - theirs.astype(np.int64)), allowed=0)
    for kind, ours_is, theirs_is in (
        ("NaN", np.isnan(ours), np.isnan(theirs)),
        ("the lowest number", ours == LOWEST, theirs == LOWEST),
    ):
        differ = np.count_nonzero(ours_is != theirs_is)
        assert not differ, f"{differ} elements are {kind} in one of the arrays only"
    ordinary = ~np.isnan(theirs) & (theirs != LOWEST)
    difference = np.abs(np.where(ordinary, ours, 0).astype(np.float64) - np.where(ordinary, theirs, 0))
    return _largest(difference, allowed=tolerance(name))


def allowed(name: str, theirs: np.ndarray) -> float:
    """Return by how much an array may differ: 0 for integers and threshold images."""
    binary = theirs.dtype.kind in "iub" or name.rpartition("threshold")[2] in ("", "_image", "_median", "_mean")
    return 0.0 if binary and not name.endswith("before_threshold") else tolerance(name)


def tolerance(name: str) -> float:
    """Return by how much an array of floats may differ."""
    ends = [end for end in TOLERANCES if name == end or name.endswith(f"_{end}")]
    assert ends, f"no tolerance is known for an array of the name {name!r}: add it to TOLERANCES"
    return TOLERANCES[max(ends, key=len)]


def perturbed(ours: Value, theirs: np.ndarray) -> list[np.ndarray]:
    """Return copies of the reference with one wrong element each: of each kind that the array has.

    An ordinary element changes by 1e-3, an integer by 1, NaN and the lowest number become 0. Of a threshold image only
    pixels that are far enough from the threshold are looked at, and so one of those is changed.
    """
    if isinstance(ours, Rows):
        copies = [theirs.copy() for _ in perturbed(ours.value, theirs[ours.rows])]
        for copy, part in zip(copies, perturbed(ours.value, theirs[ours.rows]), strict=True):
            copy[ours.rows] = part
        return copies
    rng = np.random.default_rng(0)
    if isinstance(ours, Thresholded):
        seen = np.broadcast_to(ours.distance > NEAR, theirs.shape)
        return [_changed(theirs, seen, 1 - theirs, rng)]
    if theirs.dtype.kind in "iub":
        return [_changed(theirs, np.ones(theirs.shape, bool), theirs + 1, rng)]
    nan, lowest = np.isnan(theirs), theirs == LOWEST
    copies = [_changed(theirs, kind, np.zeros_like(theirs), rng) for kind in (nan, lowest) if kind.any()]
    ordinary = ~nan & ~lowest
    return [*copies, _changed(theirs, ordinary, theirs + np.float32(1e-3), rng)] if ordinary.any() else copies


def _changed(theirs: np.ndarray, where: np.ndarray, to: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    place = tuple(rng.choice(np.argwhere(where)))
    copy = theirs.copy()
    copy[place] = to[place]
    return copy


def _compare_thresholded(ours: Thresholded, theirs: np.ndarray) -> float:
    _check_shape(ours.picture, theirs)
    seen = np.broadcast_to(ours.distance > NEAR, theirs.shape)
    unclear = 1 - seen.mean()
    assert unclear < FEW, f"{unclear:.1%} of the pixels are too near to the threshold to be compared"
    return _largest(np.abs(ours.picture.astype(np.float64) - theirs) * seen, allowed=0)


def _check_shape(ours: np.ndarray, theirs: np.ndarray) -> None:
    assert ours.shape == theirs.shape, f"shape {ours.shape}, expected {theirs.shape}"


def _largest(difference: np.ndarray, *, allowed: float) -> float:
    largest = float(difference.max(initial=0))
    if largest > allowed:
        place = tuple(int(i) for i in np.unravel_index(difference.argmax(), difference.shape))
        count = np.count_nonzero(difference > allowed)
        raise AssertionError(f"{count} of {difference.size} elements differ, by {largest:.3g} at {place}; {allowed=}")
    return largest
