"""Figures of predicted pictures against the true ones: of each picture, and over many."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from napari_celle.metrics import (
    bootstrap,
    fraction_inside,
    iou,
    nuclear_accuracy,
    nucleus_proportion_accuracy,
    pdf_pixel_accuracy,
    pearson,
    ssim,
    threshold_pixel_accuracy,
)

Picture = tuple[np.ndarray, np.ndarray]
"""Threshold image, (Y, X) bool, and heat map, (Y, X) float in [0, 1]."""

FIGURES = (
    "nucleus_proportion_accuracy",
    "nucleus_proportion_accuracy_map",
    "nuclear_accuracy",
    "nuclear_accuracy_map",
    "threshold_pixel_accuracy",
    "pdf_pixel_accuracy_map",
    "ssim",
    "ssim_map",
    "iou",
    "pearson_map",
)
"""What :func:`picture_figures` measures; names in ``_map`` are of the heat map, the others of the threshold image."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure over pictures.

    Attributes
    ----------
    mean, sd : float
        Over the pictures that have it, the standard deviation that of these pictures themselves (as the papers: that of
        yes/no answers is the root of p (1 - p)). NaN where nothing is known.
    n : int or None
        Pictures that have it; None for what others published.
    interval : tuple of float or None
        95 % bootstrap interval of the mean.
    """

    mean: float
    sd: float
    n: int | None = None
    interval: tuple[float, float] | None = None

    def printed(self) -> str:
        """Return it as the papers print it, for example ``0.9396 ± 0.0535``; "" where there is none.

        A figure over pictures has four decimals, a published one no more than were published.

        Examples
        --------
        >>> Figure(0.9396, 0.05, n=3).printed(), Figure(0.94, 0.05).printed(), Figure(107.4147, float("nan")).printed()
        ('0.9396 ± 0.0500', '0.94 ± 0.05', '107.4147')
        """
        decimals = (f"{value:.4f}" for value in (self.mean, self.sd) if not np.isnan(value))
        return " ± ".join(text if self.n is not None else text.rstrip("0").rstrip(".") for text in decimals)


def nuclear_shares(picture: Picture, *, truth: np.ndarray, nuclei: np.ndarray) -> dict[str, float]:
    """Return the part inside the nuclei, in [0, 1], of the truth, the threshold image and the heat map.

    Arguments are those of :func:`picture_figures`; the names are ``true_fraction``, ``fraction`` and ``fraction_map``.
    """
    pictures = {"true_fraction": truth, "fraction": picture[0], "fraction_map": picture[1]}
    return {name: fraction_inside(each, nuclei) for name, each in pictures.items()}


def picture_figures(picture: Picture, *, truth: np.ndarray, nuclei: np.ndarray) -> dict[str, float]:
    """Measure one picture.

    Parameters
    ----------
    picture : tuple of np.ndarray
        Threshold image and heat map.
    truth : np.ndarray
        (Y, X) bool, the true threshold image.
    nuclei : np.ndarray
        (Y, X) bool or labels, the nuclei.

    Returns
    -------
    dict
        ``FIGURES`` by name. The nuclear accuracy is 1 where picture and truth lie on the same side of the papers' rule
        (nuclear if more than half is in the nuclei), else 0. NaN where a picture has no such figure.
    """
    threshold, heatmap = picture
    shares = nuclear_shares(picture, truth=truth, nuclei=nuclei)
    real = shares["true_fraction"]
    found = {"": shares["fraction"], "_map": shares["fraction_map"]}
    of_shares = {"nucleus_proportion_accuracy": nucleus_proportion_accuracy, "nuclear_accuracy": nuclear_accuracy}
    return {
        **{
            f"{name}{end}": metric(np.array([share]), np.array([real]))
            for name, metric in of_shares.items()
            for end, share in found.items()
        },
        "threshold_pixel_accuracy": threshold_pixel_accuracy(threshold, truth),
        "pdf_pixel_accuracy_map": pdf_pixel_accuracy(heatmap, truth),
        "ssim": ssim(threshold, truth),
        "ssim_map": ssim(heatmap, truth),
        "iou": iou(threshold, truth),
        "pearson_map": pearson(heatmap, truth),
    }


def summary(rows: Sequence[Mapping[str, float]], *, names: Iterable[str] = FIGURES, seed: int = 0) -> dict[str, Figure]:
    """Return mean, standard deviation and interval over pictures of the figures of these names.

    Parameters
    ----------
    rows : sequence of Mapping
        One of each picture; NaN is left out.
    names : iterable of str
        Of figures that every row has.
    seed : int
        Of the intervals.
    """
    return {name: _over_pictures(np.array([row[name] for row in rows], float), seed=seed) for name in names}


def _over_pictures(values: np.ndarray, *, seed: int) -> Figure:
    known = values[~np.isnan(values)]
    if not known.size:
        return Figure(float("nan"), float("nan"), n=0)
    interval = bootstrap(lambda drawn, _: float(drawn.mean()), known, known, rng=np.random.default_rng(seed))
    return Figure(float(known.mean()), float(known.std()), n=len(known), interval=interval)
