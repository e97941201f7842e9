"""The dock "Models": which weights are here, how to get others, and on which device to compute."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_celle.native import load_torch
from napari_celle.types import OnStep
from napari_celle.ui.latest_job import LatestJob
from napari_celle.ui.models import tasks
from napari_celle.ui.models.details import WeightsDetails
from napari_celle.ui.models.device_box import DeviceBox
from napari_celle.ui.models.table import WeightsTable
from napari_celle.ui.run_bar import RunBar
from napari_celle.ui.scrolling import scrolled
from napari_celle.ui.session import Session, shared_session

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_celle.models.checkpoints.inventory import Weights

CANCELLED = "Cancelled. What a download has brought is kept: Fetch goes on from there."
FILES = "Weights (*.ckpt *.safetensors *.bin *.pt cpsam*);;All files (*)"
SOON = 50  # ms


class ModelsWidget(QWidget):
    """Fetch, import, check and delete weights, and choose the device.

    Parameters
    ----------
    napari_viewer : napari.viewer.Viewer
        Given by napari.
    session : Session, optional
        Whose models and device they are; the one all widgets share when left out.
    """

    def __init__(self, napari_viewer: "Viewer", session: Session | None = None) -> None:
        super().__init__()
        self._session = session or shared_session()
        self.table, self.details = WeightsTable(), WeightsDetails()
        self.device = DeviceBox(self._session)
        self.bar = RunBar("Fetch", tooltip="Download the chosen weights and install them", cancelled=CANCELLED)
        self.import_button = QPushButton("Import a local file…")
        self.verify_button = QPushButton("Verify")
        self.delete_button = QPushButton("Delete…")
        self.refresh_button = QPushButton("Refresh")
        self._listing = LatestJob(self, delay_ms=SOON)
        self._set_tooltips()
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """Look again which weights are here; what is chosen stays chosen."""
        self._listing.ask()

    def fetch(self) -> None:
        """Download and install what is chosen."""
        weights = self.table.weights
        if weights is not None and not _why_no_fetch(weights):
            self._start(partial(tasks.fetch, weights.name), self._changed)

    def import_file(self) -> None:
        """Ask for a file and a name, and install it."""
        chosen, _ = QFileDialog.getOpenFileName(self, "Import weights from this computer", "", FILES)
        if not chosen:
            return
        path = Path(chosen)
        name = self._ask_name(path)
        if name:
            self._start(partial(tasks.import_file, path, name), self._changed)

    def verify(self) -> None:
        """Compare the files of what is chosen with what was written down."""
        weights = self.table.weights
        if weights is not None and weights.is_here:
            self._start(partial(tasks.verify, weights.name), self._say)

    def delete(self) -> None:
        """Delete what is chosen, after a question."""
        weights = self.table.weights
        if weights is None or not _can_be_deleted(weights):
            return
        what = f"Delete {weights.name} from this computer?"
        where = f"Its files in {weights.folder} are removed." if weights.folder else "What has come of it is removed."
        yes = QMessageBox.StandardButton.Yes
        if QMessageBox.question(self, "Delete weights", f"{what}\n\n{where}") == yes:
            self._start(partial(tasks.delete, self._session, weights.name), self._changed)

    def _set_tooltips(self) -> None:
        self.import_button.setToolTip(
            "Install weights that are on this computer: a checkpoint with its yaml files beside it, a model that was\n"
            "trained, the file of a language model, or cpsam_v2 of cellpose. You are asked which of them it is."
        )
        self.verify_button.setToolTip("Compare every file with the SHA-256 that was written down; seconds for 1 GB")
        self.delete_button.setToolTip("Delete the chosen weights, or what a download has brought of them")
        self.refresh_button.setToolTip("Look again which weights are here, and how much memory is free")
        self.bar.cancel_button.setToolTip("Stop; what a download has brought is kept, and Fetch goes on from there")

    def _lay_out(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.device)
        column.addWidget(self.table, stretch=1)
        column.addWidget(self.details)
        for pair in ((self.import_button,), (self.verify_button, self.delete_button, self.refresh_button)):
            row = QHBoxLayout()
            for button in pair:
                row.addWidget(button)
            column.addLayout(row)
        outer = QVBoxLayout(self)
        outer.addWidget(scrolled(inner), stretch=1)
        outer.addWidget(self.bar)
        self.setMinimumWidth(320)

    def _connect(self) -> None:
        self.table.chosen.connect(self._choose)
        self.table.filled.connect(self._update)
        self.bar.pressed.connect(self.fetch)
        self.bar.ended.connect(self._update)
        self.bar.ended.connect(self.refresh)
        self.import_button.clicked.connect(self.import_file)
        self.verify_button.clicked.connect(self.verify)
        self.delete_button.clicked.connect(self.delete)
        self.refresh_button.clicked.connect(self.refresh)
        self.refresh_button.clicked.connect(self.device.refresh)
        self._session.models_changed.connect(self.refresh)
        self._listing.due.connect(self._list)
        self._listing.returned.connect(self.table.fill)
        self._listing.failed.connect(self.bar.fail)

    def _list(self) -> None:
        self._listing.start(_weights)

    def _choose(self) -> None:
        """Another row: say why it cannot be fetched, if it cannot."""
        self._update()
        if not self.bar.is_running:
            self.bar.say(_why_no_fetch(self.table.weights))

    def _update(self) -> None:
        """Show the chosen row, and what can be done with it."""
        weights, free = self.table.weights, not self.bar.is_running
        self.details.show_weights(weights)
        reason = _why_no_fetch(weights)
        self.bar.allow(reason)
        self.bar.run_button.setToolTip(reason or "Download the chosen weights and install them")
        self.import_button.setEnabled(free)
        self.verify_button.setEnabled(free and weights is not None and weights.is_here)
        self.delete_button.setEnabled(free and weights is not None and _can_be_deleted(weights))

    def _ask_name(self, path: Path) -> str:
        """Ask what a file is; "" if the user thinks better of it."""
        names = [row.name for row in self.table.all if not row.is_here]
        own, weights = path.resolve().parent.name, self.table.weights
        at = names.index(weights.name) if weights is not None and weights.name in names else len(names)
        text = f"What is {path.name}? Choose a name of the list, or give a new one to a model of your own."
        name, is_told = QInputDialog.getItem(self, "Import weights", text, [*names, own], at, True)
        return name.strip() if is_told else ""

    def _start(self, call: Callable[..., str], then: Callable[[str], None]) -> None:
        self.bar.start(call, then, watch=self.bar.say)
        self._update()

    def _say(self, text: str) -> None:
        self.bar.say(text)

    def _changed(self, text: str) -> None:
        """Tell all widgets that there are other models now."""
        self.bar.say(text)
        self._session.models_changed.emit()


def _why_no_fetch(weights: "Weights | None") -> str:
    if weights is None:
        return "Choose weights in the list."
    if weights.is_here:
        return f"{weights.name} is here already."
    if not weights.addresses:
        return f"No public address of {weights.name} is known: import its files."
    return ""


def _can_be_deleted(weights: "Weights") -> bool:
    return weights.is_ours or weights.arrived > 0


def _weights(on_step: OnStep, show: Callable[[object], None]) -> "tuple[Weights, ...]":
    load_torch()
    from napari_celle.models.checkpoints.inventory import list_weights

    return list_weights()
