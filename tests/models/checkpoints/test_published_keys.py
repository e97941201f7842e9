import json
from dataclasses import replace

import pytest
import torch

from napari_celle.config import CelleConfig, EmbeddingConfig, TransformerConfig, VqganConfig
from napari_celle.errors import WeightsError
from napari_celle.models.checkpoints.install import ImportOptions, import_model
from napari_celle.models.checkpoints.published_keys import is_ignored, published_names, to_ours, vqgan_to_ours
from napari_celle.models.registry import _TINY_CELLE, _TINY_CELLE2, build, load_model
from napari_celle.nn.vqgan import Vqgan

BERT = EmbeddingConfig("tape-bert", dim=768, layers=12, heads=12, hidden=3072, positions=8096, token_types=2)
ESM2 = {width: EmbeddingConfig("esm2", dim=width, layers=n, heads=h, hidden=4 * width)
        for width, n, h in ((480, 12, 20), (640, 30, 20), (1280, 33, 20), (2560, 36, 40))}  # fmt: skip


def celle(embedding, *, depth, causal=False):
    size = TransformerConfig(
        dim=embedding.dim, depth=depth, heads=16, dim_head=64, feed_forward=4, rotary=10, rotate_values=True,
        causal=causal, token_shift=causal,
    )  # fmt: skip
    return CelleConfig(
        decoding="causal" if causal else "masked",
        embedding=embedding,
        window=1000,
        reference=VqganConfig(),
        protein=VqganConfig(),
        transformer=size,
    )


MODELS = {"celle1": celle(BERT, depth=32, causal=True)} | {
    f"celle2_{data}_{width}": celle(ESM2[width], depth=depth)
    for data in ("HPA", "OpenCell")
    for width, depth in ((480, 68), (640, 55), (1280, 25), (2560, 5))
}
VQGANS = [
    f"{model}_{picture}_vqgan"
    for model in ("celle1", "celle2_HPA", "celle2_OpenCell")
    for picture in ("nucleus", "threshold")
]
NEEDLESS = ("loss", "unused", "rotary constant")


def read(layouts, name):
    return json.loads((layouts / f"{name}.json").read_text())["keys"]


def checkpoint(keys):
    """Tensors of these names and shapes that take no memory."""
    dtypes = {"float32": torch.float32, "int64": torch.int64}
    return {
        key: torch.empty(about["shape"], dtype=dtypes[about["dtype"]], device="meta") for key, about in keys.items()
    }


def is_needless(key, about):
    return any(word in about["role"] for word in NEEDLESS) or key.endswith(".rot_emb.inv_freq")


def shapes(tensors):
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def test_every_layout_is_tested(layouts):
    assert {path.stem for path in layouts.glob("*.json")} == {*MODELS, *VQGANS}


@pytest.mark.parametrize("name", MODELS)
def test_a_published_model_has_exactly_the_tensors_of_its_checkpoint(layouts, name):
    keys, config = read(layouts, name), MODELS[name]
    with torch.device("meta"):
        network = build(config)
    assert shapes(to_ours(checkpoint(keys), config)) == shapes(network.state_dict())
    used = [part for parts in published_names(config).values() for part in parts]
    assert len(used) == len(set(used))
    assert set(used) == {key for key, about in keys.items() if not is_needless(key, about)}


@pytest.mark.parametrize("name", MODELS)
def test_what_is_ignored_is_what_running_the_model_does_not_need(layouts, name):
    keys = read(layouts, name)
    ignored = {key for key in keys if is_ignored(key)}
    assert ignored == {key for key, about in keys.items() if is_needless(key, about)}


@pytest.mark.parametrize("name", MODELS)
def test_every_parameter_of_a_published_model_comes_from_its_checkpoint(layouts, name):
    with torch.device("meta"):
        network = build(MODELS[name])
    theirs = published_names(MODELS[name])
    assert {key for key, _ in network.named_parameters()} <= theirs.keys()
    left = {key.rpartition(".")[2] for key, _ in network.named_buffers() if key not in theirs}
    assert left <= {"inv_freq", "position_ids"}  # computed


@pytest.mark.parametrize("name", VQGANS)
def test_a_published_image_tokenizer_has_exactly_the_tensors_of_its_checkpoint(layouts, name):
    keys = read(layouts, name)
    with torch.device("meta"):
        vqgan = Vqgan(VqganConfig())
    assert shapes(vqgan_to_ours(checkpoint(keys), VqganConfig())) == shapes(vqgan.state_dict())
    needless = {key for key, about in keys.items() if is_needless(key, about)}
    assert {key for key in keys if is_ignored(key)} == needless


@pytest.mark.parametrize("name", ["celle1", "celle2_HPA_480"])
def test_the_language_model_may_come_from_elsewhere(layouts, name):
    keys = {key: about for key, about in read(layouts, name).items() if "text_emb" not in key}
    config = MODELS[name]
    with torch.device("meta"):
        whole = {key for key in build(config).state_dict() if not key.startswith("embedder.")}
    assert to_ours(checkpoint(keys), config, embedder=False).keys() == whole
    with pytest.raises(WeightsError, match=r"\(celle\.text_emb\.model\..*missing, 0 unexpected"):
        to_ours(checkpoint(keys), config)


# --- values -------------------------------------------------------------------------------------------------------


def published_tensors(config):
    """A checkpoint of a toy model in the published names: what it has, and a network that has the same."""
    torch.manual_seed(1)
    network = build(config)
    theirs: dict[str, torch.Tensor] = {}
    for ours, tensor in network.state_dict().items():
        parts = published_names(config)[ours]
        if ours == "angles":
            theirs[parts[0]] = tensor.repeat_interleave(2, dim=-1)[None]
        elif ours.endswith("_scale"):
            theirs[parts[0]] = tensor[None, None]
        else:
            theirs |= dict(zip(parts, tensor.chunk(len(parts)), strict=True))
    return network, theirs


TOYS = {
    f"{decoding}{extra}": replace(toy, protein=replace(toy.protein, patch=1), reference=reference, embedding=embedding)
    for decoding, toy in (("causal", _TINY_CELLE), ("masked", _TINY_CELLE2))
    for extra, reference, embedding in (
        ("", replace(toy.protein, patch=1, multipliers=(1, 1, 2)), toy.embedding),
        (" without reference", None, toy.embedding),
        (" with a narrower embedding", None, EmbeddingConfig("random", dim=8)),
    )
}


@pytest.mark.parametrize("name", TOYS)
def test_renamed_tensors_are_those_of_the_network_in_value_and_order(name):
    network, theirs = published_tensors(TOYS[name])
    ours, expected = to_ours(theirs, TOYS[name]), network.state_dict()
    assert ours.keys() == expected.keys()
    for key in expected:
        torch.testing.assert_close(ours[key], expected[key], rtol=0, atol=0)


def test_queries_keys_and_values_of_an_image_tokenizer_are_stacked_in_this_order():
    _, theirs = published_tensors(TOYS["masked"])
    ours = to_ours(theirs, TOYS["masked"])
    names = published_names(TOYS["masked"])
    fused = [key for key in ours if ".to_qkv." in key and len(names[key]) == 3]
    assert fused
    for key in fused:
        parts = [theirs[part] for part in names[key]]
        assert [part.rpartition(".")[0][-2:] for part in names[key]] == [".q", ".k", ".v"]
        torch.testing.assert_close(ours[key], torch.cat(parts), rtol=0, atol=0)


def test_tensors_are_not_copied_where_they_can_be_used_as_they_are():
    _, theirs = published_tensors(TOYS["masked"])
    ours = to_ours(theirs, TOYS["masked"])
    assert ours["head.weight"] is theirs["celle.to_logits.1.weight"]
    assert (
        ours["angles"].untyped_storage().data_ptr() == theirs["celle.transformer.pos_emb"].untyped_storage().data_ptr()
    )


# --- errors -------------------------------------------------------------------------------------------------------


def test_missing_and_unexpected_tensors_are_counted_and_named():
    _, theirs = published_tensors(TOYS["masked"])
    del theirs["celle.sep_emb.weight"]
    wrong = {f"celle.nonsense.{number}": torch.zeros(1) for number in range(5)}
    with pytest.raises(WeightsError) as caught:
        to_ours(theirs | wrong, TOYS["masked"])
    message = str(caught.value)
    assert "1 (celle.sep_emb.weight) missing" in message
    assert "5 (celle.nonsense.0, celle.nonsense.1, celle.nonsense.2, ...) unexpected" in message
    assert "configuration" in message


def test_needless_tensors_are_no_fault():
    _, theirs = published_tensors(TOYS["masked"])
    needless = [
        "celle.vae.model.loss.discriminator.main.0.weight",
        "celle.transformer.text_pos_emb.freqs",
        "celle.text_emb.model.lm_head.bias",
        "celle.text_emb.scale_layer.weight",
    ]
    more = {key: torch.zeros(1) for key in needless}
    assert to_ours(theirs | more, TOYS["masked"]).keys() == to_ours(theirs, TOYS["masked"]).keys()


def test_a_checkpoint_of_the_other_family_does_not_fit():
    _, theirs = published_tensors(TOYS["causal"])
    with pytest.raises(WeightsError, match=r"missing.*unexpected"):
        to_ours(theirs, TOYS["masked"])


def test_the_layer_between_a_language_model_and_a_transformer_of_other_width_is_imported(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path / "weights"))
    picture = VqganConfig(channels=32, multipliers=(1, 1, 1, 1, 1), blocks=1, z_channels=8, embed_dim=8, codes=16)
    bert = EmbeddingConfig("tape-bert", dim=16, layers=1, heads=2, hidden=16, positions=30, token_types=1)
    size = replace(celle(bert, depth=1, causal=True).transformer, dim=24, heads=1)
    config = CelleConfig("causal", bert, window=20, reference=picture, protein=picture, transformer=size)
    network, theirs = published_tensors(config)
    assert {"celle.text_emb.scale_layer.weight", "celle.text_emb.scale_layer.bias"} <= theirs.keys()
    torch.save({"state_dict": theirs}, tmp_path / "model.ckpt")
    import_model(tmp_path / "model.ckpt", ImportOptions("mine", heads=2))
    loaded = load_model("mine", device="cpu").network
    torch.testing.assert_close(loaded.state_dict(), network.state_dict(), rtol=0, atol=0)
