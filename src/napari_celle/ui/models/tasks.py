"""The jobs of the dock: core calls on weights, told in bytes, speed and stage; nothing of Qt is touched here."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

from napari_celle.types import OnStep
from napari_celle.ui.models.words import steps_of, told_bytes
from napari_celle.ui.session import Session

_OFTEN = 0.2  # seconds between two lines of words
_DOWNLOADING = "downloading "

Show = Callable[[str], None]


class Teller:
    """An ``on_step`` for work on large files: steps for the bar, and for downloads a line with bytes and speed.

    Parameters
    ----------
    on_step : callable
        Of the job; raises ``Cancelled`` to stop.
    show : callable
        Takes the line of words.
    """

    def __init__(self, on_step: OnStep, show: Show) -> None:
        self._on_step, self._show = on_step, show
        self._stage, self._begun, self._since, self._told = "", 0.0, 0, 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Tell how far the work is."""
        now = monotonic()
        if stage != self._stage:
            self._stage, self._begun, self._since, self._told = stage, now, done, 0.0
        self._on_step(stage, *steps_of(done, total))
        if now - self._told < _OFTEN and done != total:
            return
        self._told = now
        is_download = stage.startswith(_DOWNLOADING)
        words = told_bytes(done, total, seconds=now - self._begun, since=self._since) if is_download else ""
        self._show(words)


def fetch(name: str, on_step: OnStep, show: Show) -> str:
    """Fetch and install weights; return what to say."""
    from napari_celle.models.checkpoints import manage

    return f"{manage.fetch(name, on_step=Teller(on_step, show))} is installed."


def import_file(path: Path, name: str, on_step: OnStep, show: Show) -> str:
    """Install weights from this computer; return what to say."""
    from napari_celle.models.checkpoints import manage

    return f"{manage.import_file(path, name, on_step=Teller(on_step, show))} is installed."


def verify(name: str, on_step: OnStep, show: Show) -> str:
    """Check weights; return what to say."""
    from napari_celle.models.checkpoints import manage

    manage.verify(name, on_step=Teller(on_step, show))
    return f"{name} is as it was installed: every file has the SHA-256 that was written down."


def delete(session: Session, name: str, on_step: OnStep, show: Show) -> str:
    """Delete weights, which are let go of first; return what to say."""
    from napari_celle.models.checkpoints import manage

    if session.loaded is not None and session.loaded[0] == name:
        session.unload()
    return f"Deleted {manage.delete(name)}."
