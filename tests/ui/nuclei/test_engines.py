"""The engines without a window; cellpose by its real network, small and with random weights."""

import socket

import numpy as np
import pytest

from napari_celle.errors import Cancelled, WeightsError
from napari_celle.files.hashing import file_sha256
from napari_celle.segment import segment_nuclei
from napari_celle.segment.cellpose import CellposeOptions, load_cellpose
from napari_celle.types import Window
from napari_celle.ui.frames import Frame, LayerPlane
from napari_celle.ui.nuclei.engines import BUILT_IN, CELLPOSE, CellposeShelf, NucleiRequest, checksum, find_nuclei

from .conftest import PLACES, draw

WINDOW = Window(10, 5, 100, 150)


def nobody(*_):
    pass


@pytest.fixture
def request_of():
    plane = LayerPlane(draw(PLACES), Frame((0, 1), (0, 0), {}, sizes=(120, 160)))
    return lambda engine, **options: NucleiRequest(plane, WINDOW, engine, options, device="cpu")


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("the network was asked for"))


def test_the_built_in_method_sees_the_window_and_tells_what_it_was_asked(request_of):
    found = find_nuclei(CellposeShelf(), request_of(BUILT_IN, neck=0.5), nobody)
    np.testing.assert_array_equal(found.labels, segment_nuclei(draw(PLACES)[WINDOW.slices]))
    assert found.made_by["engine"] == "built-in"
    assert found.made_by["options"]["neck"] == 0.5
    assert found.checksum == checksum(found.labels)


def test_one_pixel_changes_the_checksum():
    labels = np.zeros((50, 60), np.int32)
    before = checksum(labels)
    labels[3, 3] = 1
    assert checksum(labels) != before
    assert checksum(labels.T) != before


def test_cellpose_finds_what_it_finds_without_a_window(request_of, weights, monkeypatch):
    monkeypatch.setenv("NAPARI_CELLE_CELLPOSE", str(weights))
    steps = []
    options = {"cellprob_threshold": -0.2, "flow_threshold": 0.0, "diameter": None}
    found = find_nuclei(CellposeShelf(), request_of(CELLPOSE, **options), lambda *step: steps.append(step))
    expected = load_cellpose(weights, device="cpu")(draw(PLACES)[WINDOW.slices], options=CellposeOptions(**options))
    np.testing.assert_array_equal(found.labels, expected)
    assert found.made_by["weights_sha256"] == file_sha256(weights)
    assert found.made_by["device"] == "cpu"
    assert found.labels.any()
    assert steps[-1][0] == "finding nuclei"
    assert steps[-1][1] == steps[-1][2] > 1


def test_cellpose_is_loaded_once_and_stops_between_layers(request_of, weights, monkeypatch):
    monkeypatch.setenv("NAPARI_CELLE_CELLPOSE", str(weights))
    shelf = CellposeShelf()

    def stop(stage, done, total):
        if stage == "finding nuclei" and done == 1:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        find_nuclei(shelf, request_of(CELLPOSE), stop)
    assert shelf.network("cpu", nobody) is shelf.network("cpu", nobody)


def test_a_file_that_was_chosen_goes_first_and_a_wrong_one_is_not_taken(weights, tmp_path, monkeypatch):
    monkeypatch.delenv("NAPARI_CELLE_CELLPOSE", raising=False)
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path))
    shelf = CellposeShelf()
    wrong = tmp_path / "wrong"
    wrong.write_bytes(b"no network")
    with pytest.raises(WeightsError, match="cannot be read"):
        shelf.choose(wrong, "cpu", nobody)
    with pytest.raises(WeightsError, match="cpsam_v2"):
        shelf.look(nobody)
    shelf.choose(weights, "cpu", nobody)
    assert shelf.look(nobody) == weights
