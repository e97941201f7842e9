"""The protein that is predicted: what was typed, with a tag or in random order, and where the one is in the other."""

from dataclasses import dataclass

from napari_celle.errors import SequenceError
from napari_celle.motifs import Span
from napari_celle.sequence import clean
from napari_celle.tags import TAGS, Terminus, scrambled, tagged
from napari_celle.types import SequenceRecord


@dataclass(frozen=True, slots=True)
class Construct:
    """A protein as it is predicted, beside the one that was typed.

    Attributes
    ----------
    record : SequenceRecord
        What is predicted; its name tells what was done to it.
    typed : Span
        0-based, half-open: which typed residues are in it, at their typed places; empty when they are scrambled.
    shift : int
        The typed residue ``i`` is residue ``i + shift`` of what is predicted.
    words : str
        What was done, for example "with eGFP at the C terminus"; "" for nothing.
    """

    record: SequenceRecord
    typed: Span
    shift: int
    words: str

    def typed_part(self, span: Span) -> Span:
        """Return which typed residues a stretch of the predicted protein comes from; (0, 0) for none."""
        start, stop = max(span[0] - self.shift, self.typed[0]), min(span[1] - self.shift, self.typed[1])
        return (start, stop) if start < stop else (0, 0)

    def summary(self, read: Span) -> str:
        """Say what is predicted, and which residues of it the model reads."""
        length = len(self.record.sequence)
        what = f"{length:,} residues {self.words}".rstrip()
        if read == (0, length):
            return f"{what}, all read by the model"
        return f"{what}; the model reads {read[0] + 1:,} to {read[1]:,}"


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be done to a typed protein.

    Attributes
    ----------
    tag : str
        Name in ``TAGS``; "" for none.
    terminus : str
        "N" puts the tag before the protein, "C" behind it.
    linker : str
        Residues between the two, as typed.
    seed : int or None
        Seed of the random order of the protein's residues (not of the tag's); None leaves them in theirs.
    """

    tag: str = ""
    terminus: Terminus = "C"
    linker: str = ""
    seed: int | None = None

    def made(self, record: SequenceRecord) -> Construct:
        """Make them.

        Raises
        ------
        SequenceError
            The linker cannot be read, or the whole is too long.
        """
        protein = record.sequence if self.seed is None else scrambled(record.sequence, seed=self.seed)
        whole = self._with_tag(protein)
        starts_later = self.tag and self.terminus == "N"
        return Construct(
            record=SequenceRecord(self._name(record.name), whole),
            typed=(int(bool(starts_later) and protein.startswith("M")), len(protein)) if self.seed is None else (0, 0),
            shift=len(whole) - len(protein) if starts_later else 0,
            words=self._words(),
        )

    def _with_tag(self, protein: str) -> str:
        if not self.tag:
            return protein
        try:
            linker = clean(self.linker) if self.linker.strip() else ""
        except SequenceError as error:
            raise SequenceError(f"Linker: {error}") from None
        return tagged(protein, TAGS[self.tag].sequence, terminus=self.terminus, linker=linker)

    def _name(self, name: str) -> str:
        """Name the construct as on a plasmid map; no spaces, so that it stays whole in FASTA."""
        if self.seed is not None:
            name = f"{name or 'protein'}-scrambled"
        if not self.tag:
            return name
        parts = (self.tag, name or "protein")
        return "-".join(parts if self.terminus == "N" else reversed(parts))

    def _words(self) -> str:
        order = "" if self.seed is None else f"scrambled (seed {self.seed})"
        tag = f"with {self.tag} at the {self.terminus} terminus" if self.tag else ""
        return ", ".join(filter(None, (order, tag)))
