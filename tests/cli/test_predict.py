"""``napari-celle predict`` on the toy model: files, one JSON object, and readable errors that write nothing."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from typer.testing import CliRunner

from napari_celle.cli import app
from napari_celle.models.checkpoints import embedded
from napari_celle.simulate import draw_field
from napari_celle.types import PredictionRequest, SamplingOptions

SEQUENCE = "MSKGEELFTGVVPILVELDGDVNGHKFSVSG"
KINDS = ["nuclei", "overlay", "pdf", "prediction", "threshold"]


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "in" / "cells.tif"
    path.parent.mkdir()
    tifffile.imwrite(path, draw_field(np.random.default_rng(3), size=128).nucleus)
    return path


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def predict(image, out):
    """Run the command with the toy model; later options go before earlier ones."""

    def _predict(*options):
        start = ["predict", "--model", "tiny", "--nucleus", str(image), "--out", str(out)]
        return CliRunner().invoke(app, [*start, *map(str, options)], prog_name="napari-celle")

    return _predict


def _fasta(tmp_path, text):
    path = tmp_path / "proteins.fasta"
    path.write_text(text)
    return path


def _written(answer):
    return json.loads(Path(answer["files"]["prediction"]).read_text())


def _fails(result, out, *words, code=1):
    """Check for one readable line on standard error, nothing on standard output and nothing written."""
    assert result.exit_code == code
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr
    assert not out.exists()


def test_all_files_are_written_under_the_name_of_the_image(predict, out):
    result = predict("--sequence", SEQUENCE)
    assert result.exit_code == 0, result.stderr
    names = ["nuclei.tif", "overlay.png", "pdf.tif", "prediction.json", "threshold.tif"]
    assert sorted(path.name for path in out.iterdir()) == [f"cells_{name}" for name in names]
    for word in ["nuclear fraction", str(out / "cells_pdf.tif")]:
        assert word in result.stdout


def test_json_is_one_object_with_all_keys_and_nothing_else(predict):
    result = predict("--sequence", SEQUENCE, "--json", "--seed", 5)
    answer = json.loads(result.stdout)
    assert {"nuclear_fraction", "files", "model", "seed", "device", "seconds"} <= answer.keys()
    assert sorted(answer["files"]) == KINDS
    assert (answer["model"], answer["seed"]) == ("tiny", 5)
    assert 0 <= answer["nuclear_fraction"] <= 1
    assert result.stderr == ""


def test_the_files_hold_what_the_predictor_says(predict, image):
    from napari_celle.predict import Predictor

    options = ["--seed", 3, "--steps", 4, "--temperature", 0.5, "--top-k", 3, "--first-residue", 2]
    answer = json.loads(predict("--sequence", SEQUENCE, "--json", "--nucleus-diameter", 50, *options).stdout)
    sampling = SamplingOptions(seed=3, steps=4, temperature=0.5, top_k=3)
    request = PredictionRequest(
        SEQUENCE, tifffile.imread(image), sampling=sampling, nucleus_diameter_px=50.0, first_residue=1
    )
    prediction = Predictor.load("tiny", device="cpu")(request)
    np.testing.assert_array_equal(tifffile.imread(answer["files"]["pdf"]), prediction.probability)
    np.testing.assert_array_equal(tifffile.imread(answer["files"]["nuclei"]), prediction.nuclei)
    assert answer["nuclear_fraction"] == prediction.nuclear_fraction


def test_centre_pixel_size_and_labels_reach_the_request(predict, tmp_path, image):
    labels = np.zeros((128, 128), np.uint16)
    labels[40:80, 40:80] = 7
    tifffile.imwrite(tmp_path / "labels.tif", labels)
    result = predict(
        "--sequence", SEQUENCE, "--json", "--centre", 10, 20, "--pixel-size", 0.8, "--nuclei", tmp_path / "labels.tif"
    )  # fmt: skip
    answer = json.loads(result.stdout)
    written = _written(answer)
    assert (written["centre"], written["pixel_size_um"]) == ([10.0, 20.0], 0.8)
    assert written["nucleus_file"] == str(image)
    assert set(np.unique(tifffile.imread(answer["files"]["nuclei"]))) <= {0, 7}


def test_the_definition_of_the_map_can_be_chosen(predict, out):
    maps = []
    for pdf in ("paper", "published"):
        result = json.loads(predict("--sequence", SEQUENCE, "--model", "tiny-celle2", "--pdf", pdf, "--json").stdout)
        assert result["pdf"] == pdf
        maps.append(tifffile.imread(result["files"]["pdf"]))
    assert not np.allclose(*maps, rtol=1e-3)


def test_the_oddities_of_the_authors_code_can_be_asked_for(predict, out):
    odd = ("--sequence", SEQUENCE, "--model", "tiny-celle2", "--pdf", "published", "--steps", "3", "--faithful", "all")
    result = json.loads(predict(*odd, "--json").stdout)
    assert result["nuclear_fraction"] is None
    assert "not a number" in predict(*odd).stdout
    assert json.loads(Path(result["files"]["prediction"]).read_text())["faithful"] == "all"


def test_a_fasta_of_one_record_gives_a_plain_object_named_after_it(predict, tmp_path):
    answer = json.loads(predict("--fasta", _fasta(tmp_path, f">sp|P42212|GFP\n{SEQUENCE}\n"), "--json").stdout)
    assert "predictions" not in answer
    assert answer["files"]["pdf"].endswith("sp_P42212_GFP_pdf.tif")


def test_records_with_the_same_name_do_not_overwrite_each_other(predict, tmp_path, out):
    fasta = _fasta(tmp_path, f">a|b\n{SEQUENCE}\n>A_b\n{SEQUENCE}M\n>a_b\n{SEQUENCE}K\n>\n{SEQUENCE}R\n")
    answers = json.loads(predict("--fasta", fasta, "--json").stdout)["predictions"]
    assert [answer["name"] for answer in answers] == ["a|b", "A_b", "a_b", "cells"]
    stems = [answer["files"]["pdf"].removeprefix(f"{out}/").removesuffix("_pdf.tif") for answer in answers]
    assert stems == ["a_b", "A_b_2", "a_b_3", "cells"]
    sequences = [_written(answer)["sequence"] for answer in answers]
    assert [sequence[-1] for sequence in sequences] == ["G", "M", "K", "R"]


def test_a_name_keeps_typed_sequences_apart(predict, out):
    predict("--sequence", SEQUENCE, "--name", "mine")
    assert (out / "mine_pdf.tif").exists()


def test_the_same_seed_gives_the_same_bits_and_replaces_the_files(predict, out):
    def bits(seed):
        predict("--sequence", SEQUENCE, "--seed", seed)
        return [(out / f"cells_{kind}.tif").read_bytes() for kind in ("threshold", "pdf")]

    first, other, again = bits(1), bits(2), bits(1)
    assert again == first
    assert other[0] != first[0]
    assert other[1] == first[1]  # the map is what is probable before anything is drawn


def test_a_long_sequence_is_read_in_part_and_says_so(predict):
    result = predict("--sequence", "MAGK" * 60)
    assert result.exit_code == 0
    assert "Only residues 1-100 of 240 were read" in result.stdout


@pytest.mark.parametrize(
    ("sequence", "word"),
    [
        ("", "The sequence is empty"),
        ("MSK4GEEL", "'4' at position 4"),
        ("ACGTACGTACGTACGTACGTACGT", "looks like DNA"),
        ("M" * 40_001, "40,001 residues"),
    ],
    ids=["empty", "digit", "dna", "too-long"],
)
def test_a_bad_sequence_is_named_and_nothing_is_written(predict, out, sequence, word):
    _fails(predict("--sequence", sequence), out, word)
    _fails(predict("--sequence", sequence, "--json"), out, word)


def test_a_bad_third_record_stops_all_of_them(predict, tmp_path, out):
    fasta = _fasta(tmp_path, f">a\n{SEQUENCE}\n>b\n{SEQUENCE}\n>c\nMSK4GEEL\n")
    _fails(predict("--fasta", fasta), out, "record 3 (c)", "'4' at position 4")


def test_a_later_record_that_is_too_short_for_the_first_residue_stops_all_of_them(predict, tmp_path, out):
    fasta = _fasta(tmp_path, f">a\n{SEQUENCE}\n>b\nMSKG\n")
    _fails(predict("--fasta", fasta, "--first-residue", 9), out, "b: The first residue to read is 9")


@pytest.mark.parametrize(
    ("pixels", "word"),
    [
        (np.full((64, 64), 7, np.uint8), "is constant"),
        (np.full((64, 64), np.nan, np.float32), "NaN"),
        (np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8), "--channel"),
        (np.random.default_rng(0).integers(0, 255, (5, 64, 64)).astype(np.uint8), "--plane"),
    ],
    ids=["constant", "nan", "rgb", "stack"],
)
def test_a_bad_image_is_named_and_nothing_is_written(predict, tmp_path, out, pixels, word):
    np.save(tmp_path / "bad.npy", pixels)
    _fails(predict("--sequence", SEQUENCE, "--nucleus", tmp_path / "bad.npy"), out, word)


def test_a_missing_image_and_a_file_that_is_no_image_are_named(predict, tmp_path, out):
    _fails(predict("--sequence", SEQUENCE, "--nucleus", tmp_path / "none.tif"), out, "none.tif")
    (tmp_path / "notes.tif").write_text("no image at all")
    _fails(predict("--sequence", SEQUENCE, "--nucleus", tmp_path / "notes.tif"), out, "notes.tif")


def test_a_plane_of_a_stack_can_be_chosen(predict, tmp_path, image):
    stack = np.stack([np.zeros((128, 128), np.uint16), tifffile.imread(image).astype(np.uint16)])
    np.save(tmp_path / "stack.npy", stack)
    assert predict("--sequence", SEQUENCE, "--nucleus", tmp_path / "stack.npy", "--plane", 1).exit_code == 0


def test_an_unknown_model_and_an_absent_device_are_named(predict, out):
    _fails(predict("--sequence", SEQUENCE, "--model", "celle-huge"), out, "'celle-huge'", "celle-mini")
    _fails(predict("--sequence", SEQUENCE, "--device", "cuda:99"), out, "'cuda:99'")


def test_an_unwritable_folder_is_named_before_anything_is_predicted(predict, tmp_path, out, monkeypatch):
    from napari_celle.predict import Predictor

    monkeypatch.setattr(Predictor, "load", lambda *args, **kwargs: pytest.fail("it predicted"))
    (tmp_path / "file").write_text("")
    _fails(predict("--sequence", SEQUENCE, "--out", tmp_path / "file" / "deeper"), out, "cannot be written", "--out")


def test_sequence_and_fasta_exclude_each_other(predict, tmp_path, out):
    for options in ([], ["--sequence", SEQUENCE, "--fasta", _fasta(tmp_path, ">a\nMSKG\n")]):
        result = predict(*options)
        assert result.exit_code == 2
        assert "one of --sequence and --fasta" in result.stderr
        assert not out.exists()


@pytest.mark.parametrize("error", [RuntimeError("shapes differ\nat length"), MemoryError()])
def test_an_unforeseen_error_is_one_line_too(predict, out, monkeypatch, error):
    from napari_celle.predict import Predictor

    def stop(*args):
        raise error

    monkeypatch.setattr(Predictor, "__call__", stop)
    _fails(predict("--sequence", SEQUENCE), out, type(error).__name__, "--debug")
    assert predict("--sequence", SEQUENCE, "--debug").exception is error


def test_control_c_ends_with_130(predict, out, monkeypatch):
    from napari_celle.predict import Predictor

    def stop(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(Predictor, "__call__", stop)
    result = predict("--sequence", SEQUENCE)
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "Stopped.\n")
    assert not out.exists()


def test_the_program_runs_as_a_module_and_a_progress_bar_never_reaches_a_pipe(image, out):
    command = [sys.executable, "-m", "napari_celle", "predict", "--model", "tiny", "--nucleus", str(image)]
    done = subprocess.run(
        [*command, "--out", str(out), "--sequence", SEQUENCE], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "nuclear fraction" in done.stdout


def test_help_is_quick_because_it_loads_nothing_heavy():
    code = "import sys; from napari_celle.cli import app; print([m for m in ('torch', 'numpy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def _shorten(path):
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(("harm", "word"), [(Path.unlink, "lack the file"), (_shorten, "is damaged")])
def test_missing_and_damaged_weights_are_named_and_nothing_is_written(predict, tmp_path, out, monkeypatch, harm, word):
    weights = shutil.copytree(embedded.weights_folder(), tmp_path / "weights")
    harm(weights / "celle-mini" / "encoder.safetensors")
    monkeypatch.setattr(embedded, "weights_folder", lambda: weights)
    result = predict("--sequence", SEQUENCE, "--model", "celle-mini")
    _fails(result, out, word, "encoder.safetensors", "pip install")
