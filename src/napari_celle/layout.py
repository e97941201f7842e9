"""Where residues | separator | nucleus | protein lie in the token sequence; the only place that adds offsets."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class TokenLayout:
    """Places of the parts in one token sequence.

    Attributes
    ----------
    residues : int
        Residue tokens (padding included when a batch has sequences of several lengths).
    grid : int
        Image tokens along an edge; nucleus and protein have ``grid ** 2`` each, row by row.

    Examples
    --------
    >>> layout = TokenLayout(residues=5, grid=16)
    >>> layout.nucleus_span, layout.protein_span, layout.length
    (slice(6, 262, None), slice(262, 518, None), 518)
    """

    residues: int
    grid: int

    @property
    def image_tokens(self) -> int:
        """Tokens of one picture."""
        return self.grid**2

    @property
    def residue_span(self) -> slice:
        """Where the residues lie."""
        return slice(0, self.residues)

    @property
    def separator(self) -> int:
        """Where the separator lies."""
        return self.residues

    @property
    def nucleus_span(self) -> slice:
        """Where the nucleus tokens lie."""
        return slice(self.residues + 1, self.residues + 1 + self.image_tokens)

    @property
    def protein_span(self) -> slice:
        """Where the protein tokens lie."""
        start = self.nucleus_span.stop
        return slice(start, start + self.image_tokens)

    @property
    def length(self) -> int:
        """Tokens in all."""
        return self.protein_span.stop

    def grid_positions(self) -> np.ndarray:
        """Return the place of every token in the picture.

        Returns
        -------
        np.ndarray
            (length, 2) float32 rows and columns in [-1, 1]; 0 for residues and the separator. Nucleus and protein
            tokens of one place have the same position.
        """
        axis = np.linspace(-1, 1, self.grid, dtype=np.float32) if self.grid > 1 else np.zeros(1, np.float32)
        place = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)  # (grid², 2)
        text = np.zeros((self.residues + 1, 2), np.float32)
        return np.concatenate([text, place, place])
