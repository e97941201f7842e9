"""Everything that is here or can be had is one row, whatever state it is in."""

import json

import pytest
import torch

from napari_celle.models.checkpoints import manage, store
from napari_celle.models.checkpoints.inventory import list_weights


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.delenv("NAPARI_CELLE_CELLPOSE", raising=False)
    return tmp_path / "weights"


@pytest.fixture
def language_model(tmp_path):
    """Give a file that holds tensors."""
    path = tmp_path / "model.bin"
    torch.save({"weight": torch.ones(3)}, path)
    return path


@pytest.fixture
def cellpose_file(tmp_path):
    """Give a file that has what tells a network of cellpose 4."""
    path = tmp_path / "cpsam_v2"
    torch.save({"W2": torch.ones(2)}, path)
    return path


def rows():
    return {row.name: row for row in list_weights()}


def test_a_new_computer_has_the_embedded_model_and_knows_where_others_are():
    found = rows()
    mini, published, unknown = found["celle-mini"], found["celle2-hpa-480"], found["celle"]
    assert (mini.state, mini.is_here, mini.is_ours, mini.residues) == ("embedded", True, False, 1000)
    assert mini.size == sum(path.stat().st_size for path in mini.folder.iterdir() if path.suffix != ".md")
    assert (published.state, published.is_here, published.sha256) == ("can be fetched", False, "")
    assert published.addresses["model.ckpt"].endswith("HuangLab/CELL-E_2_HPA_480/resolve/main/model.ckpt")
    assert (unknown.state, unknown.addresses) == ("not known where", None)
    assert found["cellpose"].kind == "nuclei"


def test_models_that_can_be_fetched_stand_before_those_that_cannot():
    states = [row.state for row in list_weights() if row.kind == "model"]
    assert states == sorted(states, key=["embedded", "can be fetched", "not known where"].index)


def test_sizes_of_language_models_are_about_those_of_their_files():
    found = rows()
    assert found["esm2-1280"].size == pytest.approx(2.6e9, rel=0.02)
    assert found["tape-bert"].size == pytest.approx(0.37e9, rel=0.05)


def test_what_is_installed_has_its_size_and_hash(language_model, folder):
    manage.import_file(language_model, "esm2-480")
    row = rows()["esm2-480"]
    assert (row.state, row.kind, row.folder) == ("installed", "language model", folder / "esm2-480")
    assert (row.size, row.is_ours) == (language_model.stat().st_size, True)
    assert row.sha256 == store.read_record("esm2-480").weights_sha256


def test_a_model_whose_record_cannot_be_read_is_damaged_and_hides_no_other(folder, language_model):
    manage.import_file(language_model, "esm2-480")
    (folder / "mine").mkdir()
    (folder / "mine" / "record.json").write_text("{")
    found = rows()
    assert found["mine"].state == "damaged"
    assert "cannot be read" in found["mine"].problem
    assert found["esm2-480"].state == "installed"


def test_a_download_that_was_broken_off_is_no_model_but_is_told(folder):
    part = folder / ".downloads" / "celle2-hpa-480" / "model.ckpt.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"12345")
    row = rows()["celle2-hpa-480"]
    assert (row.state, row.is_here, row.arrived) == ("can be fetched", False, 5)


def test_cellpose_is_found_where_it_was_put_by_hand_and_without_a_hash(folder, cellpose_file):
    (folder / "cellpose").mkdir(parents=True)
    cellpose_file.rename(folder / "cellpose" / "cpsam_v2")
    row = rows()["cellpose"]
    assert (row.state, row.sha256, row.is_ours) == ("installed", "", True)


def test_cellpose_that_lies_elsewhere_is_not_ours_to_delete(cellpose_file, monkeypatch):
    monkeypatch.setenv("NAPARI_CELLE_CELLPOSE", str(cellpose_file))
    row = rows()["cellpose"]
    assert (row.state, row.folder, row.is_ours) == ("installed", cellpose_file.parent, False)


def test_an_installed_cellpose_has_its_hash(cellpose_file):
    manage.import_file(cellpose_file, "cellpose")
    row = rows()["cellpose"]
    assert row.state == "installed"
    assert len(row.sha256) == 64
    assert [name for name in rows() if name == "cellpose"] == ["cellpose"]


def test_a_record_of_cellpose_that_cannot_be_read_is_damaged(folder, cellpose_file):
    manage.import_file(cellpose_file, "cellpose")
    (folder / "cellpose" / "record.json").write_text(json.dumps({"files": 3}))
    assert rows()["cellpose"].state == "damaged"
