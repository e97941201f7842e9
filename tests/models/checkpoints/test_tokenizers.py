import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from napari_celle.config import TokenizerConfig, VqganConfig
from napari_celle.errors import WeightsError
from napari_celle.models.checkpoints import store
from napari_celle.models.checkpoints.record import Record
from napari_celle.models.checkpoints.tokenizers import (
    Tokenizer,
    find_tokenizer,
    read_tokenizer,
    write_tokenizer,
)
from napari_celle.models.registry import _TINY_CELLE2, build
from napari_celle.nn.vqgan import Vqgan

SMALL = VqganConfig(
    image_size=32, patch=2, channels=8, multipliers=(1, 1), blocks=1, norm_groups=4, z_channels=8, embed_dim=8, codes=16
)
CONFIG = TokenizerConfig(SMALL, "protein", pixels="hpa", threshold=True)


@pytest.fixture(autouse=True)
def no_installed_models(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path / "weights"))


@pytest.fixture
def written(tmp_path):
    vqgan = Vqgan(SMALL).to(memory_format=torch.channels_last)
    write_tokenizer(Tokenizer(CONFIG, vqgan.state_dict()), tmp_path / "tokenizer")
    return vqgan, tmp_path / "tokenizer"


def same(tensors, others):
    return tensors.keys() == others.keys() and all(torch.equal(value, others[name]) for name, value in tensors.items())


def test_a_written_tokenizer_is_read_again(written):
    vqgan, folder = written
    found = read_tokenizer(folder)
    assert found.config == CONFIG
    assert same(found.tensors, vqgan.state_dict())
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "vqgan.safetensors"]


def test_a_tokenizer_is_found_by_its_folder(written):
    vqgan, folder = written
    found = find_tokenizer(str(folder), channel="protein")
    assert found.config == CONFIG
    assert same(found.tensors, vqgan.state_dict())


def test_a_tokenizer_for_another_channel_is_told(written):
    with pytest.raises(WeightsError, match="is for the protein, not the nucleus"):
        find_tokenizer(str(written[1]), channel="nucleus")


@pytest.mark.parametrize("channel", ["nucleus", "protein"])
def test_the_tokenizers_of_celle_mini_are_found(channel):
    found = find_tokenizer("celle-mini", channel=channel)
    vqgan = Vqgan(found.config.vqgan)
    vqgan.load_state_dict(found.tensors)
    assert found.config.threshold is (channel == "protein")
    assert {tensor.dtype for tensor in found.tensors.values()} == {torch.float32}


def test_an_unknown_name_lists_the_known():
    with pytest.raises(WeightsError, match=r"'nonesuch'.* one of celle-mini"):
        find_tokenizer("nonesuch", channel="protein")


@pytest.mark.parametrize(
    ("file", "content"), [("config.json", b"{}"), ("config.json", b"[1]"), ("vqgan.safetensors", b"cut off")]
)
def test_a_damaged_folder_is_told(written, file, content):
    (written[1] / file).write_bytes(content)
    with pytest.raises(WeightsError, match="cannot be read"):
        find_tokenizer(str(written[1]), channel="protein")


def test_the_configuration_of_another_kind_of_folder_is_told(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"nucleus": {}}))
    with pytest.raises(WeightsError, match="train vqgan"):
        read_tokenizer(tmp_path)


def test_weights_of_another_size_are_told(written):
    config = replace(CONFIG, vqgan=replace(SMALL, codes=8))
    (written[1] / "config.json").write_text(json.dumps(config.to_dict()))
    with pytest.raises(WeightsError, match=r"quantizer.embedding.weight \(16, 8\) instead of \(8, 8\)"):
        read_tokenizer(written[1])


def installed(config):
    network = build(config)
    with store.staging("mine") as staged:
        save_file(network.state_dict(), staged / "all.safetensors")
        (staged / store.CONFIG).write_text(json.dumps(config.to_dict()))
        store.install(staged, Record(name="mine", source="/here", licence="none"))
    return network


@pytest.mark.parametrize(("channel", "part"), [("nucleus", "reference"), ("protein", "protein")])
def test_the_tokenizers_of_an_installed_model_are_found(channel, part):
    network = installed(_TINY_CELLE2)
    found = find_tokenizer("mine", channel=channel)
    assert same(found.tensors, getattr(network, part).vqgan.state_dict())
    assert (found.config.pixels, found.config.threshold) == ("hpa", channel == "protein")


def test_a_model_without_nucleus_has_no_tokenizer_for_one():
    installed(replace(_TINY_CELLE2, reference=None))
    with pytest.raises(WeightsError, match="reads no nucleus image"):
        find_tokenizer("mine", channel="nucleus")
