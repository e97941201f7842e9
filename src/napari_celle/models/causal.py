"""CELL-E: a causal transformer over <cls> | residues | reference codes | protein codes."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from napari_celle.alphabet import ALPHABETS
from napari_celle.config import CelleConfig
from napari_celle.layout import TokenLayout
from napari_celle.models.published import PublishedCelle, check_config, residue_tokens
from napari_celle.nn.memory import Memory
from napari_celle.nn.shift import ImageTokens
from napari_celle.nn.transformer import OnLayer
from napari_celle.sampling import Decoded, OnCodes
from napari_celle.sampling.causal import decode
from napari_celle.sampling.noise import Noise, gumbel_noise, whole_vocabulary_noise
from napari_celle.types import Faithful, SamplingOptions


class CausalCelle(PublishedCelle):
    """CELL-E (Khwaja et al. 2022): one protein code after another; the output at a token is about the next one."""

    def __init__(self, config: CelleConfig, *, faithful: Faithful = "none") -> None:
        check_config(config)
        text = residue_tokens(config)
        own_start = text > 0 and not ALPHABETS[config.embedding.kind].framed
        layout = TokenLayout(
            residues=text + own_start,
            grid=config.protein.grid,
            separators=0,
            references=int(config.reference is not None),
        )
        super().__init__(config, layout, spare_rows=0, faithful=faithful)
        self.own_start = own_start

    def embed(self, ids: Tensor) -> Tensor:
        """Return the residue tokens (B, T, dim), the start token first, of residue ids (B, L)."""
        if self.own_start:
            ids = torch.cat([ids.new_full((len(ids), 1), self.alphabet.start), ids], dim=1)
        return self.project(self.embedder(ids))

    def forward(
        self,
        embedded: Tensor,
        reference: Tensor,
        protein: Tensor,
        *,
        memory: Memory | None = None,
        on_layer: OnLayer | None = None,
    ) -> Tensor:
        """Return the last features of all tokens, or of the new ones.

        Parameters
        ----------
        embedded : Tensor
            (B, T, dim) from :meth:`embed`.
        reference : Tensor
            (B, 256) int64 codes; (B, 0) for a model without.
        protein : Tensor
            (B, n) int64 codes so far, n from 0 to 255.
        memory : Memory or None
            What was kept of earlier calls with fewer codes; only the last code is then looked at.
        on_layer : callable or None
            Told after each layer; may raise to stop.

        Returns
        -------
        Tensor
            (B, T + 256 + n, dim), or (B, 1, dim) after the first call with ``memory``.
        """
        done = memory.tokens if memory is not None else 0
        if done:
            x = self.protein_embedding(protein[:, -1:])
        else:
            x = torch.cat([embedded, self.pictures(reference, protein)], dim=1)
        image = ImageTokens(start=embedded.shape[1], row=self.layout.grid)
        angles = self.angles[done : done + x.shape[1]]
        return self.transformer(x, angles, image=image, memory=memory, on_layer=on_layer)

    def logits(self, embedded: Tensor, reference: Tensor, protein: Tensor) -> Tensor:
        """Return all logits (B, N, V), the first about the second token; ``protein`` is (B, 255)."""
        return self.allowed_logits(self(embedded, reference, protein), first=1)

    def next_logits(
        self, embedded: Tensor, reference: Tensor, *, cached: bool = True, on_layer: OnLayer | None = None
    ) -> Callable[[Tensor], Tensor]:
        """Return a function from the codes so far (B, n) to the logits (B, codes) of the next one.

        Parameters
        ----------
        embedded, reference
            As in :meth:`forward`.
        cached : bool
            Keep keys and values: quicker, and the codes have to grow by one from call to call.
        on_layer : callable or None
            Told after each layer of each call; may raise to stop.
        """
        memory = None
        if cached:
            memory = Memory(
                self.config.transformer.depth, capacity=self.layout.length, published=self.faithful == "all"
            )

        def about_next(protein: Tensor) -> Tensor:
            features = self(embedded, reference, protein, memory=memory, on_layer=on_layer)
            return self.protein_logits(features[:, -1])

        return about_next

    def generate(
        self,
        embedded: Tensor,
        reference: Tensor,
        *,
        sampling: SamplingOptions,
        noise: Noise,
        cached: bool = True,
        on_layer: OnLayer | None = None,
        on_codes: OnCodes | None = None,
    ) -> Decoded:
        """Draw the protein image, code by code.

        Parameters
        ----------
        embedded, reference, cached
            As in :meth:`next_logits`.
        sampling : SamplingOptions
            Without None; ``steps`` has no meaning here.
        noise : callable
            From :meth:`noise`.
        on_layer : callable or None
            ``on_layer(done, total)`` over all layers of all codes; may raise to stop.
        on_codes : callable or None
            Shown the codes so far after each row of the image but the last.
        """
        depth, codes = self.config.transformer.depth, self.layout.image_tokens
        passes = 0

        def tell(done: int, _: int) -> None:
            nonlocal passes
            passes += done == depth
            if on_layer is not None:
                on_layer(passes * depth + done % depth, codes * depth)

        about_next = self.next_logits(embedded, reference, cached=cached, on_layer=tell)
        return decode(
            about_next if on_codes is None else self._showing(about_next, on_codes),
            embedded.new_empty(len(embedded), 0, dtype=torch.int64),
            length=codes,
            temperature=sampling.temperature or 0.0,
            top_k=sampling.top_k,
            noise=noise,
        )

    def _showing(self, about_next: Callable[[Tensor], Tensor], on_codes: OnCodes) -> Callable[[Tensor], Tensor]:
        """Return ``about_next``, which now shows the codes so far (B, n) whenever a row of the image is full."""
        codes, row = self.layout.image_tokens, self.layout.grid

        def shown(protein: Tensor) -> Tensor:
            drawn = protein.shape[1]
            if drawn and drawn % row == 0:
                known = torch.arange(codes, device=protein.device) < drawn
                on_codes(functional.pad(protein, (0, codes - drawn)), known.expand(len(protein), -1))
            return about_next(protein)

        return shown

    def noise(self, generators: Sequence[torch.Generator]) -> Noise:
        """Return the noise of one generator for each item of the batch."""
        if self.faithful == "none":
            return gumbel_noise(generators)
        columns = self.vocabulary.protein_codes
        return whole_vocabulary_noise(generators, shape=(1, self.vocabulary.size), cut=(slice(0, 1), columns))
