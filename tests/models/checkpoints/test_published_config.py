"""Sizes of published models from their tensors and yaml files."""

import json

import pytest

from napari_celle.config import EmbeddingConfig, VqganConfig
from napari_celle.errors import WeightsError
from napari_celle.models.checkpoints.published_config import published_config, read_yaml

SIZES = {480: (68, 12, 20), 640: (55, 30, 20), 1280: (25, 33, 20), 2560: (5, 36, 40)}  # layers, ESM-2 layers, heads


def _layout(shared, name):
    keys = json.loads((shared / "upstream" / "layouts" / f"{name}.json").read_text())["keys"]
    return {key: tuple(value["shape"]) for key, value in keys.items()}


def _model(**params):
    return {"model": {"params": params}}


@pytest.mark.parametrize("family", ["HPA", "OpenCell"])
@pytest.mark.parametrize("dim", SIZES)
def test_the_sizes_of_each_celle2_are_found(shared, family, dim):
    depth, layers, heads = SIZES[dim]
    config = published_config(
        _layout(shared, f"celle2_{family}_{dim}"), model={"data": {"params": {"dataset": family}}}
    )
    assert (config.decoding, config.window, config.pixels, config.grey) == ("masked", 1000, family.lower(), False)
    size = config.transformer
    assert (size.dim, size.depth, size.heads, size.dim_head, size.feed_forward, size.rotary) == (
        dim,
        depth,
        16,
        64,
        4,
        10,
    )
    assert (size.causal, size.token_shift, size.rotate_values) == (False, False, True)
    assert config.embedding == EmbeddingConfig("esm2", dim=dim, layers=layers, heads=heads, hidden=4 * dim)
    assert config.reference == config.protein == VqganConfig()


def test_the_sizes_of_celle_are_found(shared):
    config = published_config(_layout(shared, "celle1"), model={})
    assert (config.decoding, config.window, config.pixels) == ("causal", 1000, "celle")
    assert (config.transformer.causal, config.transformer.token_shift, config.transformer.depth) == (True, True, 32)
    assert config.embedding == EmbeddingConfig(
        "tape-bert", dim=768, layers=12, heads=12, hidden=3072, positions=8096, token_types=2
    )


def test_a_checkpoint_without_language_model_has_the_sizes_of_the_published_one(shared):
    layout = _layout(shared, "celle2_HPA_2560")
    without = {key: shape for key, shape in layout.items() if "text_emb" not in key}
    assert published_config(without, model={}).embedding == published_config(layout, model={}).embedding


@pytest.mark.parametrize(
    ("params", "word"),
    [
        ({"depth": 55}, "says 55 layers, the weights have 68"),
        ({"dim": 640}, "says 640 width, the weights have 480"),
        ({"text_seq_len": 500}, "500 residues, the weights have 1000"),
        ({"heads": 8}, "attention heads times their width"),
        ({"text_embedding": "bert"}, "protein language model is not 'bert'"),
        ({"text_embedding": "magic"}, "residue embedding 'magic'"),
    ],
)
def test_the_configuration_of_another_model_is_told_apart(shared, params, word):
    with pytest.raises(WeightsError, match=word):
        published_config(_layout(shared, "celle2_HPA_480"), model=_model(**params))


@pytest.mark.parametrize(
    "settings",
    [
        {"n_embed": 1024},
        {"ddconfig": {"ch": 64}},
        {"ddconfig": {"ch_mult": [1, 2]}},
        {"ddconfig": {"attn_resolutions": [8]}},
    ],
)
def test_the_configuration_of_another_image_tokenizer_is_told_apart(shared, settings):
    with pytest.raises(WeightsError, match="that of another model"):
        published_config(_layout(shared, "celle2_HPA_480"), model={}, protein=_model(**settings))


def test_a_grey_model_and_one_without_nucleus_are_recognised(shared):
    layout = _layout(shared, "celle2_HPA_480")
    assert published_config(layout, model=_model(image_key="target")).grey
    alone = {key: shape for key, shape in layout.items() if "condition" not in key}
    alone["celle.transformer.pos_emb"] = (1, 1260, 60)
    config = published_config(alone, model={})
    assert (config.reference, config.window) == (None, 1000)


def test_an_image_tokenizer_or_other_weights_are_no_model(shared):
    for shapes in (_layout(shared, "celle2_HPA_nucleus_vqgan"), {"a": (1,)}, {}):
        with pytest.raises(WeightsError, match="not those of a whole CELL-E model"):
            published_config(shapes, model={})


def test_the_heads_of_an_unpublished_language_model_can_be_given(shared):
    assert published_config(_layout(shared, "celle2_HPA_480"), model={}, heads=4).embedding.heads == 4


@pytest.mark.parametrize("settings", [{"model": 3}, {"model": {"params": None}}, {"model": None, "data": []}])
def test_settings_without_values_take_the_authors_own(shared, settings):
    assert published_config(_layout(shared, "celle2_HPA_480"), model=settings).transformer.heads == 16


@pytest.mark.parametrize("content", [b"a: [", b"just text", b"\xff\xfe\x00", b"!!python/object/apply:os.getcwd []"])
def test_a_yaml_file_that_holds_no_settings_is_named(tmp_path, content):
    (tmp_path / "config.yaml").write_bytes(content)
    with pytest.raises(WeightsError, match=r"config\.yaml"):
        read_yaml(tmp_path / "config.yaml")
    with pytest.raises(WeightsError, match=r"none\.yaml cannot be read"):
        read_yaml(tmp_path / "none.yaml")
