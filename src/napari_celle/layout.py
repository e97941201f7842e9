"""Where residues | separator | nucleus | protein lie among the tokens and logits; the only place that adds offsets."""

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
    separators : int
        1 with a separator after the residues (CELL-E 2), 0 without (CELL-E).
    references : int
        1 with a nucleus, or another reference image; 0 without.

    Examples
    --------
    >>> layout = TokenLayout(residues=5, grid=16)
    >>> layout.nucleus_span, layout.protein_span, layout.length
    (slice(6, 262, None), slice(262, 518, None), 518)
    """

    residues: int
    grid: int
    separators: int = 1
    references: int = 1

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
        """Where the nucleus tokens lie; nothing for a model without."""
        start = self.residues + self.separators
        return slice(start, start + self.references * self.image_tokens)

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


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Places of residues | separator | reference | mask | protein | mask in the logits of the published models.

    Attributes
    ----------
    residues : int
        Residue ids, special ones included: 30 (CELL-E), 33 (CELL-E 2).
    reference, protein : int
        Codes of the two image tokenizers; ``reference`` is 0 for a model without.
    masked : bool
        With separator and masks (CELL-E 2).
    residue_mask : int or None
        Residue id of the mask of CELL-E 2.

    Examples
    --------
    >>> Vocabulary(residues=33, reference=512, protein=512, masked=True).size
    1060
    >>> Vocabulary(residues=30, reference=512, protein=512, masked=False).protein_codes
    slice(542, 1054, None)
    """

    residues: int
    reference: int
    protein: int
    masked: bool
    residue_mask: int | None = None

    @property
    def reference_codes(self) -> slice:
        """Columns of the reference codes, without the mask."""
        start = self.residues + self.masked
        return slice(start, start + self.reference)

    @property
    def protein_codes(self) -> slice:
        """Columns of the protein codes, without the mask."""
        start = self.reference_codes.stop + (self.masked and self.reference > 0)
        return slice(start, start + self.protein)

    @property
    def size(self) -> int:
        """Columns in all."""
        return self.protein_codes.stop + self.masked

    def allowed(self, layout: TokenLayout) -> np.ndarray:
        """Return what each place may be.

        Returns
        -------
        np.ndarray
            (layout.length, size) bool, True where the column belongs to the place. No place may be a mask.
        """
        allowed = np.zeros((layout.length, self.size), bool)
        allowed[layout.residue_span, : self.residues] = True
        if self.residue_mask is not None:
            allowed[:, self.residue_mask] = False
        allowed[layout.residues : layout.nucleus_span.start, self.residues] = True
        allowed[layout.nucleus_span, self.reference_codes] = True
        allowed[layout.protein_span, self.protein_codes] = True
        return allowed
