import json
import tomllib

import pytest
import torch
from torch import nn

from napari_celle.errors import WeightsError
from napari_celle.files.hashing import file_sha256
from napari_celle.segment.cellpose_weights import FILE, REPO, check_weights, fill, find_weights, read_tensors


@pytest.fixture(autouse=True)
def no_variable(monkeypatch):
    monkeypatch.delenv("NAPARI_CELLE_CELLPOSE", raising=False)
    monkeypatch.delenv("HF_ENDPOINT", raising=False)


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "cellpose" / "cpsam_v2"
    path.parent.mkdir()
    torch.save({"W2": torch.ones(2), "out.weight": torch.ones(3)}, path)
    return path


def test_the_file_is_looked_for_in_the_folder_of_weights(tmp_path, weights):
    assert find_weights(tmp_path) == weights


def test_the_variable_goes_first(tmp_path, weights, monkeypatch):
    other = tmp_path / "mine"
    other.write_bytes(b"1")
    monkeypatch.setenv("NAPARI_CELLE_CELLPOSE", str(other))
    assert find_weights(tmp_path) == other
    other.unlink()
    with pytest.raises(WeightsError, match="NAPARI_CELLE_CELLPOSE names it"):
        find_weights(tmp_path)


def test_a_missing_file_is_named_with_its_address_its_place_and_the_way_without(tmp_path):
    with pytest.raises(WeightsError) as error:
        find_weights(tmp_path)
    said = str(error.value)
    assert "https://huggingface.co/mouseland/cellpose-sam/resolve/main/cpsam_v2" in said
    assert f"save it as {tmp_path / 'cellpose' / 'cpsam_v2'}" in said
    assert "built-in" in said


def test_the_hash_is_compared_with_the_one_that_is_given_or_recorded(weights):
    digest = file_sha256(weights)
    assert check_weights(weights) == digest
    assert check_weights(weights, sha256=digest.upper()) == digest
    record = weights.with_name("record.json")
    record.write_text(json.dumps({"files": {"cpsam_v2": digest}}))
    assert check_weights(weights) == digest
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(WeightsError, match=f"not {digest}"):
        check_weights(weights)
    record.write_text(json.dumps({"files": {"another": digest}}))
    assert check_weights(weights) == file_sha256(weights)


@pytest.mark.parametrize("content", ["{", "[]", '{"files": 3}', "{}"])
def test_a_broken_record_is_no_excuse(weights, content):
    weights.with_name("record.json").write_text(content)
    with pytest.raises(WeightsError, match=r"record\.json.*cannot be read"):
        check_weights(weights)


def test_tensors_are_read_by_name_also_of_networks_trained_on_many_cards(weights):
    assert set(read_tensors(weights)) == {"W2", "out.weight"}
    torch.save({"module.W2": torch.ones(2)}, weights)
    assert set(read_tensors(weights)) == {"W2"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"encoder.cls_token": torch.ones(2), "W2": torch.ones(2)}, "CPDINO"),
        ({"diam_mean": torch.ones(2)}, "cellpose 3"),
        ([torch.ones(2)], "no tensors by name"),
        ({"W2": "text"}, "no tensors by name"),
    ],
)
def test_another_network_is_refused(weights, content, said):
    torch.save(content, weights)
    with pytest.raises(WeightsError, match=f"{said}.*built-in"):
        read_tensors(weights)


@pytest.mark.parametrize("content", [b"", b"not a network", b"PK\x03\x04 broken", b"\x80\x02]q\x00."])
def test_what_is_no_file_of_tensors_is_refused(weights, content):
    weights.write_bytes(content)
    with pytest.raises(WeightsError, match="cannot be read"):
        read_tensors(weights)


def test_a_file_that_would_run_something_is_refused(weights):
    torch.save({"W2": print}, weights)
    with pytest.raises(WeightsError, match="cannot be read"):
        read_tensors(weights)


def test_a_network_is_filled_only_when_nothing_is_missing_and_every_size_is_right(weights):
    tensors = {"weight": torch.ones(2, 3), "bias": torch.zeros(2)}
    network = fill(lambda: nn.Linear(3, 2), tensors, weights)
    assert not network.training
    assert not network.weight.requires_grad
    torch.testing.assert_close(network(torch.ones(1, 3)), torch.full((1, 2), 3.0))
    with pytest.raises(WeightsError, match="lacks 1 tensors, among them bias"):
        fill(lambda: nn.Linear(3, 2), {"weight": torch.ones(2, 3)}, weights)
    with pytest.raises(WeightsError, match=r"sizes are others .*weight"):
        fill(lambda: nn.Linear(4, 2), tensors, weights)


def test_the_list_of_weights_names_the_same_file(root):
    row = tomllib.loads((root / "weights" / "registry.toml").read_text(encoding="utf-8"))["others"]["cellpose"]
    assert (row["repo"], row["file"]) == (REPO, FILE)
    assert f"https://huggingface.co/{REPO}/resolve/main/{FILE}" in row["summary"]
