"""CELL-E 2: a bidirectional transformer over residues | separator | reference codes | protein codes."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from napari_celle.config import CelleConfig
from napari_celle.layout import TokenLayout
from napari_celle.models.generation import generate_masked
from napari_celle.models.published import PublishedCelle, check_config, residue_tokens
from napari_celle.nn.transformer import OnLayer
from napari_celle.sampling import Decoded, OnCodes
from napari_celle.sampling.noise import Noise, gumbel_noise, whole_vocabulary_noise
from napari_celle.types import Faithful, SamplingOptions


class MaskedCelle(PublishedCelle):
    """CELL-E 2 (Khwaja et al. 2023): masked protein codes from residues and nucleus, masked residues from the picture.

    Attributes
    ----------
    mask_id : int
        Id of a masked protein code.
    """

    def __init__(self, config: CelleConfig, *, faithful: Faithful = "none") -> None:
        check_config(config)
        layout = TokenLayout(
            residues=residue_tokens(config),
            grid=config.protein.grid,
            separators=1,
            references=int(config.reference is not None),
        )
        # the published table has a row too many before the pictures, and the weights were trained with it (oddity 16)
        super().__init__(config, layout, spare_rows=1, faithful=faithful)
        self.separator = nn.Parameter(torch.randn(1, config.transformer.dim) * 0.02)
        self.mask_id = config.protein.codes

    def embed(self, ids: Tensor) -> Tensor:
        """Return the residue tokens (B, T, dim) of residue ids (B, T)."""
        return self.project(self.embedder(ids))

    def forward(
        self, embedded: Tensor, reference: Tensor, protein: Tensor, *, on_layer: OnLayer | None = None
    ) -> Tensor:
        """Return the last features of all tokens.

        Parameters
        ----------
        embedded : Tensor
            (B, T, dim) from :meth:`embed`.
        reference : Tensor
            (B, 256) int64 codes; (B, 0) for a model without.
        protein : Tensor
            (B, 256) int64 codes, ``mask_id`` where masked.
        on_layer : callable or None
            Told after each layer; may raise to stop.

        Returns
        -------
        Tensor
            (B, N, dim), laid out as ``layout`` says.
        """
        separator = self.separator.expand(len(protein), 1, -1)
        x = torch.cat([embedded, separator, self.pictures(reference, protein)], dim=1)  # (B, N, dim)
        return self.transformer(x, self.angles[: x.shape[1]], on_layer=on_layer)

    def image_logits(
        self, embedded: Tensor, reference: Tensor, protein: Tensor, *, on_layer: OnLayer | None = None
    ) -> Tensor:
        """Return the logits (B, 256, codes) of the protein codes; arguments as in :meth:`forward`."""
        return self.protein_logits(self(embedded, reference, protein, on_layer=on_layer)[:, self.layout.protein_span])

    def residue_logits(
        self, ids: Tensor, reference: Tensor, protein: Tensor, *, on_layer: OnLayer | None = None
    ) -> Tensor:
        """Return the logits (B, T, 33) of the residues; ``ids`` (B, T), the others as in :meth:`forward`."""
        features = self(self.embed(ids), reference, protein, on_layer=on_layer)
        return self.allowed_logits(features[:, self.layout.residue_span])[..., : self.vocabulary.residues]

    def logits(self, embedded: Tensor, reference: Tensor, protein: Tensor) -> Tensor:
        """Return all logits (B, N, V); arguments as in :meth:`forward`."""
        return self.allowed_logits(self(embedded, reference, protein))

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
        """Draw the protein image.

        Parameters
        ----------
        embedded, reference
            As in :meth:`forward`.
        sampling : SamplingOptions
            Without None.
        noise : callable
            From :meth:`noise`.
        on_layer : callable or None
            ``on_layer(done, total)`` over all layers of all passes; may raise to stop.
        on_codes : callable or None
            Shown the codes so far before each pass but the first.
        """
        return generate_masked(
            lambda codes, tell: self.image_logits(embedded, reference, codes, on_layer=tell),
            embedded.new_full((len(embedded), self.layout.image_tokens), self.mask_id, dtype=torch.int64),
            mask_id=self.mask_id,
            sampling=sampling,
            noise=noise,
            faithful=self.faithful,
            on_layer=on_layer,
            on_codes=on_codes,
        )

    def noise(self, generators: Sequence[torch.Generator]) -> Noise:
        """Return the noise of one generator for each item of the batch."""
        return self._noise(generators, self.layout.protein_span, self.vocabulary.protein_codes)

    def residue_noise(self, generators: Sequence[torch.Generator]) -> Noise:
        """Return the noise of the residues' draws, of one generator for each item of the batch."""
        return self._noise(generators, self.layout.residue_span, slice(0, self.vocabulary.residues))

    def _noise(self, generators: Sequence[torch.Generator], places: slice, columns: slice) -> Noise:
        if self.faithful == "none":
            return gumbel_noise(generators)
        return whole_vocabulary_noise(
            generators, shape=(self.layout.length, self.vocabulary.size), cut=(places, columns)
        )
