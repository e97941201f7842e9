"""Which samples, and which chance, belong to a step: functions of seed and number, so that a run can go on anywhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from torch.utils.data import Sampler


class Batches(Protocol):
    """Endless batches by number."""

    def __getitem__(self, number: int) -> Any:  # noqa: ANN401 - tensors in whatever container the module reads
        """Return batch ``number``, 0 or more: the same for the same number, whatever was asked for before."""
        ...

    def fingerprint(self) -> str:
        """Return a SHA-256 in hexadecimal over the data that the batches are made of."""
        ...


@dataclass(frozen=True)
class Numbers(Sampler[int]):
    """The numbers of the batches that one of several processes takes: each ``world``-th from ``start + rank``."""

    start: int
    count: int
    rank: int = 0
    world: int = 1

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[int]:
        first = self.start * self.world + self.rank
        return iter(range(first, first + self.count * self.world, self.world))


def generator(seed: int, number: int) -> np.random.Generator:
    """Return the generator of batch ``number``."""
    return np.random.default_rng((seed, number))


def shuffled(number: int, *, batch: int, count: int, seed: int) -> np.ndarray:
    """Return the samples of a batch, of endless passes over all, each pass in an order of its own.

    Parameters
    ----------
    number : int
        Number of the batch.
    batch : int
        Samples a batch; a batch may end one pass and begin the next.
    count : int
        Samples there are.
    seed : int
        Seed of the orders.

    Returns
    -------
    np.ndarray
        (batch,) int64 indices below ``count``.
    """
    places = np.arange(number * batch, (number + 1) * batch)
    passes = places // count
    orders = {turn: np.random.default_rng((seed, turn, 1)).permutation(count) for turn in np.unique(passes).tolist()}
    return np.array([orders[turn][place % count] for turn, place in zip(passes.tolist(), places, strict=True)])


def chance(seed: int, number: int, rank: int) -> int:
    """Return torch's seed (64 bits) for a step of a process."""
    return int(np.random.SeedSequence((seed, number, rank)).generate_state(1, np.uint64)[0])
