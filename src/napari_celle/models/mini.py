"""celle-mini: CELL-E 2 at our own size, with a residue encoder of its own."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from napari_celle.alphabet import Alphabet, letters_of
from napari_celle.config import MiniConfig
from napari_celle.errors import CelleError
from napari_celle.layout import TokenLayout
from napari_celle.models.generation import generate_masked
from napari_celle.models.tokenizer import ImageTokenizer
from napari_celle.nn.residues import ResidueEncoder
from napari_celle.nn.rotary import image_angles
from napari_celle.nn.transformer import OnLayer, Transformer
from napari_celle.sampling import Decoded, OnCodes
from napari_celle.sampling.noise import Noise, gumbel_noise
from napari_celle.sequence import MASK_ID, PAD_ID, RESIDUE_IDS, RESIDUE_VOCABULARY
from napari_celle.types import Faithful, SamplingOptions

ALPHABET = Alphabet(
    name="celle-mini", tokens=(*RESIDUE_IDS, "<mask>", "<pad>"), start=-1, end=-1, pad=PAD_ID, mask=MASK_ID
)
"""Ids of its residues; nothing stands before or after the protein."""


class MiniCelle(nn.Module):
    """Protein tokens from residues and nucleus tokens, and masked residues from the picture (Khwaja et al. 2023).

    Attributes
    ----------
    nucleus, protein : ImageTokenizer
        Tokenizers of the nucleus picture and of the protein's threshold image.
    encoder : ResidueEncoder
        Residue ids to vectors.
    mask_id : int
        The id of a masked protein token.
    decoding, pixels, grey, faithful, alphabet
        As in ``models.network.Network``.
    """

    decoding, pixels, grey, alphabet = "masked", "percentile", False, ALPHABET
    faithful: Faithful = "none"

    def __init__(self, config: MiniConfig) -> None:
        super().__init__()
        self.config = config
        dim = config.transformer.dim
        self.nucleus, self.protein = ImageTokenizer(config.nucleus), ImageTokenizer(config.protein)
        self.encoder = ResidueEncoder(config.residues, vocabulary=RESIDUE_VOCABULARY, pad_id=PAD_ID)
        self.from_residue = nn.Linear(config.residues.dim, dim)
        self.from_summary = nn.Linear(config.residues.dim, dim)
        self.separator = nn.Parameter(torch.randn(dim) * 0.02)
        self.nucleus_embedding = nn.Embedding(config.nucleus.codes, dim)
        self.protein_embedding = nn.Embedding(config.protein.codes + 1, dim)  # the last is the mask
        self.transformer = Transformer(config.transformer)
        self.to_protein = nn.Linear(dim, config.protein.codes)
        self.to_residue = nn.Linear(dim, RESIDUE_VOCABULARY)
        self.mask_id = config.protein.codes

    def residue_ids(self, sequence: str, *, start: int = 0) -> np.ndarray:
        """Return the residue ids (L,) int64 of a cleaned sequence, as many from ``start`` on as it reads."""
        letters = letters_of(sequence)[start : start + self.config.residue_window]
        return np.array([ALPHABET.ids[letter] for letter in letters], np.int64)

    def encode_reference(self, pixels: Tensor) -> Tensor:
        """Return the codes (B, 256) of nucleus pixels (B, 1, S, S) in [0, 1]."""
        return self.nucleus.encode(pixels)

    def embed(self, ids: Tensor) -> Tensor:
        """Return the residue tokens (B, L + 1, dim), the separator last, of residue ids (B, L).

        All of them carry the summary of the whole protein: a token among a thousand would hardly be looked at.
        """
        residues, summary = self.encoder(ids)
        separator = self.separator.expand(len(ids), 1, -1)  # (B, 1, dim)
        return torch.cat([self.from_residue(residues), separator], dim=1) + self.from_summary(summary).unsqueeze(1)

    def embed_vectors(self, vectors: Tensor) -> Tensor:
        """Refuse residue vectors: this model makes its own."""
        raise CelleError(
            "celle-mini makes its own vectors of the residues and takes none. Leave the embedding out, or choose a "
            "published model."
        )

    def forward(
        self,
        embedded: Tensor,
        nucleus: Tensor,
        protein: Tensor,
        *,
        visible: Tensor | None = None,
        on_layer: OnLayer | None = None,
    ) -> Tensor:
        """Return the last features of all tokens.

        Parameters
        ----------
        embedded : Tensor
            (B, L + 1, dim) from :meth:`embed`.
        nucleus, protein : Tensor
            (B, 256) int64 token ids; ``mask_id`` at masked protein tokens.
        visible : Tensor or None
            (B, L) bool, False at padded residues.
        on_layer : callable or None
            Told after each layer; may raise to stop.

        Returns
        -------
        Tensor
            (B, L + 1 + 512, dim), laid out as in ``TokenLayout``.
        """
        x = torch.cat([embedded, self.nucleus_embedding(nucleus), self.protein_embedding(protein)], dim=1)
        layout = self.layout(embedded.shape[1] - 1)
        positions = torch.from_numpy(layout.grid_positions()).to(x.device)
        angles = image_angles(positions, self.config.transformer.rotary)
        if visible is not None:
            rest = visible.new_ones(len(x), layout.length - layout.residues)
            visible = torch.cat([visible, rest], dim=1)  # (B, N)
        return self.transformer(x, angles, visible=visible, on_layer=on_layer)

    def layout(self, residues: int) -> TokenLayout:
        """Return where the tokens lie for so many residues."""
        return TokenLayout(residues=residues, grid=self.protein.grid)

    def image_logits(
        self, embedded: Tensor, nucleus: Tensor, protein: Tensor, *, on_layer: OnLayer | None = None
    ) -> Tensor:
        """Return the logits (B, 256, codes) of the protein tokens; arguments as in :meth:`forward`."""
        features = self(embedded, nucleus, protein, on_layer=on_layer)
        span = self.layout(embedded.shape[1] - 1).protein_span
        return self.to_protein(features[:, span])

    def residue_logits(
        self, ids: Tensor, reference: Tensor, protein: Tensor, *, on_layer: OnLayer | None = None
    ) -> Tensor:
        """Return the logits (B, L, 27) of the residues; ``ids`` (B, L), the others as in :meth:`forward`."""
        features = self(self.embed(ids), reference, protein, on_layer=on_layer)
        return self.to_residue(features[:, self.layout(ids.shape[1]).residue_span])

    def generate(
        self,
        embedded: Tensor,
        reference: Tensor,
        *,
        sampling: SamplingOptions,
        noise: Noise,
        on_layer: OnLayer | None = None,
        on_codes: OnCodes | None = None,
    ) -> Decoded:
        """Draw the protein tokens; see ``models.network.Network``."""
        return generate_masked(
            lambda tokens, tell: self.image_logits(embedded, reference, tokens, on_layer=tell),
            torch.full_like(reference, self.mask_id),
            mask_id=self.mask_id,
            sampling=sampling,
            noise=noise,
            on_layer=on_layer,
            on_codes=on_codes,
        )

    def residue_noise(self, generators: Sequence[torch.Generator]) -> Noise:
        """Return the noise of the residues' draws."""
        return gumbel_noise(generators)

    def noise(self, generators: Sequence[torch.Generator]) -> Noise:
        """Return the noise of one generator for each item of the batch."""
        return gumbel_noise(generators)
