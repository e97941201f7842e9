import json
import shutil

import pytest
import torch

from napari_celle.errors import WeightsError
from napari_celle.files.hashing import file_sha256
from napari_celle.models.checkpoints import embedded
from napari_celle.models.mini import MiniCelle
from napari_celle.models.registry import _TINY, load_model

ENTRY = """
[small]
summary = "random weights"
licence = "none"
residues = 100
image_size = 256
pixel_size_um = 0.2
nucleus_diameter_px = [38.0, 60.0, 92.0]
sampling = {{ steps = 2, temperature = 1.0 }}
files = {files}
"""


@pytest.fixture
def small(tmp_path):
    """Weights of the tiny model, saved with a registry, and the network they came from."""
    torch.manual_seed(1)
    network = MiniCelle(_TINY)
    digests = embedded.save(network, _TINY, tmp_path / "small")
    inline = "{ " + ", ".join(f'"{name}" = "{digest}"' for name, digest in digests.items()) + " }"
    (tmp_path / "registry.toml").write_text(ENTRY.format(files=inline))
    return embedded.find("small", folder=tmp_path), network


def test_saved_weights_come_back_to_half_precision(small):
    card, network = small
    fresh = MiniCelle(embedded.read_config(card))
    embedded.load_into(fresh, card)
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(fresh.state_dict()[name], tensor.half().float(), msg=name)


def test_a_changed_byte_is_found_and_the_file_named(small):
    card, network = small
    path = card.folder / "encoder.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"encoder\.safetensors is damaged"):
        embedded.load_into(network, card)


def test_a_missing_file_is_named(small):
    card, network = small
    (card.folder / "transformer.safetensors").unlink()
    with pytest.raises(WeightsError, match=r"lack the file .*transformer\.safetensors"):
        embedded.load_into(network, card)


def test_a_truncated_file_that_matches_its_hash_is_still_no_weights_file(small):
    card, network = small
    path = card.folder / "rest.safetensors"
    path.write_bytes(path.read_bytes()[:50])
    card.files["rest.safetensors"] = file_sha256(path)
    with pytest.raises(WeightsError, match=r"rest\.safetensors cannot be read"):
        embedded.load_into(network, card)


def test_weights_of_another_size_do_not_load_and_the_tensors_are_named(small):
    card, _ = small
    values = json.loads((card.folder / "config.json").read_text())
    values["transformer"]["depth"] = 3
    values["protein"]["codes"] = 20
    other = MiniCelle(type(_TINY).from_dict(values))
    with pytest.raises(WeightsError, match=r"missing \(transformer\.layers\.2.*of another shape \(protein"):
        embedded.load_into(other, card)


def test_an_unreadable_config_is_named(small):
    card, _ = small
    (card.folder / "config.json").write_text("{")
    with pytest.raises(WeightsError, match=r"config\.json"):
        embedded.read_config(card)


def test_a_missing_registry_is_an_error_with_a_remedy(tmp_path):
    with pytest.raises(WeightsError, match="Install napari-celle again"):
        embedded.find("small", folder=tmp_path)


def test_an_unknown_model_lists_the_known(small):
    card, _ = small
    with pytest.raises(WeightsError, match="Known are small"):
        embedded.find("large", folder=card.folder.parent)
    with pytest.raises(WeightsError, match=r"no model 'large'.*celle-mini"):
        load_model("large", device="cpu")


def test_the_hash_of_a_model_changes_with_any_of_its_files(small, tmp_path):
    card, _ = small
    registry = tmp_path / "registry.toml"
    registry.write_text(registry.read_text().replace(card.files["config.json"], "0" * 64))
    assert embedded.find("small", folder=tmp_path).info.weights_sha256 != card.info.weights_sha256
    shutil.rmtree(card.folder)


def test_the_card_may_say_from_which_fraction_on_a_protein_is_nuclear(small, tmp_path):
    assert small[0].info.nuclear_threshold is None
    registry = tmp_path / "registry.toml"
    registry.write_text(registry.read_text().replace("[small]\n", "[small]\nnuclear_threshold = 0.4\n"))
    assert embedded.find("small", folder=tmp_path).info.nuclear_threshold == 0.4
