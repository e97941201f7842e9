"""What is marked in a pasted text: residues that the model does not read, and what looks like a known signal."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from napari_celle.motifs import Motif, Span, find_motifs
from napari_celle.sequence import residue_places
from napari_celle.ui.sequence.construct import Construct

COUNTED = "Residues are counted in the tagged protein."
LARGEST_OF_ONE_UNIT = 0xFFFF  # Qt counts two places for each character above


@dataclass(frozen=True, slots=True)
class MarkedMotif:
    """A known signal, and the stretches of the text where it stands (one a line)."""

    motif: Motif
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """Stretches of a text to mark, at places as Qt counts them, half-open.

    Attributes
    ----------
    unread : tuple of Span
        All that the model does not read, apart from white space.
    motifs : tuple of MarkedMotif
        What looks like a known signal in the predicted protein, as far as it was typed; also in the unread part.
    first : int
        Place of the first residue of the chosen record.
    """

    unread: tuple[Span, ...] = ()
    motifs: tuple[MarkedMotif, ...] = ()
    first: int = 0

    def at(self, place: int) -> tuple[Motif, ...]:
        """Return the known signals at a place of the text."""
        return tuple(
            marked.motif for marked in self.motifs if any(start <= place < stop for start, stop in marked.spans)
        )


def find_marks(text: str, construct: Construct, *, record: int, read: Span) -> Marks:
    """Find what to mark.

    Parameters
    ----------
    text : str
        What :func:`napari_celle.sequence.parse` read.
    construct : Construct
        What was made of the chosen record.
    record : int
        0-based number of the chosen record.
    read : Span
        Residues of the predicted protein that the model reads.
    """
    places = residue_places(text, record=record)
    moved = _units_before(text)
    marked = (
        MarkedMotif(motif, _spans(moved, _runs(places, construct.typed_part((motif.start, motif.stop)))))
        for motif in _motifs_of(construct)
    )
    return Marks(
        unread=_spans(moved, _gaps(text, _runs(places, construct.typed_part(read)))),
        motifs=tuple(one for one in marked if one.spans),
        first=_spans(moved, _runs(places, (0, 1)))[0][0],
    )


def _motifs_of(construct: Construct) -> tuple[Motif, ...]:
    """Return the known signals of the predicted protein, and say so where its places are not those of the text."""
    motifs = _motifs(construct.record.sequence)
    if not construct.shift:
        return motifs
    return tuple(replace(motif, text=f"{motif.text} {COUNTED}") for motif in motifs)


_motifs = lru_cache(maxsize=4)(find_motifs)  # the part that is read changes more often than the protein


def _runs(places: np.ndarray, part: Span) -> list[Span]:
    """Return the stretches of text, without breaks, in which a part of the residues stands."""
    chosen = places[slice(*part)]
    if not chosen.size:
        return []
    breaks = np.flatnonzero(np.diff(chosen) > 1)
    firsts, lasts = chosen[np.append(0, breaks + 1)], chosen[np.append(breaks, chosen.size - 1)]
    return [(int(first), int(last) + 1) for first, last in zip(firsts, lasts, strict=True)]


def _gaps(text: str, runs: list[Span]) -> list[Span]:
    """Return what lies between the stretches and is no white space."""
    starts, stops = [0, *(stop for _, stop in runs)], [*(start for start, _ in runs), len(text)]
    return [(start, stop) for start, stop in zip(starts, stops, strict=True) if text[start:stop].strip()]


def _units_before(text: str) -> np.ndarray | None:
    """Return how many places more Qt counts before each character: (L + 1,) int64; None where it counts as Python."""
    if not text or max(text) <= chr(LARGEST_OF_ONE_UNIT):
        return None
    letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return np.append(0, np.cumsum(letters > LARGEST_OF_ONE_UNIT))


def _spans(moved: np.ndarray | None, spans: list[Span]) -> tuple[Span, ...]:
    """Return stretches at the places as Qt counts them."""
    if moved is None:
        return tuple(spans)
    return tuple((start + int(moved[start]), stop + int(moved[stop])) for start, stop in spans)
