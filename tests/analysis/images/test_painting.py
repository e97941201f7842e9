import numpy as np
import pytest
import torch

from napari_celle.analysis.images.painting import measure, paint, repaint
from napari_celle.analysis.images.samples import FramedPairs, KeptSamples, Sample
from napari_celle.errors import Cancelled
from napari_celle.models.registry import load_model
from napari_celle.predict import Predictor
from napari_celle.preprocess import RECIPES


def kept(count):
    """Samples of 8 x 8 pixels whose left half is bright, and a nucleus."""
    half = np.zeros((8, 8), bool)
    half[:, :4] = True
    samples = KeptSamples()
    for number in range(count):
        samples.keep(Sample(number + 1, "MK", half * 1, half * 1, half))
    return samples


def test_painters_are_measured_on_the_same_samples_each_read_once():
    seen, steps = [], []
    painters = {
        "right": lambda sample: (sample.threshold, sample.threshold * 1.0),
        "wrong": lambda sample: (~sample.threshold, ~sample.threshold * 1.0),
    }
    found = measure(
        painters,
        kept(2),
        on_sample=lambda sample, pictures: seen.append((sample.picture, tuple(pictures))),
        on_step=lambda *step: steps.append(step),
    )
    assert seen == [(1, ("right", "wrong")), (2, ("right", "wrong"))]
    assert steps[-1] == ("predicting", 2, 2)
    assert [record["iou"] for record in found["right"]] == [1, 1]
    assert [record["iou"] for record in found["wrong"]] == [0, 0]
    first = found["wrong"][0]
    about = ("picture", "residues", "nuclei_share", "true_fraction", "fraction")
    assert [first[name] for name in about] == [1, 2, 0.5, 1, 0]


def test_it_can_be_stopped():
    def stop(stage, done, total):
        raise Cancelled(f"{stage} {done}/{total}")

    with pytest.raises(Cancelled, match="predicting 1/2"):
        measure({}, kept(2), on_step=stop)


def test_a_model_paints_the_sample_as_it_is(pairs):
    model = load_model("tiny", device="cpu")
    sample = FramedPairs(pairs, model.info, RECIPES["percentile"], chosen=(0,)).read(0)
    asked = []

    class Recorder(Predictor):
        def __call__(self, request, on_step=None):
            asked.append(super().__call__(request, on_step))
            return asked[-1]

    threshold, heatmap = paint(Recorder(model, device="cpu"), sample, seed=2)
    assert (asked[0].scale, asked[0].sampling.seed) == (1, 2)
    np.testing.assert_array_equal(asked[0].nuclei, sample.nuclei)
    assert threshold.shape == heatmap.shape == sample.threshold.shape


class Echo:
    """Stands for a tokenizer that gives its pictures back, at 4 x 4 pixels."""

    def encode(self, pixels):
        assert pixels.shape == (1, 1, 4, 4)
        return pixels.flatten(1)

    def decode(self, ids):
        return ids.unflatten(1, (4, 4)) * 2 - torch.tensor(0.5)


def test_a_tokenizer_is_given_the_truth_padded_to_its_size():
    truth = np.array([[True, False, True]] * 2)
    sample = Sample(1, "MK", truth * 1, truth * 1, truth)
    threshold, heatmap = repaint(Echo(), sample, size=4, device="cpu")
    np.testing.assert_array_equal(threshold, truth)
    np.testing.assert_array_equal(heatmap, truth * 1.0)
