"""The line below the sequence that says what its marks mean."""

from collections import Counter

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QSizePolicy

from napari_celle.motifs import Kind, Motif, Span
from napari_celle.ui.sequence.construct import Construct
from napari_celle.ui.sequence.marks import Marks
from napari_celle.ui.sequence.text import LOOKS, OTHER_LOOK

NAMES: dict[Kind, str] = {
    "nls": "NLS",
    "nes": "NES",
    "signal peptide": "signal peptide",
    "er": "ER retention",
    "peroxisome": "PTS",
    "membrane": "CAAX box",
}


class Legend(QLabel):
    """Kinds of marks in their colours; or, while the cursor is in a known signal, which one that is."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setToolTip(
            "Underlined stretches look like known sorting signals: hints by their pattern, not predictions.\n"
            "Point at one, or put the cursor into it, to see which. The model does not use them."
        )
        self.hide()

    def tell(self, marks: Marks, *, at_cursor: tuple[Motif, ...] = (), grey: str = "") -> None:
        """Say what is marked; ``grey`` is what the grey residues are, "" if none of the protein's are grey."""
        underlined = ", ".join(map(_place, at_cursor)) or _kinds(marks)
        hint = f"{underlined}: {'a hint, not a prediction' if at_cursor else 'hints by pattern'}" if underlined else ""
        text = "<br>".join(filter(None, (grey, hint)))
        self.setText(text)
        self.setVisible(bool(text))


def grey_words(construct: Construct | None, *, read: Span, several: bool) -> str:
    """Say what the grey residues are: those of other records, of a part that is not read, or of another order."""
    if construct is None:
        return ""
    if construct.typed == (0, 0):
        return "Grey: predicted in random order, not in this one"
    is_part = read != (0, len(construct.record.sequence))
    return "Grey: not read by the model" if is_part or several else ""


def _kinds(marks: Marks) -> str:
    """Return the kinds of known signals, each in its colour, with how many there are."""
    counts = Counter(marked.motif.kind for marked in marks.motifs)
    parts = [
        f'<u style="color: {LOOKS.get(kind, OTHER_LOOK)[0]}">{NAMES[kind]}</u> {count}'
        for kind, count in counts.items()
    ]
    return ", ".join(parts)


def _place(motif: Motif) -> str:
    colour, _ = LOOKS.get(motif.kind, OTHER_LOOK)
    return f'<span style="color: {colour}">{motif.name}</span>, residues {motif.start + 1}-{motif.stop}'
