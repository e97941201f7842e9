import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_celle.drawing import Drawn
from napari_celle.errors import Cancelled, CelleError, DeviceError, ImageError, SequenceError
from napari_celle.field import predict_field
from napari_celle.field_types import FieldRequest
from napari_celle.framing import NEIGHBOURHOOD
from napari_celle.predict import Predictor
from napari_celle.simulate import draw_field
from napari_celle.types import PredictionRequest, SamplingOptions, Window

GFP = "MSKGEELFTGVVPILVELDGDVNGHKFSVSGEGEGDATYGKLTLKFICTTGKLPVPWPTLVTTFSYGVQCFSRY"


@pytest.fixture(scope="module")
def predictor():
    return Predictor.load("tiny", device="cpu")


@pytest.fixture(scope="module")
def nucleus():
    return draw_field(np.random.default_rng(3), size=400).nucleus


@pytest.fixture(scope="module")
def answer(predictor, nucleus):
    return predict_field(predictor, FieldRequest(GFP, nucleus))


def draw_even(network, residues, pixels, *, options, device, stages, on_sketch=None):
    """Stands in for a network that draws the same brightness everywhere."""
    stages.enter("placing the protein")
    stages.tell(1, 2)
    return Drawn(
        np.zeros((16, 16), np.int64), np.ones(pixels.shape, np.uint8), np.full(pixels.shape, 0.25, np.float32), None
    )


@pytest.fixture
def even(monkeypatch):
    monkeypatch.setattr("napari_celle.predict.draw", draw_even)


class Lazy:
    """An array that is read only by slices, and keeps in mind which pixels were."""

    def __init__(self, array):
        self.shape, self.dtype, self._array, self.read = array.shape, array.dtype, array, np.zeros(array.shape, bool)

    def __getitem__(self, index):
        assert len(index) == 2
        assert all(isinstance(part, slice) for part in index)
        self.read[index] = True
        return self._array[index]


def discs(shape, places, diameter=60):
    """(Y, X) int32 labels, 1 and on, of discs around (y, x) places, cut at the border."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    labels = np.zeros(shape, np.int32)
    for label, (cy, cx) in enumerate(places, start=1):
        labels[np.hypot(y - cy, x - cx) < diameter / 2] = label
    return labels


def test_a_field_holds_pictures_of_all_of_it_and_a_map_that_sums_to_one(answer):
    for picture, dtype in (
        (answer.threshold, np.uint8),
        (answer.probability, np.float32),
        (answer.heatmap, np.float32),
        (answer.covered, bool),
        (answer.nuclei, np.int32),
    ):
        assert (picture.shape, picture.dtype) == ((400, 400), dtype)
        assert np.isfinite(picture).all()
    assert answer.window == Window(0, 0, 400, 400)
    assert answer.probability.min() >= 0
    assert answer.probability.sum(dtype=float) == pytest.approx(1, abs=1e-5)
    assert answer.nuclear_fraction == pytest.approx(answer.probability[answer.nuclei > 0].sum(dtype=float))
    assert set(np.unique(answer.threshold)) <= {0, 1}
    assert len(answer.windows) > 1


def test_every_nucleus_has_a_result_with_its_label_and_a_predicted_window_that_shows_it(answer):
    assert [result.label for result in answer.results] == [label for label in np.unique(answer.nuclei) if label]
    for result in answer.results:
        assert result.window in answer.windows
        seen = (answer.nuclei == result.label)[result.window.slices]
        assert seen.sum() == (answer.nuclei == result.label).sum()
        assert 0 <= result.nuclear_fraction <= 1
        assert result.seconds > 0


@pytest.mark.parametrize("windows", ["cover", "each"])
def test_a_field_of_one_window_is_what_the_predictor_answers(predictor, nucleus, windows):
    image, sampling = nucleus[:256, :256], SamplingOptions(seed=4)
    alone = predictor(PredictionRequest(GFP, image, sampling=sampling))
    field = predict_field(predictor, FieldRequest(GFP, image, sampling=sampling, windows=windows))
    np.testing.assert_array_equal(field.threshold, alone.threshold)
    np.testing.assert_array_equal(field.nuclei, alone.nuclei)
    np.testing.assert_allclose(field.heatmap, alone.heatmap, rtol=1e-5)
    np.testing.assert_allclose(field.probability, alone.probability, rtol=1e-4)
    for name in ("sampling", "residues", "scale", "model", "weights_sha256", "device", "faithful", "notes"):
        assert getattr(field, name) == getattr(alone, name)
    assert {result.nuclear_fraction for result in field.results} == {alone.nuclear_fraction}


def test_one_seed_gives_one_answer(predictor, nucleus, answer):
    again = predict_field(predictor, FieldRequest(GFP, nucleus))
    other = predict_field(predictor, FieldRequest(GFP, nucleus, sampling=SamplingOptions(seed=1)))
    np.testing.assert_array_equal(again.probability, answer.probability)
    assert (other.threshold != answer.threshold).any()


@settings(max_examples=15)
@given(
    shape=st.tuples(st.integers(200, 500), st.integers(200, 500)),
    places=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=6),
    windows=st.sampled_from(["cover", "each"]),
)
def test_wherever_nuclei_lie_each_is_covered_and_even_maps_stay_even(predictor, shape, places, windows):
    labels = discs(shape, [(y * (shape[0] - 1), x * (shape[1] - 1)) for y, x in places])
    image = np.random.default_rng(0).random(shape, np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("napari_celle.predict.draw", draw_even)
        field = predict_field(predictor, FieldRequest(GFP, image, nuclei=labels, windows=windows))
    assert field.covered[labels > 0].all()
    np.testing.assert_allclose(field.heatmap, np.where(field.covered, 0.25, 0), atol=1e-6)
    np.testing.assert_allclose(field.probability[field.covered], 1 / field.covered.sum(), rtol=1e-4)
    np.testing.assert_array_equal(field.threshold, field.covered)
    assert {result.label for result in field.results} == set(np.unique(labels)) - {0}


@pytest.mark.usefixtures("even")
def test_of_lazy_images_only_the_windows_are_read(predictor):
    image, labels = Lazy(np.random.default_rng(0).random((2000, 3000), np.float32)), discs((2000, 3000), [(900, 1500)])
    field = predict_field(predictor, FieldRequest(GFP, image, nuclei=Lazy(labels)))
    expected = np.zeros(image.shape, bool)
    for window in field.windows:
        expected[window.slices] = True
    np.testing.assert_array_equal(image.read, expected)
    assert expected.sum() == 256 * 256
    assert field.notes[-1].startswith("98.9% of the field")


@pytest.mark.usefixtures("even")
@pytest.mark.parametrize("given_labels", [True, False])
def test_a_region_reads_what_windows_around_its_nuclei_can_see_and_no_more(predictor, given_labels):
    labels = discs((2600, 2600), [(1300, 1300), (1420, 1290), (100, 100)])
    image, nuclei, region = Lazy((labels > 0).astype(np.uint8) * 200), Lazy(labels), Window(1250, 1200, 120, 200)
    field = predict_field(predictor, FieldRequest(GFP, image, nuclei=nuclei if given_labels else None, region=region))
    rows, columns = (np.flatnonzero((image.read | nuclei.read).any(axis)) for axis in (1, 0))
    assert region.y - NEIGHBOURHOOD // 2 <= rows[0] < rows[-1] < region.y + region.height + NEIGHBOURHOOD // 2
    assert region.x - NEIGHBOURHOOD // 2 <= columns[0] < columns[-1] < region.x + region.width + NEIGHBOURHOOD // 2
    assert field.window == region
    assert field.nuclei.shape == field.probability.shape == (120, 200)
    assert len(field.results) == 1
    assert field.windows == (Window(1173, 1173, 256, 256),)
    assert ((field.nuclei > 0) == (labels[region.slices] > 0)).mean() > 0.97


@pytest.mark.usefixtures("even")
def test_the_scale_is_one_for_the_field_and_comes_from_all_its_nuclei(predictor):
    labels = discs((300, 300), [(y, x) for y in range(20, 300, 40) for x in range(20, 300, 40)], diameter=15)
    labels[200:260, 200:260] = 1000  # one large nucleus does not matter
    request = FieldRequest(GFP, np.random.default_rng(0).random((300, 300), np.float32), nuclei=labels)
    field = predict_field(predictor, request)
    typical = predictor.info.nucleus_diameter_px[1]
    assert field.scale == pytest.approx(typical / 15, rel=0.05)
    assert {window.height for window in field.windows} == {round(256 / field.scale)}
    assert "resampled" in field.notes[0]


def test_an_image_without_nuclei_is_an_error_that_says_what_to_do(predictor):
    request = FieldRequest(
        GFP, np.random.default_rng(0).random((300, 300), np.float32), nuclei=np.zeros((300, 300), int)
    )
    with pytest.raises(ImageError, match=r"No nucleus was found in the field.*draw the nuclei"):
        predict_field(predictor, request)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"region": Window(350, 0, 100, 100)}, "does not lie inside"),
        ({"region": Window(0, -1, 100, 100)}, "does not lie inside"),
        ({"region": Window(0, 0, 0, 100)}, "does not lie inside"),
        ({"nuclei": np.zeros((400, 300), int)}, r"nuclei have shape \(400, 300\)"),
        ({"nucleus": np.zeros((3, 400, 400))}, "3 axes"),
        ({"nucleus": Lazy(np.broadcast_to(np.uint8(0), (20_000, 20_000)))}, "Choose a region"),
        ({"nucleus_diameter_px": -1.0}, "nucleus diameter is -1"),
    ],
    ids=["beyond", "before", "empty", "labels", "stack", "large", "size"],
)
def test_a_field_that_cannot_be_predicted_is_refused_in_words(predictor, nucleus, changes, text):
    with pytest.raises(ImageError, match=text):
        predict_field(predictor, FieldRequest(**{"sequence": GFP, "nucleus": nucleus, **changes}))


def test_a_wrong_letter_is_said_before_the_image_is_read(predictor, nucleus):
    image = Lazy(nucleus)
    with pytest.raises(SequenceError, match=r"^(?!Nucleus)"):
        predict_field(predictor, FieldRequest("MK1LL", image))
    assert not image.read.any()


def test_an_error_names_the_nucleus_whose_window_failed_and_keeps_its_kind(predictor, monkeypatch):
    labels = discs((300, 700), [(150, 150), (150, 550)])
    calls = []

    def run_out(network, residues, pixels, **others):
        calls.append(pixels)
        if len(calls) == 2:
            raise DeviceError("cuda:0 ran out of memory.")
        return draw_even(network, residues, pixels, **others)

    monkeypatch.setattr("napari_celle.predict.draw", run_out)
    image = np.random.default_rng(0).random(labels.shape, np.float32)
    with pytest.raises(DeviceError, match=r"^Nucleus 2 \(y 150, x 550\): cuda:0 ran out of memory"):
        predict_field(predictor, FieldRequest(GFP, image, nuclei=labels))


def test_maps_that_are_not_numbers_are_not_put_together(predictor, nucleus, monkeypatch):
    def not_a_number(network, residues, pixels, **others):
        drawn = draw_even(network, residues, pixels, **others)
        drawn.heatmap[3, 3] = np.nan
        return drawn

    monkeypatch.setattr("napari_celle.predict.draw", not_a_number)
    with pytest.raises(CelleError, match=r"^Nucleus \d+: The probability map is not a number"):
        predict_field(predictor, FieldRequest(GFP, nucleus))


def test_a_field_in_which_the_model_sees_no_protein_has_an_even_map(predictor, nucleus, monkeypatch):
    def dark(network, residues, pixels, **others):
        drawn = draw_even(network, residues, pixels, **others)
        drawn.heatmap[:] = 0
        return drawn

    monkeypatch.setattr("napari_celle.predict.draw", dark)
    field = predict_field(predictor, FieldRequest(GFP, nucleus))
    np.testing.assert_allclose(field.probability, field.covered / field.covered.sum(), rtol=1e-5)


@pytest.mark.parametrize("calls", [1, 4, 9])
def test_cancel_is_heard_between_and_within_windows(predictor, nucleus, calls):
    steps = []

    def stop(*step):
        steps.append(step)
        if len(steps) > calls:
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled, match=r"^Cancelled\.$"):
        predict_field(predictor, FieldRequest(GFP, nucleus), stop)
    assert len(steps) == calls + 1


def test_progress_counts_the_windows_and_never_goes_back(predictor, nucleus):
    steps = []
    field = predict_field(predictor, FieldRequest(GFP, nucleus), lambda *step: steps.append(step))
    stages = list(dict.fromkeys(stage for stage, _, _ in steps))
    assert stages == ["finding nuclei", "predicting the windows", "putting the windows together"]
    assert list(field.timings) == stages
    done = [done for stage, done, total in steps if stage == stages[1]]
    assert done == sorted(done)
    assert set(done) == set(range(len(field.windows)))
    assert len(done) > 3 * len(field.windows)
