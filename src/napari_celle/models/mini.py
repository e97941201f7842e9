"""CELL-E 2: a bidirectional transformer over residues | separator | nucleus tokens | protein tokens."""

import torch
from torch import Tensor, nn

from napari_celle.config import MiniConfig
from napari_celle.layout import TokenLayout
from napari_celle.models.tokenizer import ImageTokenizer
from napari_celle.nn.residues import ResidueEncoder
from napari_celle.nn.rotary import image_angles
from napari_celle.nn.transformer import OnLayer, Transformer
from napari_celle.sequence import PAD_ID, RESIDUE_VOCABULARY


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
    """

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

    def embed(self, ids: Tensor) -> Tensor:
        """Return the residue tokens (B, L + 1, dim), the separator last, of residue ids (B, L).

        All of them carry the summary of the whole protein: a token among a thousand would hardly be looked at.
        """
        residues, summary = self.encoder(ids)
        separator = self.separator.expand(len(ids), 1, -1)  # (B, 1, dim)
        return torch.cat([self.from_residue(residues), separator], dim=1) + self.from_summary(summary).unsqueeze(1)

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
