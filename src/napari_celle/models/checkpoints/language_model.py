"""Protein language models by themselves: their sizes, and their weights as published checkpoints name them."""

import re
from collections.abc import Iterable, Mapping

from torch import Tensor

from napari_celle.config import EmbeddingConfig
from napari_celle.errors import WeightsError
from napari_celle.models.checkpoints.catalogue import language_model_of
from napari_celle.models.embedder import embedder_keys

Shapes = Mapping[str, tuple[int, ...]]
"""Name of each tensor to its shape."""

_HEADS = {"tape-bert": 12, "esm1b": 20, "esm2": 20}
_WIDE = 2560  # ESM-2 of this width has 40 heads
_PREFIXES = ("esm.", "bert.", "unirep.", "model.", "")  # where Hugging Face and TAPE keep the model in a file


def language_model_config(shapes: Shapes, *, kind: str, dim: int, heads: int | None = None) -> EmbeddingConfig:
    """Return the sizes of a protein language model from its tensors, named as published below ``celle.text_emb.``.

    Without tensors they are those of the published model of that kind and width, as far as there is one.
    """
    known = language_model_of(kind, dim)
    if not shapes:
        return known.config if known else EmbeddingConfig(kind=kind, dim=dim, heads=heads or 0)
    if kind == "unirep":
        return EmbeddingConfig(kind=kind, dim=dim)
    layer, feed_forward, positions = {
        "tape-bert": ("encoder.layer.", "intermediate.dense.weight", "embeddings.position_embeddings.weight"),
        "esm1b": ("layers.", "fc1.weight", "embed_positions.weight"),
        "esm2": ("layers.", "fc1.weight", ""),
    }[kind]
    return EmbeddingConfig(
        kind=kind,
        dim=dim,
        layers=count(shapes, layer),
        heads=heads or (known.config.heads if known else 2 * _HEADS[kind] if dim == _WIDE else _HEADS[kind]),
        hidden=shapes[f"{layer}0.{feed_forward}"][0],
        positions=shapes.get(positions, (0,))[0],
        token_types=shapes.get("embeddings.token_type_embeddings.weight", (0,))[0],
    )


def published_language_model(
    tensors: Mapping[str, Tensor], *, kind: str, dim: int, heads: int | None = None
) -> tuple[dict[str, Tensor], EmbeddingConfig]:
    """Return the weights of a language model's own file as a published CELL-E checkpoint names them, and their sizes.

    Parameters
    ----------
    tensors : Mapping of str to Tensor
        As Hugging Face or TAPE publish them.
    kind, dim
        As in :class:`EmbeddingConfig`.
    heads : int or None
        As there; None takes those of the published model.

    Raises
    ------
    WeightsError
        If they are those of another model.
    """
    plain = {_modern(name): tensor for name, tensor in tensors.items()}
    for prefix in _PREFIXES:
        inner = {name.removeprefix(prefix): tensor for name, tensor in plain.items() if name.startswith(prefix)}
        config = _sizes_of_file(inner, kind, dim, heads)
        names = (
            {ours.removeprefix("model."): theirs for ours, theirs in embedder_keys(config).items()} if config else {}
        )
        if config and names.keys() <= inner.keys():
            return {f"celle.text_emb.{theirs}": inner[ours] for ours, theirs in names.items()}, config
    raise WeightsError(
        f"These are not the weights of the protein language model {kind} of width {dim}: their tensors have other "
        f"names or sizes ({', '.join(sorted(tensors)[:3])}, ...)."
    )


def _sizes_of_file(inner: Mapping[str, Tensor], kind: str, dim: int, heads: int | None) -> EmbeddingConfig | None:
    """Return the sizes of a model in the names of transformers or TAPE, None if it is another."""
    table = inner.get("embed_matrix.weight" if kind == "unirep" else "embeddings.word_embeddings.weight")
    if kind == "unirep":
        return EmbeddingConfig(kind=kind, dim=dim) if table is not None else None
    if table is None or table.shape[1] != dim:
        return None
    known = language_model_of(kind, dim)
    positions = inner.get("embeddings.position_embeddings.weight") if kind != "esm2" else None
    types = inner.get("embeddings.token_type_embeddings.weight") if kind == "tape-bert" else None
    return EmbeddingConfig(
        kind=kind,
        dim=dim,
        layers=count(inner, "encoder.layer."),
        heads=heads or (known.config.heads if known else _HEADS[kind]),
        hidden=inner["encoder.layer.0.intermediate.dense.weight"].shape[0],
        positions=len(positions) if positions is not None else 0,
        token_types=len(types) if types is not None else 0,
    )


def _modern(name: str) -> str:
    """Return the name that torch's own LayerNorm gives its tensors."""
    return re.sub(r"\.beta$", ".bias", re.sub(r"\.gamma$", ".weight", name))


def count(names: Iterable[str], prefix: str) -> int:
    """Return how many numbers follow a prefix."""
    found = (re.match(re.escape(prefix) + r"(\d+)\.", name) for name in names)
    return 1 + max((int(match[1]) for match in found if match), default=-1)
