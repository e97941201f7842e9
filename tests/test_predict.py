import numpy as np
import pytest
import torch

from napari_celle.errors import Cancelled, CelleError, DeviceError, ImageError, SequenceError, WeightsError
from napari_celle.framing import find_frame
from napari_celle.image import check_plane
from napari_celle.predict import DEFAULT_MODEL, Predictor, available_models
from napari_celle.simulate import draw_field
from napari_celle.types import PredictionRequest, SamplingOptions

GFP = "MSKGEELFTGVVPILVELDGDVNGHKFSVSGEGEGDATYGKLTLKFICTTGKLPVPWPTLVTTFSYGVQCFSRYPDHMKQHDFFKSAMPEGYVQERTIFFKDDGNYKTRAE"


@pytest.fixture(scope="module")
def predictor():
    return Predictor.load("tiny", device="cpu")


@pytest.fixture(scope="module")
def nucleus():
    return draw_field(np.random.default_rng(3), size=256).nucleus


def request(nucleus, **changes):
    return PredictionRequest(**{"sequence": GFP[:90], "nucleus": nucleus, **changes})


def test_a_prediction_holds_pictures_of_the_window_and_a_map_that_sums_to_one(predictor, nucleus):
    answer = predictor(request(nucleus))
    for picture, dtype in (
        (answer.threshold, np.uint8),
        (answer.probability, np.float32),
        (answer.heatmap, np.float32),
        (answer.nuclei, np.int32),
    ):
        assert (picture.shape, picture.dtype) == ((256, 256), dtype)
    assert answer.probability.min() >= 0
    assert answer.probability.sum(dtype=float) == pytest.approx(1, abs=1e-5)
    assert 0 <= answer.heatmap.min() <= answer.heatmap.max() <= 1
    assert set(np.unique(answer.threshold)) <= {0, 1}
    assert answer.tokens.shape == (16, 16)
    assert answer.device == "cpu"
    assert answer.nuclear_fraction == pytest.approx(answer.probability[answer.nuclei > 0].sum(dtype=float))
    assert 0 < answer.nuclear_fraction < 1


def test_one_seed_gives_one_answer_and_another_seed_other_tokens(predictor, nucleus):
    answers = [predictor(request(nucleus, sampling=SamplingOptions(seed=seed))) for seed in (5, 5, 6)]
    np.testing.assert_array_equal(answers[0].tokens, answers[1].tokens)
    np.testing.assert_array_equal(answers[0].probability, answers[1].probability)
    assert (answers[0].tokens != answers[2].tokens).any()


def test_the_defaults_of_the_model_are_written_down(predictor, nucleus):
    used = predictor(request(nucleus, sampling=SamplingOptions(seed=1, top_k=4))).sampling
    assert used == SamplingOptions(seed=1, steps=2, temperature=1.0, top_k=4, pdf="paper")


@pytest.mark.parametrize("shape", [(300, 400), (150, 500), (90, 80)], ids=["larger", "flat", "smaller"])
def test_any_size_of_image_is_answered_in_its_own_pixels(predictor, nucleus, shape):
    image = np.pad(nucleus, ((0, 144), (0, 244)), mode="reflect")[: shape[0], : shape[1]]
    answer = predictor(request(image))
    expected = image[answer.window.slices].shape
    assert answer.probability.shape == answer.nuclei.shape == answer.threshold.shape == expected
    assert answer.probability.sum(dtype=float) == pytest.approx(1, abs=1e-5)


def test_a_frame_that_is_known_already_is_not_looked_for_again(predictor, nucleus):
    image = np.pad(nucleus, 200, mode="reflect")
    frame = find_frame(request(image, centre=(300, 300)), check_plane(image), predictor.info)
    known, found = predictor(request(image), frame=frame), predictor(request(image, centre=(300, 300)))
    assert known.window == found.window
    np.testing.assert_array_equal(known.probability, found.probability)
    assert known.notes == frame.notes


def test_the_window_follows_the_centre_and_stays_inside(predictor, nucleus):
    image = np.pad(nucleus, 200, mode="reflect")
    window = predictor(request(image, centre=(0, 655))).window
    assert (window.y, window.x, window.height, window.width) == (0, 400, 256, 256)


@pytest.mark.parametrize(
    ("given", "expected"),
    [({"pixel_size_um": 0.1}, 0.5), ({"nucleus_diameter_px": 30.0}, 2.0)],
    ids=["pixel", "nucleus"],
)
def test_the_image_is_resampled_by_pixel_size_or_nucleus_diameter(predictor, nucleus, given, expected):
    image = np.pad(nucleus, 200, mode="reflect")
    answer = predictor(request(image, **given))
    assert answer.scale == pytest.approx(expected)
    assert answer.window.height == round(256 / expected)
    assert any("resampled" in note for note in answer.notes)


def test_nuclei_far_too_small_are_enlarged_without_being_asked(predictor, nucleus):
    answer = predictor(request(nucleus[::5, ::5].repeat(1, axis=0)))
    assert answer.scale > 2


def test_the_users_own_nuclei_are_the_mask(predictor, nucleus):
    mask = np.zeros((256, 256), np.uint8)
    mask[100:160, 50:110] = 3
    answer = predictor(request(nucleus, nuclei=mask))
    np.testing.assert_array_equal(answer.nuclei, mask)
    assert answer.nuclear_fraction == pytest.approx(answer.probability[100:160, 50:110].sum(dtype=float))


def test_any_dtype_and_range_give_the_same_answer(predictor, nucleus):
    counts = np.round(nucleus * 50).astype(np.uint16)
    base = predictor(request(counts.astype(float)))
    for image in (counts, counts.astype(np.float32) * 7 - 300, counts.astype(np.int32)):
        np.testing.assert_array_equal(predictor(request(image)).tokens, base.tokens)


def test_a_sequence_longer_than_the_window_is_read_in_part_and_said_so(predictor, nucleus):
    answer = predictor(request(nucleus, sequence="M" + "AKLV" * 60, first_residue=20))
    assert answer.residues == (20, 120)
    assert "21-120 of 241" in answer.notes[0]


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"sequence": ""}, SequenceError, "empty"),
        ({"sequence": "MSK3GE"}, SequenceError, "3"),
        ({"sequence": "ATGGCGTACGATCGATCGATCGATGCA"}, SequenceError, "DNA"),
        ({"sequence": "MK" * 20_001}, SequenceError, "40,000"),
        ({"first_residue": 90}, SequenceError, "first residue"),
        ({"nucleus": np.ones((64, 64))}, ImageError, "constant"),
        ({"nucleus": np.full((64, 64), np.nan)}, ImageError, "NaN"),
        ({"nucleus": np.zeros((64, 64, 3), np.uint8)}, ImageError, "RGB"),
        ({"nucleus": np.zeros((5, 64, 64))}, ImageError, "plane"),
        ({"nuclei": np.zeros((3, 3), int)}, ImageError, "shape"),
        ({"centre": (900, 5)}, ImageError, "outside"),
        ({"pixel_size_um": -1.0}, CelleError, "pixel size"),
        ({"nucleus_diameter_px": 0.0}, CelleError, "nucleus diameter"),
        ({"nucleus_diameter_px": 4000.0}, CelleError, "window"),
        ({"sampling": SamplingOptions(steps=0)}, CelleError, "steps"),
        ({"sampling": SamplingOptions(temperature=-1)}, CelleError, "temperature"),
        ({"sampling": SamplingOptions(top_k=-1)}, CelleError, "top_k"),
        ({"sampling": SamplingOptions(pdf="guess")}, CelleError, "paper, published"),
    ],
)
def test_bad_input_is_named(predictor, nucleus, changes, error, text):
    if "4000" in str(changes.get("nucleus_diameter_px", "")):
        nucleus = np.pad(nucleus, 700, mode="reflect")
    with pytest.raises(error, match=text):
        predictor(request(**{"nucleus": nucleus, **changes}))


def test_cancelling_is_possible_between_layers_and_between_steps(predictor, nucleus):
    told = []

    def on_step(stage, done, total):
        told.append((stage, done, total))
        if len([name for name, *_ in told if name == "placing the protein"]) == 3:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        predictor(request(nucleus), on_step)
    assert told[-1] == ("placing the protein", 2, 4)
    assert [stage for stage, *_ in told][:2] == ["reading the sequence", "finding nuclei"]


def test_every_stage_is_timed(predictor, nucleus):
    timings = predictor(request(nucleus)).timings
    assert {"finding nuclei", "encoding the nucleus", "placing the protein", "drawing the picture"} <= set(timings)
    assert all(seconds >= 0 for seconds in timings.values())


def test_running_out_of_memory_is_told_in_words(predictor, nucleus, monkeypatch):
    def full(*args, **kwargs):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 178 GiB")

    monkeypatch.setattr(predictor._network.nucleus, "encode", full)
    with pytest.raises(DeviceError, match="ran out of memory"):
        predictor(request(nucleus))


def test_a_bug_is_not_dressed_up_as_a_lack_of_memory(predictor, nucleus, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("shapes cannot be multiplied")

    monkeypatch.setattr(predictor._network.nucleus, "encode", broken)
    with pytest.raises(RuntimeError, match="shapes"):
        predictor(request(nucleus))


def test_an_empty_field_has_no_nuclear_fraction_and_says_so(predictor):
    noise = np.random.default_rng(0).normal(100, 3, (256, 256))
    answer = predictor(request(noise))
    assert answer.nuclear_fraction == 0
    assert any("No nucleus" in note for note in answer.notes)


def test_an_unknown_model_lists_the_known():
    with pytest.raises(WeightsError, match=r"celle-mini.*weights list"):
        Predictor.load("alphafold")


def test_users_are_offered_the_default_model_first_and_none_of_random_weights():
    names = [info.name for info in available_models()]
    assert names[0] == DEFAULT_MODEL
    assert "tiny" not in names


@pytest.mark.parametrize("name", ["tiny-celle", "tiny-celle2"])
@pytest.mark.parametrize("faithful", ["none", "all"])
@pytest.mark.parametrize("pdf", ["paper", "published"])
def test_the_models_of_the_papers_answer_the_same_question(nucleus, name, faithful, pdf):
    model = Predictor.load(name, device="cpu", faithful=faithful)
    answers = [model(request(nucleus, sampling=SamplingOptions(seed=seed, steps=1, pdf=pdf))) for seed in (5, 5, 6)]
    first, second, other = answers
    assert first.sampling.pdf == pdf
    assert first.probability.sum(dtype=float) == pytest.approx(1, abs=1e-5)
    np.testing.assert_array_equal(first.tokens, second.tokens)
    np.testing.assert_array_equal(first.probability, second.probability)
    assert (first.tokens != other.tokens).any()


def test_the_two_definitions_of_the_map_differ(nucleus):
    model = Predictor.load("tiny-celle2", device="cpu")
    paper, published = (model(request(nucleus, sampling=SamplingOptions(pdf=pdf))) for pdf in ("paper", "published"))
    np.testing.assert_array_equal(paper.tokens, published.tokens)
    assert not np.allclose(paper.heatmap, published.heatmap, atol=1e-3)


def test_the_published_map_of_several_steps_is_not_a_number_only_if_that_is_asked_for(nucleus):
    sampling = SamplingOptions(steps=3, pdf="published")
    mended = Predictor.load("tiny-celle2", device="cpu")(request(nucleus, sampling=sampling))
    assert np.isfinite(mended.heatmap).all()
    faithful = Predictor.load("tiny-celle2", device="cpu", faithful="all")(request(nucleus, sampling=sampling))
    assert np.isnan(faithful.heatmap).all()
    assert np.isnan(faithful.nuclear_fraction)
    assert any("not a number" in note for note in faithful.notes)


def test_celle_counts_its_codes_and_can_be_stopped_between_them(nucleus):
    told = []

    def stop(stage, done, total):
        told.append((stage, done, total))
        if stage == "placing the protein" and done > 20:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        Predictor.load("tiny-celle", device="cpu")(request(nucleus), stop)
    assert told[-1] == ("placing the protein", 21, 512)


def test_residue_vectors_can_be_brought_along(nucleus):
    model = Predictor.load("tiny-celle2", device="cpu")
    vectors = np.random.default_rng(0).normal(size=(30, 16)).astype(np.float32)
    first, second = (model(request(nucleus, sequence="", embedding=v)) for v in (vectors, vectors[::-1].copy()))
    assert first.residues == (0, 30)
    assert not np.allclose(first.heatmap, second.heatmap)


@pytest.mark.parametrize("shape", [(101, 16), (30, 17), (30,)])
def test_residue_vectors_that_do_not_fit_are_refused(nucleus, shape):
    with pytest.raises(CelleError, match="embedding"):
        Predictor.load("tiny-celle2", device="cpu")(request(nucleus, sequence="", embedding=np.zeros(shape)))


def test_celle_mini_takes_no_residue_vectors(predictor, nucleus):
    with pytest.raises(CelleError, match="celle-mini makes its own"):
        predictor(request(nucleus, embedding=np.zeros((5, 16))))


def test_an_installed_model_that_cannot_be_read_does_not_hide_the_others(monkeypatch, tmp_path):
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "record.json").write_text("{}")
    assert [info.name for info in available_models()] == [DEFAULT_MODEL]


def test_the_part_that_was_read_is_told_as_it_was_read(nucleus):
    exact = "MSKGEELFTG" * 10
    mended, faithful = (Predictor.load("tiny-celle", device="cpu", faithful=kind) for kind in ("none", "all"))
    assert mended(request(nucleus, sequence=exact)).residues == (0, 100)
    odd = faithful(request(nucleus, sequence=exact))
    assert odd.residues == (0, 99)  # oddity 2
    assert any("1-99 of 100" in note for note in odd.notes)


@pytest.mark.parametrize(("name", "shown"), [("tiny", 3), ("tiny-celle2", 3), ("tiny-celle", 15)])
def test_what_is_drawn_so_far_is_shown_in_the_pixels_of_the_window(nucleus, name, shown):
    sketches = []
    wide = np.pad(nucleus, 20, mode="edge")
    question = request(wide, sampling=SamplingOptions(seed=1, steps=4), pixel_size_um=0.22)
    model = Predictor.load(name, device="cpu")
    answer = model(question, on_sketch=sketches.append)
    assert len(sketches) == shown
    known = [sketch.known for sketch in sketches]
    assert known[0] > 0
    assert known == sorted(set(known))
    assert known[-1] < 1
    for sketch in sketches:
        assert (sketch.window, sketch.picture.shape) == (answer.window, answer.threshold.shape)
        assert np.isnan(sketch.picture).mean() == pytest.approx(1 - sketch.known, abs=0.05)
        assert 0 <= np.nanmin(sketch.picture) <= np.nanmax(sketch.picture) <= 1
    np.testing.assert_array_equal(model(question).tokens, answer.tokens)  # watching changes nothing


def test_a_model_of_one_pass_has_nothing_to_show_on_the_way(predictor, nucleus):
    sketches = []
    predictor(request(nucleus, sampling=SamplingOptions(steps=1)), on_sketch=sketches.append)
    assert sketches == []
