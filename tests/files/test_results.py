import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_celle.errors import OutputError
from napari_celle.files import overlay, results
from napari_celle.files.images import read_image
from napari_celle.files.provenance import provenance
from napari_celle.files.results import write_prediction


def test_every_file_is_written_under_its_name(prediction, tmp_path):
    files = write_prediction(prediction, folder=tmp_path / "new" / "folder", stem="gfp")
    assert {key: path.name for key, path in files.items()} == {
        "threshold": "gfp_threshold.tif",
        "pdf": "gfp_pdf.tif",
        "nuclei": "gfp_nuclei.tif",
        "overlay": "gfp_overlay.png",
        "prediction": "gfp_prediction.json",
    }
    assert sorted(os.listdir(tmp_path / "new" / "folder")) == sorted(path.name for path in files.values())


def test_the_maps_come_back_bit_for_bit_with_their_pixel_size(prediction, tmp_path):
    files = write_prediction(prediction, folder=tmp_path, stem="gfp")
    for key, expected, dtype in (
        ("threshold", prediction.threshold, "uint8"),
        ("pdf", prediction.probability, "float32"),
        ("nuclei", prediction.nuclei, "uint16"),
    ):
        read = read_image(files[key])
        assert read.pixels.dtype == dtype
        np.testing.assert_array_equal(read.pixels, expected)
        assert read.pixel_size_um == pytest.approx(0.2)
    assert read_image(files["pdf"]).pixels.tobytes() == prediction.probability.tobytes()


def test_without_a_pixel_size_none_is_written(prediction, tmp_path):
    unknown = replace(prediction, request=replace(prediction.request, pixel_size_um=None))
    files = write_prediction(unknown, folder=tmp_path, stem="gfp")
    assert read_image(files["pdf"]).pixel_size_um is None


def test_more_labels_than_16_bits_hold_are_kept(prediction, tmp_path):
    many = replace(prediction, nuclei=prediction.nuclei * 40_000)
    nuclei = tifffile.imread(write_prediction(many, folder=tmp_path, stem="gfp")["nuclei"])
    assert nuclei.dtype == np.uint32
    np.testing.assert_array_equal(nuclei, many.nuclei)


def test_the_json_is_the_provenance(prediction, tmp_path):
    files = write_prediction(prediction, folder=tmp_path, stem="gfp", extra={"image": "Zellkern µ.tif"})
    record = json.loads(files["prediction"].read_text(encoding="utf-8"))
    assert record == provenance(prediction, extra={"image": "Zellkern µ.tif"})


def test_the_overlay_is_a_colour_picture_of_useful_size(prediction, tmp_path):
    picture = read_image(write_prediction(prediction, folder=tmp_path, stem="gfp")["overlay"], channel=0)
    assert min(picture.pixels.shape) >= 600


def test_touching_nuclei_keep_both_outlines(prediction):
    first, second = overlay._outlines(prediction.nuclei)
    np.testing.assert_array_equal((first.min(0), first.max(0)), ((4.5, 9.5), (24.5, 29.5)))
    np.testing.assert_array_equal((second.min(0), second.max(0)), ((24.5, 9.5), (44.5, 29.5)))


def test_a_prediction_without_nuclei_or_protein_is_drawn(prediction, tmp_path):
    nothing = np.zeros_like(prediction.probability)
    empty = replace(prediction, nuclei=np.zeros_like(prediction.nuclei), probability=nothing)
    assert write_prediction(empty, folder=tmp_path, stem="gfp")["overlay"].exists()


def test_writing_again_replaces_and_gives_the_same_bytes(prediction, tmp_path):
    files = write_prediction(prediction, folder=tmp_path, stem="gfp")
    before = {key: path.read_bytes() for key, path in files.items()}
    files["pdf"].write_bytes(b"old")
    assert write_prediction(prediction, folder=tmp_path, stem="gfp") == files
    assert {key: path.read_bytes() for key, path in files.items()} == before


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("sp|P42212|GFP", "sp_P42212_GFP"),
        ("../../etc/passwd", "etc_passwd"),
        ("a b:c", "a_b_c"),
        ("", "prediction"),
        ("...", "prediction"),
        ("x" * 300, "x" * 100),
    ],
)
def test_the_stem_is_made_safe(prediction, tmp_path, stem, name):
    files = write_prediction(prediction, folder=tmp_path, stem=stem)
    assert files["pdf"] == tmp_path / f"{name}_pdf.tif"


def test_a_folder_that_cannot_be_made_is_named(prediction, tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OutputError, match=r"cannot be written to .*file.*Choose a folder"):
            write_prediction(prediction, folder=folder, stem="gfp")
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.skipif(os.name == "nt" or not os.geteuid(), reason="the superuser and Windows may write anywhere")
def test_a_folder_without_permission_is_named(prediction, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="cannot be written"):
        write_prediction(prediction, folder=tmp_path, stem="gfp")
    tmp_path.chmod(0o700)


def full_disk(*args, **kwargs):
    raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_nothing_behind(prediction, tmp_path, monkeypatch):
    monkeypatch.setattr(overlay, "write_overlay", full_disk)
    with pytest.raises(OutputError, match="No space left on device"):
        write_prediction(prediction, folder=tmp_path / "new" / "folder", stem="gfp")
    assert os.listdir(tmp_path) == []


@pytest.fixture
def failing_move(monkeypatch):
    """The picture cannot be moved to its place, after others were."""
    replace_file = os.replace

    def fail_at_the_picture(source: Path, target: Path):
        return full_disk() if target.suffix == ".png" else replace_file(source, target)

    monkeypatch.setattr(results.os, "replace", fail_at_the_picture)


@pytest.mark.usefixtures("failing_move")
def test_a_failed_move_leaves_nothing_behind(prediction, tmp_path):
    with pytest.raises(OutputError):
        write_prediction(prediction, folder=tmp_path, stem="gfp")
    assert os.listdir(tmp_path) == []


@pytest.mark.usefixtures("failing_move")
def test_a_failed_move_puts_earlier_results_back(prediction, tmp_path):
    (tmp_path / "gfp_pdf.tif").write_bytes(b"earlier")
    with pytest.raises(OutputError):
        write_prediction(prediction, folder=tmp_path, stem="gfp")
    assert os.listdir(tmp_path) == ["gfp_pdf.tif"]
    assert (tmp_path / "gfp_pdf.tif").read_bytes() == b"earlier"


def test_a_folder_in_the_place_of_a_file_is_named_and_kept(prediction, tmp_path):
    (tmp_path / "gfp_overlay.png").mkdir()
    with pytest.raises(OutputError, match=r"gfp_overlay\.png is a folder"):
        write_prediction(prediction, folder=tmp_path, stem="gfp")
    assert os.listdir(tmp_path) == ["gfp_overlay.png"]


def test_an_entry_that_json_does_not_take_leaves_nothing_behind(prediction, tmp_path):
    with pytest.raises(TypeError):
        write_prediction(prediction, folder=tmp_path, stem="gfp", extra={"image": object()})
    assert os.listdir(tmp_path) == []
