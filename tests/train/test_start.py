"""What a training of a transformer begins with."""

from dataclasses import replace

import pytest
import torch

from napari_celle.config import EmbeddingConfig, TokenizerConfig
from napari_celle.errors import CelleError, WeightsError
from napari_celle.models.checkpoints import store
from napari_celle.models.checkpoints.convert import write_model
from napari_celle.models.checkpoints.record import Record
from napari_celle.models.checkpoints.tokenizers import Tokenizer
from napari_celle.models.embedder import build_embedder
from napari_celle.models.registry import _TINY_CELLE2, _TINY_IMAGE, build
from napari_celle.nn.vqgan import Vqgan
from napari_celle.train.image_tokenizers import Tokenizers
from napari_celle.train.record import tensors_sha256
from napari_celle.train.residue_embedding import ResidueEmbedding
from napari_celle.train.start import NewModel, new_start, start_from

NEW = NewModel("masked", residues=30, dim=16, depth=2, heads=2)


def _tokenizer(channel="protein", seed=1, threshold=True, pixels="percentile", **sizes):
    torch.manual_seed(seed)
    config = replace(_TINY_IMAGE, **sizes)
    return Tokenizer(TokenizerConfig(config, channel, pixels=pixels, threshold=threshold), Vqgan(config).state_dict())


@pytest.fixture
def tokenizers():
    return Tokenizers(_tokenizer("nucleus", seed=1, threshold=False), _tokenizer(seed=2))


@pytest.fixture
def model(tmp_path):
    """A folder with a model of the papers' kind that was trained."""
    torch.manual_seed(5)
    network = build(_TINY_CELLE2)
    write_model(dict(network.state_dict()), network.config, tmp_path)
    store.write_record(tmp_path, Record("mine", source="here", licence="mine"))
    return str(tmp_path), network


def test_a_new_model_has_the_codebooks_given_and_random_weights_by_seed(tokenizers):
    first, second, other = (new_start(NEW, tokenizers, seed=seed).network for seed in (0, 0, 1))
    weight = "quantizer.embedding.weight"
    assert torch.equal(first.reference.vqgan.state_dict()[weight], tokenizers.nucleus.tensors[weight])
    assert torch.equal(first.protein.vqgan.state_dict()[weight], tokenizers.protein.tensors[weight])
    assert torch.equal(first.head.weight, second.head.weight)
    assert not torch.equal(first.head.weight, other.head.weight)
    assert (first.pixels, first.grey, first.config.transformer.depth) == ("percentile", False, 2)


@pytest.mark.parametrize("decoding", ["causal", "masked"])
@pytest.mark.parametrize("embedding", ["random", "one-hot", "descriptors", "none"])
def test_each_embedding_without_a_language_model_gives_a_model_that_draws(tokenizers, decoding, embedding):
    if embedding == "descriptors":
        pytest.importorskip("peptides")
    network = new_start(replace(NEW, decoding=decoding, embedding=embedding), tokenizers, seed=0).network.eval()
    ids = torch.from_numpy(network.residue_ids("MKRAP"))[None]
    with torch.inference_mode():
        logits = network.logits(
            network.embed(ids),
            torch.zeros(1, 256, dtype=torch.int64),
            torch.zeros(1, 255 + (decoding == "masked"), dtype=torch.int64),
        )
    assert logits.isfinite().all()


def test_deep_layers_begin_with_little_to_say(tokenizers):
    network = new_start(replace(NEW, depth=20), tokenizers, seed=0).network
    first = [layer.attention_scale[0].item() for layer in network.transformer.layers]
    assert first[:18] == pytest.approx([0.1] * 18)
    assert first[18:] == pytest.approx([1e-5] * 2)


def test_a_model_can_be_blind_to_nuclei(tokenizers):
    network = new_start(NEW, Tokenizers(protein=tokenizers.protein), seed=0).network
    assert network.reference is None


def test_a_model_goes_on_with_the_weights_that_it_has(model):
    name, network = model
    start = start_from(name, Tokenizers())
    assert start.source == "mine"
    before, after = network.state_dict(), start.network.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_a_mixed_model_has_the_codebooks_of_the_other_and_the_transformer_of_its_own(model):
    name, network = model
    other = Tokenizers(_tokenizer("nucleus", seed=8, pixels="opencell"), _tokenizer(seed=9, pixels="opencell"))
    mixed = start_from(name, other)
    weight = "quantizer.embedding.weight"
    assert torch.equal(mixed.network.protein.vqgan.state_dict()[weight], other.protein.tensors[weight])
    assert torch.equal(mixed.network.reference.vqgan.state_dict()[weight], other.nucleus.tensors[weight])
    rest = [key for key in network.state_dict() if not key.startswith(("protein.", "reference."))]
    assert all(torch.equal(network.state_dict()[key], mixed.network.state_dict()[key]) for key in rest)
    assert mixed.network.pixels == "opencell"  # a codebook sees what it was made for
    assert mixed.made_of.keys() == {"model", "reference", "protein"}


def test_a_codebook_of_another_network_can_be_mixed_in(model):
    other = _tokenizer(pixels="hpa", patch=8, multipliers=(1, 1))  # fewer levels: some of the model's tensors go
    mixed = start_from(model[0], Tokenizers(protein=other)).network
    assert mixed.config.protein == other.config.vqgan
    assert not model[1].protein.vqgan.state_dict().keys() <= other.tensors.keys()
    assert mixed.protein.vqgan.state_dict().keys() == other.tensors.keys()
    assert mixed.protein.encode(torch.zeros(1, 1, 256, 256)).shape == (1, 256)


def test_a_codebook_that_does_not_fit_is_told(model):
    with pytest.raises(CelleError, match="has 16 codes for the protein"):
        start_from(model[0], Tokenizers(protein=_tokenizer(pixels="hpa", codes=32)))


def test_the_default_model_is_trained_by_its_own_command():
    with pytest.raises(CelleError, match="train mini"):
        start_from("celle-mini", Tokenizers())


def test_a_missing_tokenizer_is_told():
    with pytest.raises(CelleError, match="--protein-vqgan"):
        new_start(NEW, Tokenizers(), seed=0)


def test_the_weights_of_a_language_model_are_taken(tokenizers, monkeypatch):
    config = EmbeddingConfig("random", 16)
    tensors = {name: torch.full_like(value, 0.5) for name, value in build_embedder(config).state_dict().items()}
    embedding = ResidueEmbedding(config, tensors)
    monkeypatch.setattr("napari_celle.train.start.residue_embedding", lambda *args, **options: embedding)
    start = new_start(NEW, tokenizers, seed=3)
    assert all(torch.equal(value, tensors[name]) for name, value in start.network.embedder.state_dict().items())
    assert start.made_of["embedder"] == tensors_sha256(tensors)


def test_a_model_that_is_not_there_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path))
    with pytest.raises(WeightsError, match="There is no model 'none'"):
        start_from("none", Tokenizers())
