import socket
import sys
from functools import partial

import numpy as np
import pytest
import torch
from cellpose import models, vit
from scipy import ndimage
from segment_anything.build_sam import _build_sam, build_sam_vit_l

from napari_celle.errors import Cancelled, CelleError, DeviceError, ImageError, WeightsError
from napari_celle.files.hashing import file_sha256
from napari_celle.segment import segment_nuclei
from napari_celle.segment.cellpose import CellposeOptions, load_cellpose

SHAPE = (240, 240)  # cellpose makes one tile of it


def small_sam(checkpoint=None):
    """Build the backbone with two narrow layers, by its own code."""
    return _build_sam(
        encoder_embed_dim=32,
        encoder_depth=2,
        encoder_num_heads=2,
        encoder_global_attn_indexes=[1],
        checkpoint=checkpoint,
    )


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_, **__):
        pytest.fail("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Save a real cellpose network with few random weights as cellpose does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(vit.sam_model_registry, "vit_l", small_sam)
        torch.manual_seed(0)
        path = tmp_path_factory.mktemp("weights") / "cpsam_v2"
        vit.CPSAM().save_model(path)
        yield path


@pytest.fixture(scope="module")
def cellpose(weights):
    return load_cellpose(weights, device="cpu")


@pytest.fixture
def image():
    y, x = np.indices(SHAPE)
    return (np.hypot(y - 100, x - 120) < 30) * 200.0 + np.random.default_rng(0).normal(20, 3, SHAPE)


def pretend(monkeypatch, labels):
    """Let the network see these nuclei, (240, 240), in whatever it is shown; return what it is shown."""
    centres = np.array([(0, 0), *ndimage.center_of_mass(labels > 0, labels, range(1, labels.max() + 1))])
    flows = centres.T[:, labels] - np.indices(labels.shape)  # (2, Y, X), pixels
    flows = flows / (np.hypot(*flows) + 1)
    output = np.stack([*(5 * flows * (labels > 0)), np.where(labels > 0, 6.0, -6.0)])
    tile = torch.from_numpy(np.pad(output, ((0, 0), (8, 8), (8, 8)), mode="edge")).float()
    shown = []

    def forward(_, x):
        shown.append(x.float().numpy())
        return tile.expand(len(x), -1, -1, -1), torch.zeros(len(x), 256)

    monkeypatch.setattr(vit.CPSAM, "forward", forward)
    return shown


@pytest.mark.parametrize("shape", [SHAPE, (100, 300), (16, 40)])
def test_the_labels_are_those_of_cellpose_itself(weights, cellpose, shape):
    image = np.random.default_rng(1).random(shape).astype(np.float32)
    theirs = models.CellposeModel(pretrained_model=str(weights), device=torch.device("cpu"))
    options = CellposeOptions(diameter=25.0, flow_threshold=0.0, cellprob_threshold=-0.2)
    labels = cellpose(image, options=options)
    expected = theirs.eval(
        image, diameter=25.0, flow_threshold=0.0, cellprob_threshold=-0.2, max_size_fraction=1.0, batch_size=1
    )[0]
    assert labels.dtype == np.int32
    assert labels.shape == shape
    np.testing.assert_array_equal(np.unique(labels), np.arange(labels.max() + 1))
    np.testing.assert_array_equal(labels, expected)
    assert labels.any() or shape == (16, 40)


def test_it_is_a_method_of_segment_nuclei(cellpose, image):
    options = CellposeOptions(cellprob_threshold=-0.2, flow_threshold=0.0)
    labels = segment_nuclei(image, method=partial(cellpose, options=options))
    np.testing.assert_array_equal(labels, cellpose(image, options=options))


def test_nuclei_that_the_network_sees_are_found(monkeypatch, cellpose, image):
    y, x = np.indices(SHAPE)
    truth = ((np.hypot(y - 60, x - 60) < 20) + 2 * (np.hypot(y - 160, x - 150) < 30)).astype(np.int32)
    pretend(monkeypatch, truth)
    labels = cellpose(image)
    assert labels.max() == 2
    assert np.mean((labels > 0) == (truth > 0)) > 0.99


def test_one_nucleus_that_fills_most_of_the_picture_is_kept(monkeypatch, cellpose, image):
    y, x = np.indices(SHAPE)
    truth = (np.hypot(y - 120, x - 120) < 110).astype(np.int32)
    assert truth.mean() > 0.6
    pretend(monkeypatch, truth)
    labels = cellpose(image, options=CellposeOptions(flow_threshold=0.0))  # or it takes seconds
    assert labels.max() == 1
    assert np.mean((labels > 0) == (truth > 0)) > 0.98


def test_no_nuclei_are_no_error(monkeypatch, cellpose, image):
    pretend(monkeypatch, np.zeros(SHAPE, np.int32))
    labels = cellpose(image)
    assert labels.dtype == np.int32
    assert not labels.any()


@pytest.mark.parametrize("unit", [1.0, 1e-6])
def test_a_picture_in_a_small_unit_is_not_taken_for_an_empty_one(monkeypatch, cellpose, image, unit):
    shown = pretend(monkeypatch, np.zeros(SHAPE, np.int32))
    cellpose(unit * image)
    assert np.ptp(shown[0][0, 0]) > 0.9
    assert not shown[0][0, 1:].any()  # one channel


def test_the_defaults_of_cellpose_stay_as_they_are_for_others(monkeypatch, cellpose, image):
    before = {**models.normalize_default, "normalize": True}
    monkeypatch.setattr(models, "normalize_default", dict(before))
    cellpose(image)
    assert models.normalize_default == before


def test_one_small_nucleus_on_an_even_background_is_shown_to_the_network(monkeypatch, cellpose):
    image = np.zeros(SHAPE)
    image[100:110, 100:110] = 7
    shown = pretend(monkeypatch, np.zeros(SHAPE, np.int32))
    cellpose(image)
    assert np.ptp(shown[0][0, 0]) > 0.9


@pytest.mark.parametrize(("shape", "diameter"), [(SHAPE, None), ((250, 500), None), ((300, 300), 15.0)])
def test_every_layer_of_every_tile_is_reported(cellpose, shape, diameter):
    steps = []
    image = np.random.default_rng(2).random(shape)
    cellpose(image, options=CellposeOptions(diameter=diameter), on_step=lambda *step: steps.append(step))
    total = steps[0][2]
    assert steps == [("finding nuclei", done, total) for done in range(total + 1)]


def test_cancel_stops_between_layers_and_the_next_run_is_whole(cellpose, image):
    def cancel(stage, done, total):
        if done == 1:
            raise Cancelled("Stopped.")

    before = cellpose(image)
    with pytest.raises(Cancelled):
        cellpose(image, on_step=cancel)
    np.testing.assert_array_equal(cellpose(image), before)
    assert not any(block._forward_hooks for block in cellpose._model.net.encoder.blocks)


def test_out_of_memory_is_a_device_error(monkeypatch, cellpose, image):
    def exhausted(*_):
        raise torch.OutOfMemoryError("no")

    monkeypatch.setattr(vit.CPSAM, "forward", exhausted)
    with pytest.raises(DeviceError, match="cpu ran out of memory while cellpose"):
        cellpose(image)


def test_no_room_for_the_network_is_known_before_it_is_built(monkeypatch, weights):
    monkeypatch.setattr("napari_celle.device.free_memory", lambda _: 10)
    with pytest.raises(DeviceError, match="Cellpose needs about"):
        load_cellpose(weights, device="cpu")


@pytest.mark.parametrize("diameter", [0.0, -3.0, 1.9, 241.0, float("nan")])
def test_a_diameter_that_does_not_suit_the_image_is_refused(cellpose, image, diameter):
    with pytest.raises(ImageError, match=r"nucleus diameter of .* Give one from 2 to 240"):
        cellpose(image, options=CellposeOptions(diameter=diameter))


def test_what_is_no_nucleus_channel_is_refused(cellpose, image):
    with pytest.raises(ImageError, match="constant"):
        cellpose(np.ones(SHAPE))
    image[3, 3] = np.nan
    with pytest.raises(ImageError, match="NaN"):
        cellpose(image)


def test_a_name_of_a_model_is_a_file_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("nuclei", "cpsam_v2"):
        with pytest.raises(WeightsError, match="not at"):
            load_cellpose(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_another_hash_is_refused_before_the_file_is_opened(weights):
    with pytest.raises(WeightsError, match="SHA-256"):
        load_cellpose(weights, sha256="0" * 64)
    digest = file_sha256(weights)
    assert load_cellpose(weights, sha256=digest, device="cpu").sha256 == digest


def test_without_the_package_the_extra_is_named(monkeypatch, weights):
    monkeypatch.setitem(sys.modules, "cellpose", None)
    with pytest.raises(CelleError, match=r"pip install 'napari-celle\[cellpose\]'.*built-in"):
        load_cellpose(weights)


def test_the_import_leaves_the_rounding_of_other_networks_alone(monkeypatch, weights):
    for name in ("cellpose.vit", "cellpose.models", "cellpose"):
        monkeypatch.delitem(sys.modules, name)
    before = torch.backends.cuda.matmul.allow_tf32
    try:
        torch.backends.cuda.matmul.allow_tf32 = False
        load_cellpose(weights, device="cpu")
        assert "cellpose.vit" in sys.modules
        assert torch.backends.cuda.matmul.allow_tf32 is False
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before


@pytest.mark.slow
def test_the_network_in_its_full_size_runs(monkeypatch, tmp_path):
    monkeypatch.setitem(vit.sam_model_registry, "vit_l", build_sam_vit_l)
    torch.manual_seed(0)
    vit.CPSAM(dtype=torch.bfloat16).save_model(tmp_path / "cpsam_v2")
    assert (tmp_path / "cpsam_v2").stat().st_size > 6e8
    labels = load_cellpose(tmp_path / "cpsam_v2", device="cpu")(np.random.default_rng(0).random((240, 200)))
    (tmp_path / "cpsam_v2").unlink()
    assert labels.shape == (240, 200)
    assert labels.dtype == np.int32
