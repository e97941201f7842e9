"""What the training of a transformer begins with: a new model around image tokenizers, or one that is there."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from napari_celle.alphabet import ALPHABETS
from napari_celle.config import CelleConfig, Decoding, EmbeddingConfig, TransformerConfig
from napari_celle.errors import CelleError
from napari_celle.models.causal import CausalCelle
from napari_celle.models.checkpoints.catalogue import LanguageModel, language_models
from napari_celle.models.checkpoints.fetch import language_model_files
from napari_celle.models.checkpoints.language_model import published_language_model
from napari_celle.models.checkpoints.pickles import read_tensors
from napari_celle.models.checkpoints.tokenizers import Tokenizer
from napari_celle.models.descriptors import DESCRIPTORS
from napari_celle.models.embedder import embedder_keys, materialise
from napari_celle.models.masked import MaskedCelle
from napari_celle.models.registry import build, load_model
from napari_celle.types import OnStep, SamplingOptions

TABLES = ("random", "one-hot", "descriptors", "none")
"""Residue embeddings that need no weights of a language model."""

PARTS = {"reference": "nucleus", "protein": "protein"}
"""The tokenizers of a model, and what is in their pictures."""

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
        What gives residues their vectors: a name in ``TABLES``, or that of a protein language model.
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


@dataclass(frozen=True, slots=True, eq=False)
class Tokenizers:
    """Image tokenizers; None where there is none, or where that of the model stays."""

    nucleus: Tokenizer | None = None
    protein: Tokenizer | None = None

    def of(self, part: str) -> Tokenizer | None:
        """Return that of a part of the model, a name in ``PARTS``."""
        return self.nucleus if part == "reference" else self.protein


@dataclass(frozen=True, slots=True, eq=False)
class _Embedder:
    """Sizes and weights of what gives residues their vectors; no weights where they are random, or there are none."""

    config: EmbeddingConfig
    tensors: Mapping[str, Tensor] = field(default_factory=dict)


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
    causal = model.decoding == "causal"
    embedder = _embedder(model, on_step=on_step)
    config = CelleConfig(
        decoding=model.decoding,
        embedding=embedder.config,
        window=model.residues,
        reference=None,
        protein=tokenizers.protein.config.vqgan,
        transformer=TransformerConfig(
            dim=model.dim,
            depth=model.depth,
            heads=model.heads,
            feed_forward=4,
            rotate_values=True,
            causal=causal,
            token_shift=causal,
        ),
        pixels=tokenizers.protein.config.pixels,
    )
    config = _with_tokenizers(config, tokenizers)
    torch.manual_seed(seed)
    network = build(config)
    _scale_layers(network)
    if embedder.tensors:
        network.embedder.load_state_dict(embedder.tensors)
    for part, tokenizer in _given(tokenizers).items():
        network.get_submodule(f"{part}.vqgan").load_state_dict(tokenizer.tensors)
    made_of = {part: sha256(tokenizer.tensors) for part, tokenizer in _given(tokenizers).items()}
    if embedder.tensors:
        made_of["embedder"] = sha256(embedder.tensors)
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
    for part, tokenizer in _given(tokenizers).items():
        _check_codes(network.config, part, tokenizer)
    config = _with_tokenizers(network.config, tokenizers)
    state = {key: tensor for key, tensor in network.state_dict().items() if not _is_replaced(key, tokenizers)}
    for part, tokenizer in _given(tokenizers).items():
        state |= {f"{part}.vqgan.{key}": tensor for key, tensor in tokenizer.tensors.items()}
    with torch.device("meta"):
        mixed = build(config)
    mixed.load_state_dict(state, assign=True)
    materialise(mixed)
    made_of = {"model": loaded.info.weights_sha256}
    made_of |= {part: sha256(tokenizer.tensors) for part, tokenizer in _given(tokenizers).items()}
    return Start(mixed, made_of, loaded.info.sampling, source=loaded.info.name)


def sha256(tensors: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 over names and values of tensors, whatever their order."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(f"{name}\n".encode() + tensors[name].float().contiguous().numpy(force=True).tobytes())
    return digest.hexdigest()


@torch.no_grad()
def _scale_layers(network: CausalCelle | MaskedCelle) -> None:
    """Let deep layers begin with little to say, as in the papers (LayerScale, Touvron et al. 2021)."""
    for number, layer in enumerate(network.transformer.layers):
        first = next(scale for depth, scale in _SCALES if number < depth)
        for name in ("attention_scale", "feed_forward_scale"):
            layer.get_parameter(name).fill_(first)


def _given(tokenizers: Tokenizers) -> dict[str, Tokenizer]:
    found = {part: tokenizers.of(part) for part in PARTS}
    return {part: tokenizer for part, tokenizer in found.items() if tokenizer is not None}


def _is_replaced(key: str, tokenizers: Tokenizers) -> bool:
    return any(key.startswith(f"{part}.") for part in _given(tokenizers))


def _with_tokenizers(config: CelleConfig, tokenizers: Tokenizers) -> CelleConfig:
    """Return the sizes of a model with these tokenizers, which must know the same pictures."""
    given = _given(tokenizers)
    for part, tokenizer in given.items():
        config = replace(config, **{part: tokenizer.config.vqgan})  # type: ignore[arg-type]  # the part is its name
    if config.reference is not None and config.reference.image_size != config.protein.image_size:
        raise CelleError(
            f"The tokenizer of the nucleus sees {config.reference.image_size} pixels along an edge, that of the "
            f"protein {config.protein.image_size}. Choose two of one size."
        )
    kept = [config.pixels] if config.reference is not None and len(given) == 1 else []
    pixels = {*kept, *(tokenizer.config.pixels for tokenizer in given.values())} or {config.pixels}
    if len(pixels) > 1:
        raise CelleError(
            f"The image tokenizers know pictures that are prepared in different ways: {', '.join(sorted(pixels))}. "
            "Choose two of one kind."
        )
    protein = given.get("protein")
    grey = config.grey if protein is None else not protein.config.threshold
    return replace(config, pixels=pixels.pop(), grey=grey)


def _check_codes(config: CelleConfig, part: str, tokenizer: Tokenizer) -> None:
    own, new = getattr(config, part), tokenizer.config.vqgan
    if own is None:
        raise CelleError("The model reads no nucleus image: leave the tokenizer of the nucleus out.")
    if (own.codes, own.grid) != (new.codes, new.grid):
        raise CelleError(
            f"The model has {own.codes} codes for the {PARTS[part]} and {own.grid} x {own.grid} places, the other "
            f"tokenizer {new.codes} and {new.grid} x {new.grid}. Choose one with as many."
        )


def _embedder(model: NewModel, *, on_step: OnStep | None) -> _Embedder:
    dims = {"one-hot": len(ALPHABETS["one-hot"].tokens), "descriptors": DESCRIPTORS}
    if model.embedding in TABLES:
        return _Embedder(EmbeddingConfig(model.embedding, dims.get(model.embedding, model.dim)))
    known = language_models()
    if model.embedding not in known:
        names = ", ".join([*TABLES, *known])
        raise CelleError(f"There is no residue embedding {model.embedding!r}. Choose from {names}.")
    return _language_model(known[model.embedding], on_step=on_step)


def _language_model(card: LanguageModel, *, on_step: OnStep | None) -> _Embedder:
    """Return a protein language model, which is fetched unless it is at hand."""
    remedy = f"Then give the same command again. Or: napari-celle weights fetch {card.name}"
    tensors: dict[str, Tensor] = {}
    for path in language_model_files(card, remedy=remedy, on_step=on_step):
        tensors |= read_tensors(path)
    published, config = published_language_model(tensors, kind=card.config.kind, dim=card.config.dim)
    names = embedder_keys(config)
    return _Embedder(config, {ours: published[f"celle.text_emb.{theirs}"] for ours, theirs in names.items()})
