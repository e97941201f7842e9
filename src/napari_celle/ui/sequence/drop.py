"""FASTA files that are dropped on the viewer or opened by its menu: napari hands them to this reader.

A reader, and no filter of the window's events: napari keeps what it does with drops (on the image, on its welcome
page, several files, File > Open), and it works too while no dock of ours is open.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from napari import current_viewer
from qtpy.QtCore import QObject, QTimer
from qtpy.QtWidgets import QDockWidget, QWidget

from napari_celle.errors import SequenceError
from napari_celle.ui.sequence.box import SequenceBox

if TYPE_CHECKING:
    from napari.viewer import Viewer

Sentinel = list[tuple[None]]  # what napari takes for "read, but no layer"
TOGETHER_S = 1.0  # at most, from one file of a drop to the next
WIDGET = ("napari-celle", "Predict localization")


def fasta_reader(path: str | list[str]) -> Callable[[str | list[str]], Sentinel]:
    """Give napari what reads FASTA: no layer, but the records fill the sequence box."""
    return _hand_over


def _hand_over(path: str | list[str]) -> Sentinel:
    viewer = current_viewer()
    if viewer is None:
        raise SequenceError("There is no napari window to show proteins in. Read them with napari_celle.files.fasta.")
    _arrivals().add(viewer, [Path(one) for one in ([path] if isinstance(path, str) else path)])
    return [(None,)]


class Arrivals(QObject):
    """Files that napari hands over one by one, with events between them: those of one drop are passed on together."""

    def __init__(self) -> None:
        super().__init__()
        self._viewer: Viewer | None = None
        self._paths: list[Path] = []
        self._latest = 0.0

    def add(self, viewer: "Viewer", paths: list[Path]) -> None:
        """Take files for a viewer."""
        if monotonic() - self._latest > TOGETHER_S:
            self._paths = []
        self._latest = monotonic()
        self._viewer = viewer
        self._paths += [path for path in paths if path not in self._paths]
        QTimer.singleShot(0, self._pass_on)

    def _pass_on(self) -> None:
        viewer, self._viewer = self._viewer, None
        box = (box_of(viewer) or _new_box(viewer)) if viewer is not None else None
        if box is not None:
            _bring_forward(box)
            box.open_files(self._paths)


@cache
def _arrivals() -> Arrivals:
    return Arrivals()


def box_of(viewer: "Viewer") -> SequenceBox | None:
    """Return the sequence box in the docks of a viewer: of several one that can be seen, the one used last."""
    docked = [widget for widget in viewer.window.dock_widgets.values() if isinstance(widget, QWidget)]
    boxes = [box for widget in docked for box in widget.findChildren(SequenceBox)]
    return max(boxes, key=lambda box: (box.isVisible(), box.used), default=None)


def _new_box(viewer: "Viewer") -> SequenceBox | None:
    viewer.window.add_plugin_dock_widget(*WIDGET)
    return box_of(viewer)


def _bring_forward(box: SequenceBox) -> None:
    """Show the dock of a box, be it hidden or behind another."""
    parent = box.parentWidget()
    while parent is not None and not isinstance(parent, QDockWidget):
        parent = parent.parentWidget()
    if parent is not None and not box.isVisible():
        parent.show()
        parent.raise_()
