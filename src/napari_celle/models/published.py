"""What CELL-E and CELL-E 2 share: tokenizers, residue vectors, angles of the tokens, transformer and output head."""

from typing import get_args

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_celle.alphabet import ALPHABETS, places, tokenize
from napari_celle.config import CelleConfig, Decoding
from napari_celle.errors import CelleError
from napari_celle.layout import TokenLayout, Vocabulary
from napari_celle.models.embedder import build_embedder
from napari_celle.models.tokenizer import ImageTokenizer
from napari_celle.nn.rotary import token_table
from napari_celle.nn.transformer import Transformer
from napari_celle.types import Faithful

LOWEST = torch.finfo(torch.float32).min
"""Logit of what a place may not be."""


def check_config(config: CelleConfig) -> None:
    """Check that the parts of a model fit each other.

    Raises
    ------
    CelleError
        Saying which do not.
    """
    kind, causal = config.embedding.kind, config.decoding == "causal"
    if config.decoding not in get_args(Decoding):
        raise CelleError(f"There is no decoding {config.decoding!r}. Choose from {', '.join(get_args(Decoding))}.")
    if kind not in ALPHABETS:
        raise CelleError(f"Unknown residue embedding {kind!r}. Choose from {', '.join(sorted(ALPHABETS))}.")
    if config.transformer.causal != causal:
        raise CelleError(
            f"The decoding is {config.decoding!r}, but the tokens of the transformer see "
            f"{'all others' if causal else 'only those before them'}. Set transformer.causal to {causal}."
        )
    if config.reference is not None and config.reference.grid != config.protein.grid:
        raise CelleError(
            f"The reference image has {config.reference.grid} codes along an edge, the protein image "
            f"{config.protein.grid}. Choose the same number of both."
        )
    if causal and kind == "none" and config.reference is None:
        raise CelleError(
            "A causal model without sequence and without reference image has nothing to begin with. Give it one."
        )


def residue_tokens(config: CelleConfig) -> int:
    """Return how many residue ids the model reads, special ones included; 0 for a model without sequence."""
    kind = config.embedding.kind
    return 0 if kind == "none" else places(ALPHABETS[kind], config.window)


class PublishedCelle(nn.Module):
    """The parts of a published model; how they are put together is CELL-E's or CELL-E 2's.

    Attributes
    ----------
    config : CelleConfig
        Sizes.
    faithful : str
        "none" mends what the authors' code does by mistake, "all" reproduces it (docs/upstream-differences.md).
    decoding, pixels, grey
        As in the config; see ``models.network.Network``.
    layout : TokenLayout
        Where the tokens lie.
    vocabulary : Vocabulary
        Where the parts of the logits lie.
    reference, protein : ImageTokenizer
        Tokenizers of the reference image (None without) and of the protein image.
    angles : Tensor
        (N, A) rotary angles of the tokens, loaded with the weights.
    """

    angles: Tensor
    decoding: str
    faithful: Faithful

    def __init__(self, config: CelleConfig, layout: TokenLayout, *, spare_rows: int, faithful: Faithful) -> None:
        super().__init__()
        self.config, self.layout, self.faithful = config, layout, faithful
        self.decoding, self.pixels, self.grey = config.decoding, config.pixels, config.grey
        self.alphabet = ALPHABETS[config.embedding.kind]
        dim, masks = config.transformer.dim, int(config.decoding == "masked")
        self.vocabulary = Vocabulary(
            residues=len(self.alphabet.tokens),
            reference=config.reference.codes if config.reference else 0,
            protein=config.protein.codes,
            masked=config.decoding == "masked",
            residue_mask=self.alphabet.mask if config.decoding == "masked" else None,
        )
        self.reference = ImageTokenizer(config.reference) if config.reference else None
        self.protein = ImageTokenizer(config.protein)
        self.embedder = build_embedder(config.embedding)
        self.project = nn.Linear(config.embedding.dim, dim) if config.embedding.dim != dim else nn.Identity()
        self.reference_embedding = nn.Embedding(config.reference.codes + masks, dim) if config.reference else None
        self.protein_embedding = nn.Embedding(config.protein.codes + masks, dim)
        self.transformer = Transformer(config.transformer)
        self.head = nn.Linear(dim, self.vocabulary.size)
        table = token_table(
            layout.nucleus_span.start + spare_rows,
            grid=config.protein.grid,
            dim_head=config.transformer.dim_head,
            pictures=1 + layout.references,
        )
        self.register_buffer("angles", table)

    def residue_ids(self, sequence: str, *, start: int = 0) -> np.ndarray:
        """Return the residue ids (T,) int64 of a cleaned sequence, read from residue ``start`` on."""
        if self.config.embedding.kind == "none":
            return np.zeros(0, np.int64)
        if self.faithful == "all" and self.alphabet.framed and start > 0:
            start += 1  # the published loader counts <cls>
        return tokenize(sequence, self.alphabet, window=self.config.window, start=start, faithful=self.faithful)

    def encode_reference(self, pixels: Tensor) -> Tensor:
        """Return the codes (B, 256) of reference pixels (B, 1, S, S); none, (B, 0), for a model without reference."""
        if self.reference is None:
            return torch.zeros(len(pixels), 0, dtype=torch.int64, device=pixels.device)
        return self.reference.encode(pixels)

    def embed_vectors(self, vectors: Tensor) -> Tensor:
        """Return (B, T, dim) from vectors (B, n, D) of the first residue tokens, the user's; then zeros.

        Raises
        ------
        CelleError
            If there are too many vectors, or they are too long.
        """
        room, width = self.layout.residues, self.config.embedding.dim
        if vectors.shape[1] > room or vectors.shape[2] != width:
            raise CelleError(
                f"The embedding has {vectors.shape[1]:,} residues of {vectors.shape[2]:,} values. This model takes at "
                f"most {room:,} of {width:,} values."
            )
        return self.project(F.pad(vectors.float(), (0, 0, 0, room - vectors.shape[1])))

    def pictures(self, reference: Tensor, protein: Tensor) -> Tensor:
        """Return the tokens (B, n, dim) of reference codes (B, 256) and so many protein codes (B, m)."""
        parts = [self.protein_embedding(protein)]
        if self.reference_embedding is not None:
            parts.insert(0, self.reference_embedding(reference))
        return torch.cat(parts, dim=1)

    def protein_logits(self, features: Tensor) -> Tensor:
        """Return the logits (B, n, codes) of protein codes from features (B, n, dim)."""
        columns = self.vocabulary.protein_codes
        return F.linear(features, self.head.weight[columns], self.head.bias[columns])

    def allowed_logits(self, features: Tensor, *, first: int = 0) -> Tensor:
        """Return all logits (B, N, V) from features (B, N, dim), the lowest number where a place may not be that.

        The features are about the places of ``layout`` from ``first`` on.
        """
        allowed = self.vocabulary.allowed(self.layout)[first : first + features.shape[1]]  # (N, V)
        return self.head(features).float().masked_fill(~torch.from_numpy(allowed).to(features.device), LOWEST)
