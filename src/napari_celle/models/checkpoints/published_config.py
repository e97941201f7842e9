"""Sizes of a published model: from its tensors, and from its yaml files what tensors do not tell."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from napari_celle.config import CelleConfig, EmbeddingConfig, TransformerConfig, VqganConfig
from napari_celle.errors import WeightsError
from napari_celle.models.checkpoints.language_model import Shapes, count, language_model_config

Settings = Mapping[str, Any]
"""What a yaml file holds."""

_LAYER = "celle.transformer.layers.layers."
_TEXT = "celle.text_emb.model."
_KINDS = {"bert": "tape-bert", "esm1b": "esm1b", "esm2": "esm2", "unirep": "unirep"}
_PIXELS = {"HPA": "hpa", "OpenCell": "opencell"}
_SETTINGS = "the configuration"


def published_config(
    shapes: Shapes,
    *,
    model: Settings,
    reference: Settings | None = None,
    protein: Settings | None = None,
    heads: int | None = None,
    pixels: str = "hpa",
) -> CelleConfig:
    """Return the sizes of a published CELL-E or CELL-E 2 model.

    Parameters
    ----------
    shapes : Mapping of str to tuple of int
        Its published tensor names and shapes.
    model, reference, protein : Mapping
        What config.yaml, nucleus_vqgan.yaml and threshold_vqgan.yaml hold; without them the authors' own values are
        taken.
    heads : int or None
        Attention heads of the language model; None takes those of the published one of its kind and width.
    pixels : str
        How the pictures of CELL-E 2 are prepared where config.yaml names no dataset: a name in ``preprocess.RECIPES``.

    Raises
    ------
    WeightsError
        If these are no tensors of such a model, or the configuration is that of another model.
    """
    try:
        config = _config(shapes, model, (reference or {}, protein or {}), heads)
    except KeyError as error:
        raise WeightsError(
            f"These weights are not those of a whole CELL-E model: there is no {error} among them. Give the checkpoint "
            "of the model, model.ckpt, not that of an image tokenizer or of a language model."
        ) from None
    dataset = str(_part(model, "data").get("dataset"))
    return replace(config, pixels="celle" if config.decoding == "causal" else _PIXELS.get(dataset, pixels))


def _config(shapes: Shapes, model: Settings, pictures: tuple[Settings, Settings], heads: int | None) -> CelleConfig:
    masked = "celle.sep_emb.weight" in shapes
    params = _part(model, "model")
    transformer = _transformer(shapes, params, causal=not masked)
    protein = _vqgan(shapes, "celle.vae.model.", pictures[1])
    other = any(key.startswith("celle.condition_vae.") for key in shapes)
    reference = _vqgan(shapes, "celle.condition_vae.model.", pictures[0]) if other else None
    codes = protein.grid**2 * (2 if reference else 1)
    window = shapes["celle.transformer.pos_emb"][1] - codes - (4 if masked else 1)
    _check("residues", params.get("text_seq_len"), window)
    embedding = str(params.get("text_embedding") or ("esm2" if masked else "bert"))
    return CelleConfig(
        decoding="masked" if masked else "causal",
        embedding=_embedding(shapes, embedding, transformer.dim, heads),
        window=window,
        reference=reference,
        protein=protein,
        transformer=transformer,
        grey=params.get("image_key") == "target",
    )


def read_yaml(path: Path) -> dict[str, Any]:
    """Return what a yaml file holds.

    Raises
    ------
    WeightsError
        If it cannot be read, or holds no settings.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise WeightsError(f"The configuration {path} cannot be read: {' '.join(str(error).split())}.") from None
    if not isinstance(values, dict):
        raise WeightsError(f"The configuration {path} holds no settings. Take the file published with the weights.")
    return values


def _embedding(shapes: Shapes, name: str, dim: int, heads: int | None) -> EmbeddingConfig:
    """Return the sizes of the language model of a checkpoint."""
    if name not in _KINDS:
        raise WeightsError(
            f"The residue embedding {name!r} of {_SETTINGS} is not one of the published models': "
            f"{', '.join(sorted(_KINDS))}."
        )
    kind = _KINDS[name]
    inner = {key.removeprefix(_TEXT): shape for key, shape in shapes.items() if key.startswith(_TEXT)}
    table = inner.get("embed_tokens.weight" if kind.startswith("esm") else "embeddings.word_embeddings.weight")
    if inner and kind != "unirep" and table is None:
        raise WeightsError(f"The checkpoint's protein language model is not {name!r}, as {_SETTINGS} says.")
    return language_model_config(inner, kind=kind, dim=table[1] if table else dim, heads=heads)


def _transformer(shapes: Shapes, params: Mapping[str, Any], *, causal: bool) -> TransformerConfig:
    depth, dim = count(shapes, _LAYER), shapes["celle.to_logits.0.weight"][0]
    attention, gate = ("0.fn.fn.fn.fn.fn", "1.fn.fn.fn.fn") if causal else ("0.fn.fn", "1.fn.fn")
    inner = shapes[f"{_LAYER}0.{attention}.to_qkv.weight"][0] // 3
    hidden = shapes[f"{_LAYER}0.{gate}.net.0.weight"][0] // 2
    angles = shapes["celle.transformer.pos_emb"][2]
    dim_head = int(params.get("dim_head") or 64)
    _check("layers", params.get("depth"), depth)
    _check("width", params.get("dim"), dim)
    _check("attention heads times their width", int(params.get("heads") or inner // dim_head) * dim_head, inner)
    return TransformerConfig(
        dim=dim,
        depth=depth,
        heads=inner // dim_head,
        dim_head=dim_head,
        feed_forward=hidden // dim,
        rotary=angles // 6,  # three axes, each angle twice
        rotate_values=True,
        causal=causal,
        token_shift=causal,
    )


def _vqgan(shapes: Shapes, prefix: str, settings: Settings) -> VqganConfig:
    """Return the sizes of an image tokenizer, checked against its yaml file."""
    inner = {key.removeprefix(prefix): shape for key, shape in shapes.items() if key.startswith(prefix)}
    params = _part(settings, "model")
    details = params.get("ddconfig") or {}
    codes, embed_dim = inner["quantize.embedding.weight"]
    channels = inner["encoder.conv_in.weight"][0]
    levels = range(count(inner, "encoder.down."))
    size = int(details.get("resolution") or 256)
    attention = tuple(size >> level for level in levels if f"encoder.down.{level}.attn.0.q.weight" in inner)
    multipliers = tuple(inner[f"encoder.down.{level}.block.0.conv1.weight"][0] // channels for level in levels)
    _check("image codes", params.get("n_embed"), codes)
    _check("values a code", params.get("embed_dim"), embed_dim)
    _check("channels", details.get("ch"), channels)
    _check("multiples of the channels", _as_tuple(details.get("ch_mult")), multipliers)
    _check("resolutions with attention", _as_tuple(details.get("attn_resolutions")), attention)
    return VqganConfig(
        image_size=size,
        patch=1,
        channels=channels,
        multipliers=multipliers,
        blocks=count(inner, "encoder.down.0.block."),
        norm_groups=32,
        attention=attention,
        z_channels=inner["encoder.conv_out.weight"][0],
        embed_dim=embed_dim,
        codes=codes,
    )


def _as_tuple(values: object) -> tuple[object, ...] | None:
    return tuple(values) if isinstance(values, list) else None


def _part(settings: Settings, part: str) -> Settings:
    """Return the ``params`` of a part of a yaml file, nothing if it has none."""
    inner = settings.get(part)
    params = inner.get("params") if isinstance(inner, Mapping) else None
    return params if isinstance(params, Mapping) else {}


def _check(what: str, wanted: object, found: object) -> None:
    if wanted is not None and wanted != found:
        raise WeightsError(
            f"{_SETTINGS.capitalize()} is that of another model: it says {wanted} {what}, the weights have {found}. "
            "Take the yaml files published with these weights."
        )
