"""Tables of tokens, and batches from them whose content depends on the seed and their number alone."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor

from napari_celle.errors import CelleError
from napari_celle.models.published import PublishedCelle
from napari_celle.models.tokenizer import ImageTokenizer
from napari_celle.train.masks import Masking, mask_image, mask_sequence
from napari_celle.train.order import generator, shuffled
from napari_celle.train.record import arrays_sha256
from napari_celle.train.views import turned
from napari_celle.train.vqgan import as_tensor


class Samples(Protocol):
    """Pairs of pictures and the sequence of each."""

    @property
    def sequences(self) -> Sequence[str]:
        """One for each pair."""

    def __len__(self) -> int: ...

    def pictures(self, chosen: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return nucleus and protein of the pairs ``chosen`` (B,): tokens (B, 256) int64, or pixels (B, 1, S, S)."""

    def fingerprint(self) -> str:
        """Return a SHA-256 in hexadecimal over pictures and sequences."""


@dataclass(frozen=True, slots=True, eq=False)
class TokenTable:
    """Pictures as tokens: nucleus and protein (N, 256) int16, and the sequence of each, N strings."""

    nucleus: np.ndarray
    protein: np.ndarray
    sequences: Sequence[str]

    def __len__(self) -> int:
        return len(self.sequences)

    def pictures(self, chosen: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return nucleus and protein tokens (B, 256) int64 of the pairs ``chosen`` (B,)."""
        return self.nucleus[chosen].astype(np.int64), self.protein[chosen].astype(np.int64)

    def fingerprint(self) -> str:
        """Return the SHA-256 over tokens and sequences."""
        sequences = np.frombuffer("\n".join(self.sequences).encode(), np.uint8)
        return arrays_sha256(self.nucleus, self.protein, sequences)


class Batch(NamedTuple):
    """What one step learns from; B samples, L residues. A tuple, since Lightning moves no frozen dataclass.

    Attributes
    ----------
    hidden, ids : Tensor
        (B, L) int64 residue ids with and without masks.
    nucleus, protein : Tensor
        (B, 256) int64 token ids, or pixels (B, 1, S, S) float32 that the training makes into such.
    masked : Tensor
        (B, 256) bool, protein tokens to be found.
    window : tuple of int
        (start, stop) of the residues that the transformer sees; the encoder always sees all.
    """

    hidden: Tensor
    ids: Tensor
    nucleus: Tensor
    protein: Tensor
    masked: Tensor
    window: tuple[int, int]


@torch.inference_mode()
def tokens_of(
    encode: Callable[[Tensor], Tensor] | ImageTokenizer, pictures: np.ndarray, *, ways: np.ndarray, batch: int = 16
) -> np.ndarray:
    """Return the tokens (N, 256) int16 of pictures (N, Y, X), each turned in its way (N,) in 0-7 first.

    ``encode`` is a tokenizer, or what gives the tokens (B, 256) of pixels (B, 1, Y, X).
    """
    encode = encode.encode if isinstance(encode, ImageTokenizer) else encode
    rows = []
    for start in range(0, len(pictures), batch):
        part = slice(start, start + batch)
        turns = np.stack([turned(picture, way) for picture, way in zip(pictures[part], ways[part], strict=True)])
        rows.append(encode(as_tensor(turns)).numpy().astype(np.int16))
    return np.concatenate(rows)


SamplesT = TypeVar("SamplesT", bound=Samples)


class TokenBatches(ABC, Generic[SamplesT]):
    """Endless batches of samples; number n is the same whenever it is asked for (``train.order.Batches``).

    Parameters
    ----------
    table : Samples
        What to learn from, such as a ``TokenTable``.
    batch : int
        Samples a batch.
    masking : Masking
        What is to be found.
    seed : int
        Seed of everything.
    """

    def __init__(self, table: SamplesT, *, batch: int, masking: Masking, seed: int = 0) -> None:
        if not len(table):
            raise CelleError("There are no samples to train on. Give at least one pair of pictures with its sequence.")
        self.table, self.batch, self.masking, self.seed = table, batch, masking, seed

    def __getitem__(self, number: int) -> Batch:
        return self._batch(self._chosen(number), generator(self.seed, number))

    def fingerprint(self) -> str:
        """Return the SHA-256 over pictures and sequences."""
        return self.table.fingerprint()

    def _chosen(self, number: int) -> np.ndarray:
        """Return the samples (batch,) of a batch."""
        return shuffled(number, batch=self.batch, count=len(self.table), seed=self.seed)

    @abstractmethod
    def _batch(self, chosen: np.ndarray, rng: np.random.Generator) -> Batch: ...


class PublishedBatches(TokenBatches[Samples]):
    """Batches for a model of the papers: its residue ids in full, padding included.

    A masked model has masks in them, so its language model encodes them anew in each step.

    Parameters
    ----------
    table, batch, masking, seed
        As in :class:`TokenBatches`; ``masking`` means nothing for a causal model.
    model : PublishedCelle
        What reads the sequences.
    """

    def __init__(
        self,
        table: Samples,
        *,
        model: PublishedCelle,
        batch: int,
        masking: Masking | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(table, batch=batch, masking=masking or Masking(), seed=seed)
        self.alphabet, self.window, self.read = model.alphabet, model.config.window, model.residue_ids
        self.masks, self.codes = model.decoding == "masked", model.config.protein.grid**2

    def _batch(self, chosen: np.ndarray, rng: np.random.Generator) -> Batch:
        ids = np.stack([self._ids(self.table.sequences[index], rng) for index in chosen])
        hidden = ids
        if self.masks and self.alphabet.mask is not None:
            special = (self.alphabet.start, self.alphabet.end, self.alphabet.pad)
            hidden = np.where(mask_sequence(~np.isin(ids, special), self.masking, rng), self.alphabet.mask, ids)
        shape = len(chosen), self.codes
        masked = mask_image(shape, self.masking, rng) if self.masks else np.ones(shape, bool)
        nucleus, protein = self.table.pictures(chosen, rng)
        return Batch(
            hidden=torch.from_numpy(hidden),
            ids=torch.from_numpy(ids),
            nucleus=torch.from_numpy(nucleus),
            protein=torch.from_numpy(protein),
            masked=torch.from_numpy(masked),
            window=(0, ids.shape[1]),
        )

    def _ids(self, sequence: str, rng: np.random.Generator) -> np.ndarray:
        """Return the residue ids (T,) of a protein; of a long one from a random residue on."""
        return self.read(sequence, start=int(rng.integers(max(1, len(sequence) - self.window + 1))))
