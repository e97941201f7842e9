"""Where to compute: the device, why, how much memory is free, and what is loaded there."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker
from qtpy.QtWidgets import QComboBox, QGroupBox, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout

from napari_celle.types import OnStep
from napari_celle.ui.job import Job, explain
from napari_celle.ui.latest_job import LatestJob
from napari_celle.ui.models.words import spoken_bytes
from napari_celle.ui.session import Session
from napari_celle.ui.texts import show_text, wrapped_label

if TYPE_CHECKING:
    from napari_celle.device import DeviceOption

LOOKING = "Looking for devices…"
SOON = 50  # ms


class DeviceBox(QGroupBox):
    """Choose the device of a session, see what is free there, and let go of the model.

    Parameters
    ----------
    session : Session
        Whose device it is.
    """

    def __init__(self, session: Session) -> None:
        super().__init__("Compute on")
        self._session = session
        self._options: tuple[DeviceOption, ...] = ()
        self._freeing: Job | None = None
        self.device = QComboBox()
        self.reason, self.memory, self.absent = wrapped_label(), wrapped_label(), wrapped_label()
        self.free_button = QPushButton("Free memory")
        self._listing = LatestJob(self, delay_ms=SOON)
        self._lay_out()
        self.device.currentIndexChanged.connect(self._choose)
        self.free_button.clicked.connect(self.free)
        self._listing.due.connect(self._list)
        self._listing.returned.connect(self._show)
        self._listing.failed.connect(self._fail)
        session.device_changed.connect(self.refresh)
        session.memory_changed.connect(self.refresh)
        show_text(self.reason, LOOKING)
        self.refresh()

    def refresh(self) -> None:
        """Look again what is there and how much of it is free."""
        self._listing.ask()

    def free(self) -> None:
        """Let go of the model that is loaded; the next run loads it again, on the chosen device."""
        if self._freeing is not None:
            return
        self.free_button.setEnabled(False)
        self._freeing = Job(_unload(self._session))
        self._freeing.errored.connect(self._fail)
        self._freeing.finished.connect(self._freed)
        self._freeing.start()

    def _lay_out(self) -> None:
        self.device.setToolTip("Where predictions are computed. Another choice lets go of the model that is loaded.")
        self.device.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.device.setMinimumContentsLength(8)
        self.device.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.free_button.setToolTip(
            "Let go of the model that is loaded, and try the chosen device at full precision again.\n"
            "The next run loads it anew, which takes some seconds."
        )
        row = QHBoxLayout()
        row.addWidget(self.device, stretch=1)
        row.addWidget(self.free_button)
        column = QVBoxLayout(self)
        column.addLayout(row)
        for label in (self.reason, self.memory, self.absent):
            column.addWidget(label)

    def _list(self) -> None:
        self._listing.start(_devices)

    def _show(self, options: "tuple[DeviceOption, ...]") -> None:
        self._options = options
        here = [option for option in options if option.is_here]
        with QSignalBlocker(self.device):
            self.device.clear()
            for option in here:
                self.device.addItem(option.text, option.wish)
            wishes = [option.wish for option in here]
            wish = "cuda:0" if self._session.device == "cuda" else self._session.device
            if wish not in wishes:
                self.device.addItem(f"{wish} (not here)", wish)
                wishes.append(wish)
            self.device.setCurrentIndex(wishes.index(wish))
        self._tell()

    def _choose(self) -> None:
        self._session.device = self.device.currentData()

    def _tell(self) -> None:
        chosen = next((option for option in self._options if option.wish == self.device.currentData()), None)
        show_text(self.reason, _reason(chosen), is_error=chosen is None)
        free = "" if chosen is None else f"{spoken_bytes(chosen.free)} of memory are free."
        show_text(self.memory, " ".join(part for part in (free, self._loaded()) if part))
        show_text(self.absent, _absent(self._options, self.reason.text()))
        self.free_button.setEnabled(self._session.loaded is not None and self._freeing is None)

    def _loaded(self) -> str:
        loaded = self._session.loaded
        return f"Loaded: {loaded[0]}, on {loaded[1]}." if loaded else "No model is loaded."

    def _fail(self, error: BaseException) -> None:
        show_text(self.reason, explain(error), is_error=True)

    def _freed(self) -> None:
        self._freeing = None
        self.refresh()


def _reason(option: "DeviceOption | None") -> str:
    if option is None:
        return "This device is not here any more: choose another."
    return f"{option.reason}." if option.reason else ""


def _absent(options: "Sequence[DeviceOption]", said: str) -> str:
    """Say why devices are not here, unless that was said already."""
    rest = [option for option in options if not option.is_here and option.reason not in said]
    return "\n".join(f"No {option.text}: {option.reason}." for option in rest)


def _devices(on_step: OnStep, show: Callable[[object], None]) -> "tuple[DeviceOption, ...]":
    from napari_celle.device import list_devices  # imports torch

    return list_devices()


def _unload(session: Session) -> Callable[[OnStep], None]:
    def unload(on_step: OnStep) -> None:
        session.unload()

    return unload
