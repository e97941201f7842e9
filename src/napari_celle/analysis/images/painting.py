"""What paints a picture of a protein in given cells: a model, its image tokenizer, a baseline; and what is measured."""

from collections.abc import Callable, Mapping

import numpy as np
import torch

from napari_celle.analysis.images.baselines import Baseline
from napari_celle.analysis.images.pictures import Picture, nuclear_shares, picture_figures
from napari_celle.analysis.images.samples import Sample, Samples
from napari_celle.drawing import PRESENT
from napari_celle.models.tokenizer import ImageTokenizer
from napari_celle.predict import Predictor
from napari_celle.types import OnStep, PredictionRequest, SamplingOptions

Painter = Callable[[Sample], Picture]
"""From a sample to the picture that is measured against its truth."""

Record = dict[str, float]
"""Of one picture: ``picture``, ``residues``, ``nuclei_share`` (of all pixels), nuclear shares and figures, by name."""


def paint(predictor: Predictor, sample: Sample, *, seed: int = 0) -> Picture:
    """Return what a model predicts; the sample is in its pixels already, so nothing is resampled."""
    answer = predictor(
        PredictionRequest(
            sequence=sample.sequence,
            nucleus=sample.nucleus,
            sampling=SamplingOptions(seed=seed),
            pixel_size_um=predictor.info.pixel_size_um,
            nuclei=sample.nuclei,
        )
    )
    return answer.threshold > 0, answer.heatmap


@torch.inference_mode()
def repaint(tokenizer: ImageTokenizer, sample: Sample, *, size: int, device: str) -> Picture:
    """Return the true threshold image through a tokenizer of threshold images: no model that uses it can do better.

    It is the row "VQGAN" of the papers. ``size`` is the edge of the tokenizer's pictures in pixels.
    """
    height, width = sample.threshold.shape
    whole = np.zeros((size, size), np.float32)
    whole[:height, :width] = sample.threshold
    ids = tokenizer.encode(torch.from_numpy(whole).to(device)[None, None])
    drawn = tokenizer.decode(ids)[0].float().clamp(0, 1).cpu().numpy()[:height, :width]
    return drawn > PRESENT, drawn


def baseline_painter(baseline: Baseline) -> Painter:
    """Return what paints a baseline, which sees the nuclei and nothing else."""
    return lambda sample: baseline(sample.nuclei > 0)


def measure(
    painters: Mapping[str, Painter],
    samples: Samples,
    *,
    on_sample: Callable[[Sample, Mapping[str, Picture]], None] | None = None,
    on_step: OnStep | None = None,
) -> dict[str, tuple[Record, ...]]:
    """Measure painters on samples, each of which is read once.

    Parameters
    ----------
    painters : Mapping of str to callable
        By name.
    samples : Samples
        One or more.
    on_sample : callable or None
        Given each sample and the pictures of all painters.
    on_step : callable or None
        Told after each sample; may raise to stop.

    Returns
    -------
    dict
        For each painter one record a picture.
    """
    records: dict[str, list[Record]] = {name: [] for name in painters}
    for index in range(len(samples)):
        sample = samples.read(index)
        pictures = {name: painter(sample) for name, painter in painters.items()}
        for name, picture in pictures.items():
            records[name].append(record(picture, sample))
        if on_sample is not None:
            on_sample(sample, pictures)
        if on_step is not None:
            on_step("predicting", index + 1, len(samples))
    return {name: tuple(each) for name, each in records.items()}


def record(picture: Picture, sample: Sample) -> Record:
    """Return all that is measured of one picture."""
    known = {"truth": sample.threshold, "nuclei": sample.nuclei}
    return {
        "picture": sample.picture,
        "residues": len(sample.sequence),
        "nuclei_share": float((sample.nuclei > 0).mean()),
        **nuclear_shares(picture, **known),
        **picture_figures(picture, **known),
    }
