"""The button with recent and favourite proteins."""

from contextlib import suppress
from pathlib import Path

from qtpy.QtCore import Signal
from qtpy.QtGui import QAction
from qtpy.QtWidgets import QMenu, QPushButton

from napari_celle.errors import OutputError
from napari_celle.files.saved_sequences import Records, read_saved, remember, saved_sequences_path, star
from napari_celle.types import SequenceRecord

LONGEST_NAME = 30
SHOWN_RESIDUES = 60


class SavedButton(QPushButton):
    """Offers proteins that were predicted lately and favourites, and stars the current protein.

    The file is read anew whenever the menu opens: another dock may have changed it.

    Parameters
    ----------
    path : Path or None
        File of saved proteins; None takes that in the user's folder.
    """

    chosen = Signal(object)
    failed = Signal(object)

    def __init__(self, path: Path | None = None) -> None:
        super().__init__("Saved")
        self._path = path
        self._current: SequenceRecord | None = None
        self.setToolTip("Proteins that you predicted lately, and your favourites")
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._fill)
        self._menu.triggered.connect(self._do)
        self.setMenu(self._menu)

    @property
    def path(self) -> Path:
        """Where proteins are saved."""
        return self._path or saved_sequences_path()

    def set_current(self, record: SequenceRecord | None) -> None:
        """Say which protein is the one to star and to remember."""
        self._current = record

    def remember(self) -> None:
        """Put the current protein at the top of the recent ones; where that cannot be written, nothing happens."""
        if self._current is not None:
            with suppress(OutputError):  # no reason to stop a prediction
                remember(self.path, self._current)

    def _fill(self) -> None:
        saved = read_saved(self.path)
        self._menu.clear()
        is_favourite = self._current in saved.favourites
        star_action = self._menu.addAction("★ Remove from favourites" if is_favourite else "☆ Add to favourites")
        star_action.setEnabled(self._current is not None)
        star_action.setData(not is_favourite)
        star_action.setToolTip("The protein that stands in the box")
        self._add_section("Favourites", "★ ", saved.favourites)
        self._add_section("Recent", "", saved.recent)

    def _add_section(self, title: str, mark: str, records: Records) -> None:
        self._menu.addSeparator()
        heading = self._menu.addAction(title if records else f"{title}: none yet")
        heading.setEnabled(False)
        for record in records:
            action = self._menu.addAction(f"{mark}{_label(record)}")
            action.setData(record)
            action.setToolTip(_shortened(record.sequence, SHOWN_RESIDUES))

    def _do(self, action: QAction) -> None:
        data = action.data()
        if isinstance(data, SequenceRecord):
            self.chosen.emit(data)
        elif self._current is not None:
            try:
                star(self.path, self._current, is_favourite=bool(data))
            except OutputError as error:
                self.failed.emit(error)


def _label(record: SequenceRecord) -> str:
    """Name a protein in a menu, where a single & would underline the next letter."""
    name = _shortened(record.name or record.sequence, LONGEST_NAME).replace("&", "&&")
    return f"{name} ({len(record.sequence):,} residues)"


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
