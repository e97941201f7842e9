"""Figures of all predicted pictures at once: how far, as a set, they are from the true ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from torch import nn

from napari_celle.analysis.evaluate import inception_outputs, vqgan_features
from napari_celle.analysis.images.pictures import Figure, Picture
from napari_celle.analysis.images.samples import KeptSamples, Sample
from napari_celle.metrics import frechet_distance, inception_score
from napari_celle.models.tokenizer import ImageTokenizer

SET_FIGURES = ("frechet_distance", "fid", "inception_score")
"""Distance by the model's own image tokenizer, by the Inception network, and the Inception score."""


@dataclass(frozen=True, slots=True, eq=False)
class Collected:
    """Samples, and the threshold images that were painted of them.

    Attributes
    ----------
    samples : KeptSamples
        What is known of each.
    painted : dict of str to (list of np.ndarray)
        Name of a painter to its threshold images, (Y, X) bool.
    """

    samples: KeptSamples = field(default_factory=KeptSamples)
    painted: dict[str, list[np.ndarray]] = field(default_factory=dict)

    def add(self, sample: Sample, pictures: Mapping[str, Picture]) -> None:
        """Take a sample and what was painted of it."""
        self.samples.keep(sample)
        self.add_pictures(sample, pictures)

    def add_pictures(self, sample: Sample, pictures: Mapping[str, Picture]) -> None:
        """Take what else was painted of a sample that is kept already."""
        for name, (threshold, _) in pictures.items():
            self.painted.setdefault(name, []).append(threshold)


def set_figures(
    collected: Collected,
    tokenizer: ImageTokenizer,
    *,
    size: int,
    device: str,
    inception: nn.Module | None = None,
    seed: int = 0,
) -> dict[str, dict[str, Figure]]:
    """Return the ``SET_FIGURES`` of all painters by name, without those of the Inception network where it is None.

    Parameters
    ----------
    collected : Collected
        One or more samples; distances of fewer than two are NaN.
    tokenizer : ImageTokenizer
        The model's, of protein pictures; distances by different tokenizers cannot be compared.
    size : int
        Edge of its pictures in pixels.
    device : str
        Where tokenizer and Inception network lie.
    inception : nn.Module or None
        From ``analysis.evaluate.load_inception``.
    seed : int
        Of the parts of the Inception score.
    """
    truth = _stacked([sample.threshold for sample in collected.samples.kept], size)
    painted = {name: _stacked(pictures, size) for name, pictures in collected.painted.items()}
    features = vqgan_features(truth, tokenizer, device=device)
    found = {
        name: {"frechet_distance": _exact(frechet_distance(vqgan_features(each, tokenizer, device=device), features))}
        for name, each in painted.items()
    }
    if inception is None:
        return found
    real = inception_outputs(truth, inception, device=device)
    for name, each in painted.items():
        ours = inception_outputs(each, inception, device=device)
        score, deviation = inception_score(ours.probabilities, rng=np.random.default_rng(seed))
        found[name]["fid"] = _exact(frechet_distance(ours.features, real.features))
        found[name]["inception_score"] = Figure(score, deviation)
    return found


def _exact(value: float) -> Figure:
    """Return a figure that is one number, not a mean."""
    return Figure(value, float("nan"))


def _stacked(pictures: Sequence[np.ndarray], size: int) -> np.ndarray:
    """Return pictures as (N, size, size) bool, dark where a window was smaller."""
    stack = np.zeros((len(pictures), size, size), bool)
    for whole, picture in zip(stack, pictures, strict=True):
        whole[: picture.shape[0], : picture.shape[1]] = picture
    return stack
