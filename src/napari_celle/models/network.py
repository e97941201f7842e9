"""What every model offers to whoever asks it for a picture."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from napari_celle.alphabet import Alphabet
from napari_celle.models.tokenizer import ImageTokenizer
from napari_celle.nn.transformer import OnLayer
from napari_celle.sampling import Decoded, OnCodes
from napari_celle.sampling.noise import Noise
from napari_celle.types import Faithful, SamplingOptions


class Network(Protocol):
    """A network of CELL-E's family, its weights loaded.

    Attributes
    ----------
    decoding : str
        "causal" or "masked".
    pixels : str
        How it wants its reference image prepared: a name in ``preprocess.RECIPES``.
    grey : bool
        Its protein image is grey, not a threshold image.
    faithful : str
        Whether it reproduces the oddities of the authors' code.
    alphabet : Alphabet
        What its residue ids mean.
    protein : ImageTokenizer
        Tokenizer of the protein image.
    """

    decoding: str
    pixels: str
    grey: bool
    faithful: Faithful
    alphabet: Alphabet
    protein: ImageTokenizer

    def residue_ids(self, sequence: str, *, start: int = 0) -> np.ndarray:
        """Return the residue ids (T,) int64 that it reads of a cleaned sequence from residue ``start`` on."""

    def encode_reference(self, pixels: Tensor) -> Tensor:
        """Return the codes (B, 256) of prepared reference pixels (B, 1, S, S); (B, 0) if it takes none."""

    def embed(self, ids: Tensor) -> Tensor:
        """Return the residue tokens (B, T, dim) of residue ids (B, T)."""

    def embed_vectors(self, vectors: Tensor) -> Tensor:
        """Return the residue tokens (B, T, dim) of residue vectors (B, L, D) that the user brings."""

    def noise(self, generators: Sequence[torch.Generator]) -> Noise:
        """Return the noise of one generator for each item of the batch."""

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
        """Draw the protein codes.

        ``on_layer(done, total)`` counts the layers of all passes; ``on_codes(codes, known)`` is shown what is drawn so
        far, before each pass but the first.
        """


@runtime_checkable
class ReadsPictures(Network, Protocol):
    """A network that finds residues from the picture of a protein, too (CELL-E 2)."""

    def residue_logits(
        self, ids: Tensor, reference: Tensor, protein: Tensor, *, on_layer: OnLayer | None = None
    ) -> Tensor:
        """Return the logits (B, T, V) of residue ids (B, T), some masked, from reference and protein codes (B, 256)."""

    def residue_noise(self, generators: Sequence[torch.Generator]) -> Noise:
        """Return the noise of the residues' draws, of one generator for each item of the batch."""
