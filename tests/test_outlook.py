"""What a model would see is told before it is asked, and agrees with what it does."""

import numpy as np
import pytest

from napari_celle.errors import ImageError
from napari_celle.field import predict_field
from napari_celle.field_types import FieldRequest
from napari_celle.image import resize
from napari_celle.outlook import look_ahead
from napari_celle.predict import Predictor
from napari_celle.simulate import draw_field
from napari_celle.types import PredictionRequest, Window


@pytest.fixture(scope="module")
def field():
    return draw_field(np.random.default_rng(3), size=512)


@pytest.fixture(scope="module")
def predictor():
    return Predictor.load("tiny", device="cpu")


@pytest.mark.parametrize("region", [None, Window(40, 40, 220, 220)], ids=["all of it", "a part that cuts nuclei"])
def test_windows_nuclei_and_scale_of_a_field_are_those_of_its_prediction(field, predictor, region):
    request = FieldRequest("MSKGEELFTG", field.nucleus, region=region)
    seen, answer = look_ahead(request, predictor.info), predict_field(predictor, request)
    assert (seen.windows, seen.scale) == (len(answer.windows), answer.scale)
    assert seen.nuclei == len(answer.results)


def test_small_nuclei_are_said_to_be_enlarged_as_they_will_be(field, predictor):
    small = resize(field.nucleus, shape=(128, 128))
    request = PredictionRequest("MSKGEELFTG", small)
    seen, answer = look_ahead(request, predictor.info), predictor(request)
    assert seen.scale == answer.scale > 2
    assert f"enlarged {answer.scale:.2g} times" in seen.text
    assert f"about {seen.diameter_px:.0f} px wide" in seen.text


def test_large_nuclei_are_said_to_be_reduced(field, predictor):
    seen = look_ahead(PredictionRequest("M", field.nucleus, pixel_size_um=0.1), predictor.info)
    assert "reduced 2 times" in seen.text


def test_an_image_that_fits_needs_no_advice_and_is_not_resampled(field, predictor):
    seen = look_ahead(PredictionRequest("M", field.nucleus), predictor.info)
    assert seen.advice == ()
    assert seen.text.endswith("the model knows 38 to 92.")


def test_an_image_unlike_the_training_gets_advice(field, predictor):
    seen = look_ahead(PredictionRequest("M", field.nucleus.max() - field.nucleus), predictor.info)
    assert any("inverted" in advice for advice in seen.advice)


def test_an_image_without_nuclei_says_so_and_a_field_without_is_an_error(predictor):
    empty = np.eye(300, dtype=np.float32)
    seen = look_ahead(PredictionRequest("M", empty), predictor.info)
    assert (seen.nuclei, seen.diameter_px, seen.text) == (0, None, "No nucleus was found.")
    with pytest.raises(ImageError, match="No nucleus was found in the field"):
        look_ahead(FieldRequest("M", empty), predictor.info)
