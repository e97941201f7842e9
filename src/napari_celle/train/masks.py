"""How much is masked, and where: the mask schedules of CELL-E 2 and sequence dropout."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from napari_celle.errors import CelleError

MOST_RESIDUES = 0.15
"""Largest share of a protein's residues that the schedule "scaled-cosine" masks, as in the training of BERT and ESM."""


def cosine(time: np.ndarray) -> np.ndarray:
    """Return shares in [0, 1] of times (B,) in [0, 1]: cos(time * pi / 2), mostly many (MaskGIT, Chang et al. 2022).

    Examples
    --------
    >>> cosine(np.array([0.0, 0.5, 1.0])).round(2).tolist()
    [1.0, 0.71, 0.0]
    """
    return np.cos(time * np.pi / 2)


def scaled_cosine(time: np.ndarray) -> np.ndarray:
    """Return 0.15 * :func:`cosine` of times (B,): never more than 15 %, about a tenth on average."""
    return MOST_RESIDUES * cosine(time)


SCHEDULES: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {"cosine": cosine, "scaled-cosine": scaled_cosine}
"""From a time, drawn evenly from [0, 1) for each sample, to the share that is masked.

The authors' code masks protein codes by "cosine" and residues by "scaled-cosine" (its ``gamma_func``, whose scale is
0.15); it draws one time a batch and masks padding like residues, which is mended here.
"""


@dataclass(frozen=True, slots=True)
class Masking:
    """What a masked model has to find.

    Attributes
    ----------
    image, residues : str
        Schedules of the protein codes and of the residues: names in ``SCHEDULES``.
    no_sequence : float
        Share of the samples in which all residues are masked, so that the model also knows what to draw without a
        sequence.
    whole_sequence : float
        Share in which none is masked; the image is then found from the sequence as it is.
    no_image : float
        Share in which all protein codes are masked, as at the start of a prediction.
    """

    image: str = "cosine"
    residues: str = "scaled-cosine"
    no_sequence: float = 0.05
    whole_sequence: float = 0.0
    no_image: float = 0.0

    def __post_init__(self) -> None:
        for name in (self.image, self.residues):
            if name not in SCHEDULES:
                raise CelleError(f"There is no mask schedule {name!r}. Choose from {', '.join(SCHEDULES)}.")
        shares = {name: share for name, share in asdict(self).items() if isinstance(share, int | float)}
        if not all(0 <= share <= 1 for share in shares.values()) or self.no_sequence + self.whole_sequence > 1:
            raise CelleError(f"The shares of samples {shares} must be from 0 to 1, and a sample is masked in one way.")


def mask_places(allowed: np.ndarray, shares: np.ndarray, rng: np.random.Generator, *, least: int = 0) -> np.ndarray:
    """Choose places at random.

    Parameters
    ----------
    allowed : np.ndarray
        (B, N) bool, where there may be a mask.
    shares : np.ndarray
        (B,) of the allowed places of each row, in [0, 1]; rounded down.
    rng : np.random.Generator
        For the choice.
    least : int
        At least so many in each row, as far as there are any.

    Returns
    -------
    np.ndarray
        (B, N) bool.

    Examples
    --------
    >>> int(mask_places(np.ones((1, 8), bool), np.array([0.3]), np.random.default_rng(0)).sum())
    2
    """
    count = np.maximum(least, np.floor(shares * allowed.sum(1)))  # (B,)
    order = np.where(allowed, rng.random(allowed.shape), 2.0)  # what is not allowed comes last
    rank = order.argsort(1).argsort(1)  # (B, N)
    return allowed & (rank < count[:, None])


def mask_image(shape: tuple[int, int], masking: Masking, rng: np.random.Generator) -> np.ndarray:
    """Return which protein codes are masked, (B, 256) bool: at least one of each sample."""
    shares = SCHEDULES[masking.image](rng.random(shape[0]))
    shares = np.where(rng.random(shape[0]) < masking.no_image, 1.0, shares)
    return mask_places(np.ones(shape, bool), shares, rng, least=1)


def mask_sequence(residues: np.ndarray, masking: Masking, rng: np.random.Generator) -> np.ndarray:
    """Return which residues are masked, (B, L) bool; ``residues`` (B, L) bool is False at padding and the like."""
    shares = SCHEDULES[masking.residues](rng.random(len(residues)))
    way = rng.random(len(residues))  # in [0, no_sequence) dropped, in [1 - whole_sequence, 1) whole
    shares = np.where(way < masking.no_sequence, 1.0, np.where(way >= 1 - masking.whole_sequence, 0.0, shares))
    return mask_places(residues, shares, rng)
