from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from napari_celle.ensemble import binary_entropy, predict_ensemble, spread_of
from napari_celle.errors import Cancelled, CelleError
from napari_celle.predict import Predictor
from napari_celle.simulate import draw_field
from napari_celle.types import PredictionRequest, SamplingOptions

DRAWS = 4


@pytest.fixture(scope="module")
def predictor():
    return Predictor.load("tiny", device="cpu")


@pytest.fixture(scope="module")
def request_():
    nucleus = draw_field(np.random.default_rng(3), size=300).nucleus
    sampling = SamplingOptions(seed=5, pdf="published")  # this map depends on the draws
    return PredictionRequest("MSKGEELFTGVVPILVELDGDVNGHKFS", nucleus, sampling=sampling, centre=(140, 160))


@pytest.fixture(scope="module")
def singles(predictor, request_):
    seeds = range(5, 5 + DRAWS)
    return [predictor(replace(request_, sampling=replace(request_.sampling, seed=seed))) for seed in seeds]


@pytest.fixture(scope="module")
def answer(predictor, request_):
    return predict_ensemble(predictor, request_, draws=DRAWS)


def test_mean_and_spread_are_those_of_single_predictions_with_these_seeds(answer, singles):
    assert answer.seeds == (5, 6, 7, 8)
    assert answer.window == singles[0].window
    maps, pictures = (np.stack([getattr(one, name) for one in singles]) for name in ("probability", "threshold"))
    np.testing.assert_allclose(answer.probability, maps.mean(0, dtype=float), rtol=1e-5)
    np.testing.assert_allclose(answer.spread, maps.std(0, ddof=1, dtype=float), rtol=1e-4, atol=1e-10)
    np.testing.assert_allclose(answer.frequency, pictures.mean(0), rtol=1e-6)
    np.testing.assert_array_equal(answer.threshold, pictures.sum(0) > DRAWS / 2)
    np.testing.assert_array_equal(answer.nuclei, singles[0].nuclei)
    assert answer.probability.sum(dtype=float) == pytest.approx(1, abs=1e-5)
    assert answer.spread.max() > 0


def test_the_pictures_have_the_types_that_they_promise(answer):
    for name in ("probability", "spread", "frequency", "entropy"):
        assert (getattr(answer, name).shape, getattr(answer, name).dtype) == ((256, 256), np.float32)
    assert (answer.threshold.dtype, answer.nuclei.dtype) == (np.uint8, np.int32)


def test_the_entropy_is_that_of_the_frequency(answer):
    expected = entropy(np.stack([answer.frequency, 1 - answer.frequency]), base=2, axis=0)
    np.testing.assert_allclose(answer.entropy, expected, atol=1e-6)
    assert set(np.unique(answer.frequency)) <= {0, 0.25, 0.5, 0.75, 1}
    assert answer.entropy.max() == 1


def test_the_fractions_are_those_of_the_maps_and_of_the_drawn_areas(answer, singles):
    assert answer.nuclear_fractions.tolist() == [one.nuclear_fraction for one in singles]
    areas = [one.threshold[one.nuclei > 0].sum() / one.threshold.sum() for one in singles]
    np.testing.assert_allclose(answer.drawn_fractions, areas)
    assert answer.nuclear_fraction == spread_of(answer.nuclear_fractions)
    assert answer.drawn_fraction == spread_of(answer.drawn_fractions)
    assert answer.drawn_fraction.low < answer.drawn_fraction.mean < answer.drawn_fraction.high


def test_the_maps_of_paper_do_not_depend_on_the_seed_and_a_note_says_so(predictor, request_, answer):
    paper = predict_ensemble(predictor, replace(request_, sampling=SamplingOptions()), draws=2)
    assert not paper.spread.any()
    assert paper.nuclear_fraction.sd == 0
    assert paper.drawn_fraction.sd > 0
    assert "the same for every seed" in paper.notes[-1]
    assert not any("the same for every seed" in note for note in answer.notes)


@pytest.mark.parametrize(
    ("asked", "temperature", "used"), [(None, None, 1.0), (0.0, None, 1.0), (0.7, None, 0.7), (0.0, 0.5, 0.5)]
)
def test_the_temperature_is_never_zero_and_a_note_tells_when_it_was_raised(
    predictor, request_, asked, temperature, used
):
    sampling = SamplingOptions(temperature=asked)
    found = predict_ensemble(predictor, replace(request_, sampling=sampling), draws=2, temperature=temperature)
    assert found.sampling == SamplingOptions(seed=0, steps=2, temperature=used, pdf="paper")
    assert any("Drawn at temperature 1" in note for note in found.notes) == (asked == 0 and temperature is None)
    assert 0 < found.frequency.mean() < 1


@pytest.mark.parametrize(
    ("options", "text"),
    [({"draws": 1}, "at least 2"), ({"temperature": 0.0}, "all draws are the same"), ({"temperature": -1.0}, "is -1")],
    ids=["draws", "zero", "negative"],
)
def test_an_ensemble_that_makes_no_sense_is_refused_in_words(predictor, request_, options, text):
    with pytest.raises(CelleError, match=text):
        predict_ensemble(predictor, request_, **options)


def test_progress_counts_the_draws_and_cancel_is_heard_within_one(predictor, request_):
    steps = []

    def stop(*step):
        steps.append(step)
        if step[0] == "drawing samples" and step[1] == 1 and len(steps) > 12:
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        predict_ensemble(predictor, request_, stop, draws=3)
    assert steps[0] == ("finding nuclei", 0, 1)
    assert steps[-1] == ("drawing samples", 1, 3)
    assert [done for _, done, _ in steps[1:]] == sorted(done for _, done, _ in steps[1:])


@given(st.floats(0, 1))
def test_entropy_is_symmetric_and_between_no_and_one_bit(frequency):
    bits = binary_entropy(np.array([frequency, 1 - frequency]))
    assert 0 <= bits[0] <= 1
    assert bits[0] == pytest.approx(bits[1], abs=1e-9)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_the_spread_of_numbers_lies_within_them(numbers):
    found = spread_of(numbers)
    assert min(numbers) - 1e-12 <= found.low <= found.high <= max(numbers) + 1e-12
    assert found.mean == pytest.approx(np.mean(numbers))
    assert found.sd == pytest.approx(np.std(numbers, ddof=1), abs=1e-12)


def test_numbers_that_are_none_do_not_count():
    assert spread_of([0.5, float("nan"), 0.5]).sd == 0
    assert np.isnan(spread_of([0.5]).sd)
    assert np.isnan([spread_of([float("nan")]).mean, spread_of([]).low]).all()
