import json
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from napari_celle.ensemble import predict_ensemble
from napari_celle.field import predict_field
from napari_celle.field_types import FieldRequest
from napari_celle.files.provenance import provenance
from napari_celle.predict import Predictor
from napari_celle.simulate import draw_field
from napari_celle.types import PredictionRequest, SamplingOptions, Window


def test_it_survives_json(prediction):
    record = provenance(prediction)
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_it_holds_all_that_a_repeat_needs(prediction):
    record = provenance(prediction)
    request = prediction.request
    assert record["sequence"] == "MSKGEELFTG"
    assert record["sequence_sha256"] == sha256(b"MSKGEELFTG").hexdigest()
    assert SamplingOptions(**record["sampling"]) == prediction.sampling
    assert Window(**record["window"]) == prediction.window
    assert record["nucleus"] == {
        "shape": [60, 80],
        "dtype": "uint16",
        "sha256": sha256(request.nucleus.tobytes()).hexdigest(),
    }
    np.testing.assert_array_equal(record["tokens"], prediction.tokens)
    same = ("model", "weights_sha256", "scale", "nuclear_fraction", "device")
    assert [record[name] for name in same] == [getattr(prediction, name) for name in same]
    asked = ("first_residue", "pixel_size_um", "nucleus_diameter_px")
    assert [record[name] for name in asked] == [getattr(request, name) for name in asked]
    assert (record["centre"], record["residues"]) == ([30.0, 40.5], [0, 10])
    assert (record["timings"], record["notes"]) == ({"protein": 0.5}, ["Only a part was read."])
    assert set(record["versions"]) == {"napari-celle", "torch", "numpy", "python"}
    assert record["versions"]["numpy"] == np.__version__


def test_what_is_not_a_number_is_null_and_the_oddities_are_written_down(prediction):
    record = provenance(replace(prediction, nuclear_fraction=float("nan"), faithful="all"))
    assert (record["nuclear_fraction"], record["faithful"]) == (None, "all")
    json.dumps(record, allow_nan=False)


def test_vectors_that_stand_for_the_sequence_are_fingerprinted(prediction):
    vectors = np.ones((3, 4), np.float32)
    given = replace(prediction, request=replace(prediction.request, sequence="", embedding=vectors))
    record = provenance(given)
    assert record["sequence"] == ""
    assert record["embedding"]["sha256"] == sha256(vectors.tobytes()).hexdigest()


def test_the_users_own_labels_are_told_from_found_ones(prediction):
    assert provenance(prediction)["nuclei"] is None
    labels = np.ones((60, 80), np.uint8)
    given = replace(prediction, request=replace(prediction.request, nuclei=labels))
    assert provenance(given)["nuclei"]["sha256"] == sha256(labels.tobytes()).hexdigest()


def test_the_hash_is_that_of_the_pixels_not_of_their_order_in_memory(prediction):
    turned = replace(prediction.request, nucleus=np.asfortranarray(prediction.request.nucleus))
    assert provenance(replace(prediction, request=turned)) == provenance(prediction)


def test_entries_of_the_caller_are_added_and_do_not_replace(prediction):
    record = provenance(prediction, extra={"image": "cells.tif", "model": "another"})
    assert (record["image"], record["model"]) == ("cells.tif", "tiny")


def test_a_field_says_its_windows_and_hashes_the_pixels_of_its_region_only():
    field = draw_field(np.random.default_rng(1), size=300)
    region = Window(20, 10, 256, 256)
    request = FieldRequest("MSKGEELFTG", field.nucleus, nuclei=field.nuclei, region=region, windows="each")
    answer = predict_field(Predictor.load("tiny", device="cpu"), request)
    record = json.loads(json.dumps(provenance(answer)))
    assert record["window"] == {"y": 20, "x": 10, "height": 256, "width": 256}
    assert (len(record["windows"]), record["windows_chosen"]) == (len(answer.windows), "each")
    part = np.ascontiguousarray(field.nucleus[region.slices])
    assert record["nucleus"]["sha256"] == sha256(part.tobytes()).hexdigest()
    assert record["nuclei"]["shape"] == [256, 256]
    assert "tokens" not in record


def test_several_draws_say_their_seeds():
    nucleus = draw_field(np.random.default_rng(1)).nucleus
    request = PredictionRequest("MSKGEELFTG", nucleus, sampling=SamplingOptions(seed=4))
    answer = predict_ensemble(Predictor.load("tiny", device="cpu"), request, draws=3)
    record = json.loads(json.dumps(provenance(answer)))
    assert record["seeds"] == [4, 5, 6]
    assert record["nuclear_fraction"] == pytest.approx(answer.nuclear_fraction.mean)
