"""What gives each residue its vector: protein language models, tables, or nothing.

The only importer of ``tape`` and ``transformers``, which are needed for the language models alone.
"""

import warnings
from collections.abc import Callable
from typing import Self

import torch
from torch import Tensor, nn

from napari_celle.alphabet import ALPHABETS, ESM, TAPE
from napari_celle.config import EmbeddingConfig
from napari_celle.errors import CelleError
from napari_celle.models.descriptors import DESCRIPTORS, descriptor_table

_KEPT = 1 - 0.15 * 0.8  # share of the residues that were visible in the training of ESM

_MASK = ESM.tokens.index("<mask>")

_FAIR_ESM = (
    ("embeddings.word_embeddings.", "embed_tokens."),
    ("embeddings.position_embeddings.", "embed_positions."),
    ("embeddings.layer_norm.", "emb_layer_norm_before."),
    ("encoder.emb_layer_norm_after.", "emb_layer_norm_after."),
    ("encoder.layer.", "layers."),
    ("attention.self.query.", "self_attn.q_proj."),
    ("attention.self.key.", "self_attn.k_proj."),
    ("attention.self.value.", "self_attn.v_proj."),
    ("attention.output.dense.", "self_attn.out_proj."),
    ("attention.LayerNorm.", "self_attn_layer_norm."),
    ("intermediate.dense.", "fc1."),
    ("output.dense.", "fc2."),  # after attention.output.dense
    ("LayerNorm.", "final_layer_norm."),  # after attention.LayerNorm
)
"""Parts of a key in transformers and in fair-esm, which wrote the published checkpoints; replaced in this order."""

_IGNORED = ("scale_layer.", "model.lm_head.", "model.contact_head.", "model.pooler.")


class _LanguageModel(nn.Module):
    """A language model as it was published: without dropout, and frozen until :func:`set_trainable` says otherwise."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model, self.frozen = model.requires_grad_(False), True
        self.train(False)

    def train(self, mode: bool = True) -> Self:
        """Stay in evaluation mode, whatever the model around it does."""
        return super().train(False)

    def forward(self, ids: Tensor) -> Tensor:
        """Return the vectors (B, N, dim) of ids (B, N)."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            return self.vectors(ids)

    def vectors(self, ids: Tensor) -> Tensor:
        """Return what :meth:`forward` gives; each language model has its own way."""
        raise NotImplementedError


class _Tape(_LanguageModel):
    """BERT or UniRep of TAPE; padding is read like residues (oddity 4, which the published weights depend on)."""

    def vectors(self, ids: Tensor) -> Tensor:
        return self.model(ids)[0]  # (B, N, dim)


class _Esm(_LanguageModel):
    """ESM-1b or ESM-2; padding is not attended to, but has vectors."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__(model)
        self.model.get_submodule("embeddings.word_embeddings").register_forward_hook(_drop_masks)

    def vectors(self, ids: Tensor) -> Tensor:
        return self.model(input_ids=ids, attention_mask=(ids != ESM.pad).long()).last_hidden_state  # (B, N, dim)


def _drop_masks(table: nn.Module, inputs: tuple[Tensor], vectors: Tensor) -> Tensor:
    """Put zeros at ``<mask>`` and let all other vectors grow with its share, as ESM was trained (oddity 45).

    A protein of nothing but ``<mask>`` has zeros only; upstream's factor of 0 / 0 (oddity 24) is avoided.
    """
    (ids,) = inputs  # (B, N)
    visible, masked = ids != ESM.pad, ids == _MASK
    told = (visible & ~masked).sum(1) / visible.sum(1).clamp(min=1)  # (B,) in [0, 1]
    factor = _KEPT / torch.where(told > 0, told, 1)
    return vectors.masked_fill(masked.unsqueeze(-1), 0) * factor[:, None, None]  # (B, N, dim)


class _Table(nn.Module):
    """Fixed vectors: descriptors or one-hot. It has no weights."""

    def __init__(self, vectors: Tensor) -> None:
        super().__init__()
        self._vectors = (vectors,)  # in a tuple: neither a weight nor a buffer

    def forward(self, ids: Tensor) -> Tensor:
        return self._vectors[0].to(ids.device)[ids]  # (B, N, dim)


class _Nothing(nn.Module):
    """No sequence: no vectors."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, ids: Tensor) -> Tensor:
        return torch.zeros(len(ids), 0, self.dim, device=ids.device)


class _Array(nn.Module):
    """The user brings the vectors."""

    def forward(self, ids: Tensor) -> Tensor:
        raise CelleError(
            "This model has no residue embedding of its own: give the vectors of the residues, an array (L, D), with "
            "the request (PredictionRequest.embedding)."
        )


def build_embedder(config: EmbeddingConfig) -> nn.Module:
    """Build what gives each residue its vector, with random weights.

    Parameters
    ----------
    config : EmbeddingConfig
        Kind and size.

    Returns
    -------
    nn.Module
        ``forward(ids)`` takes token ids (B, N) int64, of the alphabet ``ALPHABETS[config.kind]`` and with the "<cls>"
        that TAPE's models begin with, and gives vectors (B, N, config.dim) float32; (B, 0, config.dim) if the kind is
        "none". Language models are frozen. On the meta device it takes no memory; call :func:`materialise` when the
        weights are in.

    Raises
    ------
    CelleError
        If the kind is not known, the width does not fit it, or a package that it needs is not installed.
    """
    try:
        build = KINDS[config.kind]
    except KeyError:
        raise CelleError(
            f"Unknown residue embedding {config.kind!r}. Choose from {', '.join(sorted(KINDS))}."
        ) from None
    return build(config)


def set_trainable(embedder: nn.Module, trainable: bool) -> None:
    """Let training change what gives residues their vectors, or not; what has no weights stays as it is."""
    embedder.requires_grad_(trainable)
    if isinstance(embedder, _LanguageModel):
        embedder.frozen = not trainable


def materialise(module: nn.Module) -> None:
    """Compute the buffers that no checkpoint holds, on the device of the weights.

    To be called when the weights were loaded into a network that was built on the meta device.
    """
    device = next((weight.device for weight in module.parameters()), None)
    for part in module.modules():
        buffers = dict(part.named_buffers(recurse=False))
        if "inv_freq" in buffers:
            part.inv_freq = _rotary_frequencies(2 * len(buffers["inv_freq"]), device)
        if "position_ids" in buffers:
            part.position_ids = torch.arange(buffers["position_ids"].shape[-1], device=device).expand(1, -1)


def embedder_keys(config: EmbeddingConfig) -> dict[str, str]:
    """Return the published key of each weight: ours (below ``embedder.``) to theirs (below ``celle.text_emb.``)."""
    with torch.device("meta"):
        keys = build_embedder(config).state_dict().keys()
    return {key: _fair_esm_key(key) if config.kind in ("esm1b", "esm2") else key for key in keys}


def is_ignored(key: str) -> bool:
    """Say whether a published key (below ``celle.text_emb.``) is not needed: heads, pooler, tables of angles."""
    return key.startswith(_IGNORED) or key.endswith(".inv_freq")


def _fair_esm_key(key: str) -> str:
    for ours, theirs in _FAIR_ESM:
        key = key.replace(ours, theirs)
    return key


def _tape_bert(config: EmbeddingConfig) -> nn.Module:
    try:
        from tape import ProteinBertConfig, ProteinBertModel
    except ImportError as error:
        raise _missing("tape-proteins", error) from error
    size = ProteinBertConfig(
        vocab_size=len(TAPE.tokens),
        hidden_size=config.dim,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        intermediate_size=config.hidden,
        max_position_embeddings=config.positions,
        type_vocab_size=config.token_types,
    )
    model = ProteinBertModel(size)
    model.pooler = nn.Identity()  # a summary of the protein, which is not used
    return _Tape(model)


def _unirep(config: EmbeddingConfig) -> nn.Module:
    try:
        from tape import UniRepConfig, UniRepModel
    except ImportError as error:
        raise _missing("tape-proteins", error) from error
    with warnings.catch_warnings():  # tape uses PyTorch's former weight_norm, whose keys the weights have
        warnings.filterwarnings("ignore", "`torch.nn.utils.weight_norm` is deprecated", FutureWarning)
        size = UniRepConfig(vocab_size=len(ALPHABETS["unirep"].tokens), hidden_size=config.dim)
        return _Tape(UniRepModel(size))


def _esm(config: EmbeddingConfig) -> nn.Module:
    try:
        from transformers import EsmConfig, EsmModel
    except ImportError as error:
        raise _missing("transformers", error) from error
    older = config.kind == "esm1b"
    size = EsmConfig(
        vocab_size=len(ESM.tokens),
        mask_token_id=ESM.mask,
        pad_token_id=ESM.pad,
        hidden_size=config.dim,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        intermediate_size=config.hidden,
        max_position_embeddings=config.positions or 1026,  # ESM-2 has no such table
        layer_norm_eps=1e-5,
        position_embedding_type="absolute" if older else "rotary",
        emb_layer_norm_before=older,
        token_dropout=False,  # done in _drop_masks, where a fully masked protein gives no NaN
    )
    model = EsmModel(size, add_pooling_layer=False)
    model.contact_head = nn.Identity()  # contacts of residues are not asked for
    for part in model.modules():
        if isinstance(frequencies := getattr(part, "inv_freq", None), Tensor):
            part.register_buffer("inv_freq", frequencies, persistent=False)  # computed, see materialise
    return _Esm(model)


def _rotary_frequencies(width: int, device: torch.device | None) -> Tensor:
    """Return the angles between neighbours of a head that is so wide: (width / 2,) float32 radians."""
    return 1 / 10000 ** (torch.arange(0, width, 2, dtype=torch.float32, device=device) / width)


def _descriptors(config: EmbeddingConfig) -> nn.Module:
    _check_dim(config, DESCRIPTORS)
    table = descriptor_table(ALPHABETS[config.kind])
    return _Table(torch.tensor(table, device="cpu"))


def _one_hot(config: EmbeddingConfig) -> nn.Module:
    _check_dim(config, len(ALPHABETS[config.kind].tokens))
    return _Table(torch.eye(config.dim, device="cpu"))


def _random(config: EmbeddingConfig) -> nn.Module:
    return nn.Embedding(len(ALPHABETS[config.kind].tokens), config.dim)


def _none(config: EmbeddingConfig) -> nn.Module:
    return _Nothing(config.dim)


def _array(config: EmbeddingConfig) -> nn.Module:
    return _Array()


def _check_dim(config: EmbeddingConfig, dim: int) -> None:
    if config.dim != dim:
        raise CelleError(f"The residue embedding {config.kind!r} has {dim} values a residue, not {config.dim}.")


def _missing(package: str, error: ImportError) -> CelleError:
    return CelleError(
        f"This model's residue embedding needs the package {package}, which could not be imported ({error}). "
        "Install it: pip install 'napari-celle[published]'"
    )


KINDS: dict[str, Callable[[EmbeddingConfig], nn.Module]] = {
    "tape-bert": _tape_bert,
    "unirep": _unirep,
    "esm1b": _esm,
    "esm2": _esm,
    "descriptors": _descriptors,
    "one-hot": _one_hot,
    "random": _random,
    "none": _none,
    "array": _array,
}
"""What builds each ``EmbeddingConfig.kind``."""
