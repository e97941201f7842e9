import json
import math
import sys

import numpy as np
import pytest
import torch
from torch import nn

from napari_celle.alphabet import ALPHABETS, ESM, TAPE, tokenize
from napari_celle.config import EmbeddingConfig
from napari_celle.errors import CelleError
from napari_celle.models.embedder import KINDS, build_embedder, embedder_keys, is_ignored, materialise

TINY = {
    "tape-bert": EmbeddingConfig("tape-bert", dim=16, layers=2, heads=4, hidden=32, positions=40, token_types=1),
    "unirep": EmbeddingConfig("unirep", dim=16),
    "esm1b": EmbeddingConfig("esm1b", dim=16, layers=2, heads=4, hidden=64, positions=40),
    "esm2": EmbeddingConfig("esm2", dim=16, layers=2, heads=4, hidden=64),
    "descriptors": EmbeddingConfig("descriptors", dim=66),
    "one-hot": EmbeddingConfig("one-hot", dim=30),
    "random": EmbeddingConfig("random", dim=16),
    "none": EmbeddingConfig("none", dim=16),
    "array": EmbeddingConfig("array", dim=16),
}
LANGUAGE_MODELS = ("tape-bert", "unirep", "esm1b", "esm2")
PUBLISHED = {
    "celle1": EmbeddingConfig("tape-bert", dim=768, layers=12, heads=12, hidden=3072, positions=8096, token_types=2),
    "480": EmbeddingConfig("esm2", dim=480, layers=12, heads=20, hidden=1920),
    "640": EmbeddingConfig("esm2", dim=640, layers=30, heads=20, hidden=2560),
    "1280": EmbeddingConfig("esm2", dim=1280, layers=33, heads=20, hidden=5120),
    "2560": EmbeddingConfig("esm2", dim=2560, layers=36, heads=40, hidden=10240),
}
LAYOUTS = {"celle1": "celle1"} | {
    f"celle2_{data}_{size}": size for data in ("HPA", "OpenCell") for size in PUBLISHED if size != "celle1"
}


def build(kind):
    torch.manual_seed(0)
    return build_embedder(TINY[kind])


def ids_of(kind, sequence="MSKGEELFTG", window=20):
    return torch.from_numpy(tokenize(sequence, ALPHABETS[kind], window=window))[None]


def test_every_kind_is_tested_and_has_an_alphabet():
    assert set(TINY) == set(KINDS) == set(ALPHABETS)


@pytest.mark.parametrize("kind", sorted(set(TINY) - {"none", "array"}))
def test_each_residue_gets_a_vector(kind):
    ids = ids_of(kind).repeat(2, 1)
    vectors = build(kind)(ids)
    assert vectors.shape == (*ids.shape, TINY[kind].dim)
    assert vectors.dtype == torch.float32
    assert torch.isfinite(vectors).all()
    assert not torch.equal(vectors[:, 1], vectors[:, 2])


@pytest.mark.parametrize("kind", sorted(set(TINY) - {"none", "array"}))
def test_a_batch_gives_what_its_proteins_give_one_by_one(kind):
    embedder = build(kind)
    ids = torch.cat([ids_of(kind), ids_of(kind, "MKRPAATKKAGQAKKKKL"), ids_of(kind, "W")])
    one_by_one = torch.cat([embedder(protein[None]) for protein in ids])
    torch.testing.assert_close(embedder(ids), one_by_one, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", LANGUAGE_MODELS)
def test_a_language_model_is_frozen_whatever_the_model_around_it_does(kind):
    whole = nn.Sequential(build(kind)).train()
    assert not any(part.training for part in whole[0].modules())
    assert not any(weight.requires_grad for weight in whole.parameters())
    assert not whole(ids_of(kind)).requires_grad
    torch.testing.assert_close(whole(ids_of(kind)), whole(ids_of(kind)), rtol=0, atol=0)


def test_random_vectors_are_trained():
    assert build("random")(ids_of("random")).requires_grad


def test_one_hot_says_which_token_it_is():
    ids = ids_of("one-hot")
    vectors = build("one-hot")(ids)
    torch.testing.assert_close(vectors.argmax(-1), ids)
    assert (vectors.sum(-1) == 1).all()


def test_no_sequence_gives_no_vectors():
    assert build("none")(ids_of("none")).shape == (1, 0, 16)


def test_a_model_of_given_vectors_asks_for_them():
    with pytest.raises(CelleError, match="give the vectors"):
        build("array")(ids_of("array"))


def test_an_unknown_kind_lists_the_known():
    with pytest.raises(CelleError, match=r"Unknown residue embedding 'esm3'.*array.*esm2.*unirep"):
        build_embedder(EmbeddingConfig("esm3", dim=16))


@pytest.mark.parametrize("kind", ["descriptors", "one-hot"])
def test_a_width_that_does_not_fit_is_refused(kind):
    with pytest.raises(CelleError, match=f"'{kind}' has {TINY[kind].dim} values a residue, not 16"):
        build_embedder(EmbeddingConfig(kind, dim=16))


@pytest.mark.parametrize(("kind", "package"), [("tape-bert", "tape"), ("unirep", "tape"), ("esm2", "transformers")])
def test_a_missing_package_is_named_with_what_to_install(kind, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(CelleError, match=rf"package {package}.*pip install 'napari-celle\[published\]'"):
        build(kind)


# --- weights ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(TINY))
def test_weights_put_into_a_network_without_memory_give_the_same_vectors(kind):
    embedder = build(kind)
    with torch.device("meta"):
        empty = build_embedder(TINY[kind])
    empty.load_state_dict(embedder.state_dict(), strict=True, assign=True)
    materialise(empty)
    assert not any(tensor.is_meta for tensor in [*empty.parameters(), *empty.buffers()])
    if kind != "array":
        torch.testing.assert_close(empty(ids_of(kind)), embedder(ids_of(kind)), rtol=0, atol=0)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_every_published_tensor_is_taken_with_its_shape_or_known_to_be_needless(shared, layout):
    keys = json.loads((shared / "upstream/layouts" / f"{layout}.json").read_text())["keys"]
    prefix = "celle.text_emb."
    published = {key.removeprefix(prefix): about["shape"] for key, about in keys.items() if key.startswith(prefix)}
    config = PUBLISHED[LAYOUTS[layout]]
    with torch.device("meta"):
        ours = {key: list(weight.shape) for key, weight in build_embedder(config).state_dict().items()}
    theirs = embedder_keys(config)
    assert set(theirs) == set(ours)
    assert {theirs[key]: shape for key, shape in ours.items()} == {
        key: shape for key, shape in published.items() if not is_ignored(key)
    }


def test_the_keys_of_esm_1b_are_those_of_fair_esm():
    keys = set(embedder_keys(TINY["esm1b"]).values())
    assert keys >= {
        "model.embed_tokens.weight", "model.embed_positions.weight", "model.emb_layer_norm_before.bias",
        "model.layers.1.self_attn.k_proj.weight", "model.layers.1.self_attn_layer_norm.bias",
        "model.layers.0.fc1.weight", "model.layers.0.final_layer_norm.weight", "model.emb_layer_norm_after.weight",
    }  # fmt: skip
    assert len(keys) == 6 + 2 * 16


# --- numbers ------------------------------------------------------------------------------------------------------


def load_published(config, checkpoint):
    weights = torch.load(checkpoint, weights_only=True)["state_dict"]
    with torch.device("meta"):
        embedder = build_embedder(config)
    state = {ours: weights[f"celle.text_emb.{theirs}"] for ours, theirs in embedder_keys(config).items()}
    embedder.load_state_dict(state, strict=True, assign=True)
    materialise(embedder)
    return embedder


def assert_vectors(embedder, file, *, start=None):
    with np.load(file) as arrays:
        ids, expected = torch.from_numpy(arrays["text_tokens"]).long(), arrays["text_embedding"]
    if start is not None:
        ids = nn.functional.pad(ids, (1, 0), value=start)
    np.testing.assert_allclose(embedder(ids).numpy(), expected, rtol=0, atol=3e-5)


def test_tape_bert_gives_the_published_vectors(fixtures):
    folder = fixtures / "celle1_small"
    size = json.loads((folder / "meta.json").read_text())["text_model"]
    config = EmbeddingConfig(
        "tape-bert",
        dim=size["hidden_size"],
        layers=size["num_hidden_layers"],
        heads=size["num_attention_heads"],
        hidden=size["intermediate_size"],
        positions=size["max_position_embeddings"],
        token_types=size["type_vocab_size"],
    )
    assert_vectors(load_published(config, folder / "celle.ckpt"), folder / "teacher_forced.npz", start=TAPE.start)


@pytest.mark.parametrize("file", ["forward.npz", "forward_masked_text.npz"])
def test_esm_2_gives_the_published_vectors(fixtures, file):
    folder = fixtures / "celle2_small"
    size = json.loads((folder / "meta.json").read_text())["text_model"]
    dim = size["embed_dim"]
    config = EmbeddingConfig("esm2", dim=dim, layers=size["num_layers"], heads=size["heads"], hidden=4 * dim)
    assert_vectors(load_published(config, folder / "celle.ckpt"), folder / file)


def layer_norm(x, weights, name):
    return nn.functional.layer_norm(x, x.shape[-1:], weights[f"{name}.weight"], weights[f"{name}.bias"], eps=1e-5)


def linear(x, weights, name):
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def esm_1b_by_hand(weights, ids, *, layers, heads):
    """ESM-1b of one protein, written from its description, with the names of fair-esm."""
    seen, masked = ids != 1, ids == 32
    x = weights["model.embed_tokens.weight"][ids].masked_fill(masked[:, None], 0)
    x = x * 0.88 / (1 - masked.sum() / seen.sum())
    x = x + weights["model.embed_positions.weight"][torch.where(seen, seen.cumsum(0) + 1, 1)]
    x = layer_norm(x, weights, "model.emb_layer_norm_before") * seen[:, None]
    for layer in range(layers):
        name = f"model.layers.{layer}"
        y = layer_norm(x, weights, f"{name}.self_attn_layer_norm")
        q, k, v = (linear(y, weights, f"{name}.self_attn.{p}_proj").unflatten(-1, (heads, -1)) for p in "qkv")
        scores = torch.einsum("ihd,jhd->hij", q, k) / math.sqrt(q.shape[-1])
        scores = scores.masked_fill(~seen, -torch.inf).softmax(-1)
        x = x + linear(torch.einsum("hij,jhd->ihd", scores, v).flatten(1), weights, f"{name}.self_attn.out_proj")
        y = linear(layer_norm(x, weights, f"{name}.final_layer_norm"), weights, f"{name}.fc1")
        x = x + linear(y / 2 * (1 + torch.erf(y / math.sqrt(2))), weights, f"{name}.fc2")
    return layer_norm(x, weights, "model.emb_layer_norm_after")


@pytest.mark.parametrize("sequence", ["MSKGEELFTG", "MS<mask><mask>GEEL", "MKRPAATKKAGQAKKKKLDE"])
def test_esm_1b_computes_what_its_description_says(sequence):
    embedder = build("esm1b")
    generator = torch.Generator().manual_seed(1)
    for weight in embedder.parameters():
        weight.normal_(generator=generator)
    theirs = embedder_keys(TINY["esm1b"])
    weights = {theirs[key]: weight for key, weight in embedder.state_dict().items()}
    ids = ids_of("esm1b", sequence)
    expected = esm_1b_by_hand(weights, ids[0], layers=2, heads=4)
    torch.testing.assert_close(embedder(ids)[0], expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", ["esm1b", "esm2"])
def test_a_protein_of_masks_only_has_finite_vectors(kind):
    ids = torch.full((1, 22), ESM.mask)
    assert torch.isfinite(build(kind)(ids)).all()


@pytest.mark.parametrize("kind", ["esm1b", "esm2"])
def test_the_vector_of_padding_in_the_table_is_not_read(kind):
    embedder, ids = build(kind), ids_of(kind)
    before = embedder(ids)
    embedder.state_dict()["model.embeddings.word_embeddings.weight"][ESM.pad] = 9.0
    torch.testing.assert_close(embedder(ids), before, rtol=0, atol=0)


def test_masks_change_the_vectors_of_all_residues():
    embedder = build("esm2")
    plain, masked = embedder(ids_of("esm2", "MSKGEELFTG")), embedder(ids_of("esm2", "MSKGEELFT<mask>"))
    assert (plain - masked)[0, 1:10].abs().amax(-1).min() > 1e-4


@pytest.mark.parametrize(("kind", "reads"), [("tape-bert", True), ("esm1b", False), ("esm2", False)])
def test_only_tape_reads_the_padding(kind, reads):
    embedder = build(kind)
    short, long = (embedder(ids_of(kind, window=window))[:, :10] for window in (14, 20))
    assert torch.allclose(short, long, atol=1e-5) != reads
