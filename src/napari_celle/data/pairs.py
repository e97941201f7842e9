"""Pairs of pictures, a nucleus and a protein in the same cells, with the sequence: what a model learns from."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from napari_celle.files.images import NucleusImage, read_image
from napari_celle.preprocess import is_mask


class Pairs(Protocol):
    """Pictures in the frame of the microscope, by number."""

    @property
    def sequences(self) -> Sequence[str]:
        """One for each pair."""

    @property
    def pixel_sizes_um(self) -> Sequence[float]:
        """Edges of the pixels of those pictures of which they are known."""

    def __len__(self) -> int: ...

    def read(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return nucleus and protein (Y, X) of one pair; the protein is bool where it is a mask."""

    def fingerprint(self) -> str:
        """Return a SHA-256 in hexadecimal over pictures and sequences."""


@dataclass(frozen=True, slots=True)
class PictureFile:
    """Where a picture is.

    Attributes
    ----------
    path : Path
        The file.
    channel : int or None
        0-based channel, colour or page of it; None where the file holds one.
    """

    path: Path
    channel: int | None = None

    def read(self) -> NucleusImage:
        """Read it; errors as :func:`napari_celle.files.images.read_image`."""
        return read_image(self.path, channel=self.channel)


@dataclass(frozen=True, slots=True)
class FilePairs:
    """Pictures in files, read when they are asked for.

    Attributes
    ----------
    nucleus, protein : tuple of PictureFile
        A picture each.
    sequences : tuple of str
        Cleaned.
    digests : tuple of str
        SHA-256 of the files of each pair.
    pixel_sizes_um : tuple of float
        Of those pictures whose files say it.
    """

    nucleus: tuple[PictureFile, ...]
    protein: tuple[PictureFile, ...]
    sequences: tuple[str, ...]
    digests: tuple[str, ...]
    pixel_sizes_um: tuple[float, ...] = ()

    def __len__(self) -> int:
        return len(self.sequences)

    def read(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return nucleus and protein (Y, X) of one pair."""
        nucleus, protein = (files[index].read().pixels for files in (self.nucleus, self.protein))
        return nucleus, (protein > 0) if is_mask(protein) else protein

    def fingerprint(self) -> str:
        """Return the SHA-256 over files and sequences."""
        return joined_sha256((*self.digests, *self.sequences))


def joined_sha256(parts: Iterable[str]) -> str:
    """Return the SHA-256 in hexadecimal over texts, a line each."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
