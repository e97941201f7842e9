"""What the training of a transformer begins with: a new model around image tokenizers, or one that is there."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from napari_celle.config import CelleConfig, Decoding, EmbeddingConfig, TransformerConfig, VqganConfig
from napari_celle.errors import CelleError
from napari_celle.models.causal import CausalCelle
from napari_celle.models.embedder import materialise
from napari_celle.models.masked import MaskedCelle
from napari_celle.models.registry import build, load_model
from napari_celle.train.image_tokenizers import Tokenizers, check_codes, config_with, exchanged
from napari_celle.train.record import tensors_sha256
from napari_celle.train.residue_embedding import residue_embedding
from napari_celle.types import OnStep, SamplingOptions

_SCALES = ((18, 0.1), (24, 1e-5), (10**9, 1e-6))
"""Layers up to each number begin with this scale."""

_SAMPLING: Mapping[str, SamplingOptions] = {
    "causal": SamplingOptions(steps=1, temperature=1.0, top_k=0),
    "masked": SamplingOptions(steps=4, temperature=0.5, top_k=0),
}


@dataclass(frozen=True, slots=True)
class NewModel:
    """Sizes of a new model.

    Attributes
    ----------
    decoding : str
        "causal" (CELL-E) or "masked" (CELL-E 2).
    embedding : str
        What gives residues their vectors, see :func:`napari_celle.train.residue_embedding.residue_embedding`.
    residues : int
        Longest part of a protein that it reads.
    dim, depth, heads : int
        Width, layers and attention heads of the transformer.
    """

    decoding: Decoding
    embedding: str = "random"
    residues: int = 1000
    dim: int = 256
    depth: int = 8
    heads: int = 4


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """A model to train.

    Attributes
    ----------
    network : CausalCelle or MaskedCelle
        With its first weights.
    made_of : Mapping of str to str
        SHA-256 of the weights that were read, by what they are of.
    sampling : SamplingOptions
        How its pictures are drawn.
    source : str
        Name of the model that it was, "" for a new one.
    """

    network: CausalCelle | MaskedCelle
    made_of: Mapping[str, str]
    sampling: SamplingOptions
    source: str = ""


def new_start(model: NewModel, tokenizers: Tokenizers, *, seed: int, on_step: OnStep | None = None) -> Start:
    """Build a new model around image tokenizers.

    Parameters
    ----------
    model : NewModel
        Its sizes.
    tokenizers : Tokenizers
        That of the protein at least; without one of the nucleus the model sees no nuclei.
    seed : int
        Of the random weights.
    on_step : callable or None
        Told of the bytes of a language model that has to be fetched.

    Raises
    ------
    CelleError
        If the parts do not fit each other.
    WeightsError
        If the weights of a language model are not at hand; says how to get them.
    """
    if tokenizers.protein is None:
        raise CelleError("A new model needs a tokenizer for the protein. Give one with --protein-vqgan.")
    embedding = residue_embedding(model.embedding, dim=model.dim, on_step=on_step)
    config = _config(model, embedding.config, protein=tokenizers.protein.config.vqgan)
    torch.manual_seed(seed)
    network = build(config_with(config, tokenizers))
    _scale_layers(network)
    made_of = tokenizers.sha256()
    if embedding.tensors:
        network.embedder.load_state_dict(embedding.tensors)
        made_of["embedder"] = tensors_sha256(embedding.tensors)
    network.load_state_dict(exchanged(network.state_dict(), tokenizers))
    return Start(network, made_of, _SAMPLING[model.decoding])


def start_from(name: str, tokenizers: Tokenizers, *, on_step: OnStep | None = None) -> Start:
    """Load a model, with the image tokenizers of another where given.

    Parameters
    ----------
    name : str
        An installed model, or the folder of one that was trained.
    tokenizers : Tokenizers
        What takes the place of its own; a code then means what it means in the new codebook.
    on_step : callable or None
        Told of progress.

    Raises
    ------
    WeightsError
        If there is no such model.
    CelleError
        If it is of another kind, or the tokenizers do not fit it.
    """
    loaded = load_model(name, device="cpu", on_step=on_step)
    network = loaded.network
    if not isinstance(network, CausalCelle | MaskedCelle):
        raise CelleError(
            f"{name} is not of the kind that is trained here: CELL-E or CELL-E 2. 'napari-celle train mini' trains it."
        )
    check_codes(network.config, tokenizers)
    with torch.device("meta"):
        mixed = build(config_with(network.config, tokenizers))
    mixed.load_state_dict(exchanged(network.state_dict(), tokenizers), assign=True)
    materialise(mixed)
    made_of = {"model": loaded.info.weights_sha256, **tokenizers.sha256()}
    return Start(mixed, made_of, loaded.info.sampling, source=loaded.info.name)


def _config(model: NewModel, embedding: EmbeddingConfig, *, protein: VqganConfig) -> CelleConfig:
    """Return the sizes of a model that sees no nuclei."""
    causal = model.decoding == "causal"
    transformer = TransformerConfig(
        dim=model.dim,
        depth=model.depth,
        heads=model.heads,
        feed_forward=4,
        rotate_values=True,
        causal=causal,
        token_shift=causal,
    )
    return CelleConfig(
        decoding=model.decoding,
        embedding=embedding,
        window=model.residues,
        reference=None,
        protein=protein,
        transformer=transformer,
    )


@torch.no_grad()
def _scale_layers(network: CausalCelle | MaskedCelle) -> None:
    """Let deep layers begin with little to say, as in the papers (LayerScale, Touvron et al. 2021)."""
    for number, layer in enumerate(network.transformer.layers):
        first = next(scale for depth, scale in _SCALES if number < depth)
        for name in ("attention_scale", "feed_forward_scale"):
            layer.get_parameter(name).fill_(first)
