"""Numbers that follow an edited nuclei layer: counted anew in a thread, shortly after the brush rests."""

from functools import partial

import numpy as np
from napari.layers import Labels
from qtpy.QtCore import QObject, QTimer, Signal

from napari_celle.analysis.comparison.beside import Beside, recount
from napari_celle.analysis.comparison.territories import Cytoplasm
from napari_celle.types import OnStep
from napari_celle.ui.compare.found import plane_of
from napari_celle.ui.compare.views import Pair
from napari_celle.ui.job import Job

REST = 120  # ms without a change
_EVENTS = ("paint", "labels_update", "data", "set_data")  # brush; a value set; undo and redo


class Follower(QObject):
    """Counts one comparison anew whenever its nuclei change.

    Parameters
    ----------
    pair : Pair
        The prediction and what came of comparing it.
    cytoplasm : Cytoplasm
        What around a nucleus stands for its cytoplasm.
    parent : QObject
        The widget that shows the numbers.
    """

    counted = Signal(str, object)
    selected = Signal(str, object)
    failed = Signal(object)

    def __init__(self, pair: Pair, *, cytoplasm: Cytoplasm, parent: QObject) -> None:
        super().__init__(parent)
        self.pair = pair
        self._cytoplasm = cytoplasm
        self._job: Job | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._count)
        for name in _EVENTS:
            getattr(self._nuclei.events, name).connect(self._changed)
        self._nuclei.events.selected_label.connect(self._tell_selected)
        self._changed()  # what was painted while the comparison was computed

    def stop(self) -> None:
        """Follow no longer; a count that is under way is dropped."""
        self._rest.stop()
        for name in _EVENTS:
            getattr(self._nuclei.events, name).disconnect(self._changed)
        self._nuclei.events.selected_label.disconnect(self._tell_selected)
        if self._job is not None:
            self._job.cancel()

    @property
    def _nuclei(self) -> Labels:
        return self.pair.found.nuclei

    def _changed(self, event: object = None) -> None:
        self._rest.start()

    def _tell_selected(self, event: object = None) -> None:
        self.selected.emit(self.pair.found.key, int(self._nuclei.selected_label))

    def _count(self) -> None:
        if self._job is not None:
            self._rest.start()  # look again when this one is done
            return
        nuclei = plane_of(self._nuclei, self.pair.found.frame)
        if np.array_equal(nuclei, self.pair.beside.predicted.nuclei):
            return
        self._job = Job(partial(_recount, self.pair.beside, nuclei, self._cytoplasm), owner=self)
        self._job.returned.connect(self._take)
        self._job.errored.connect(self._fail)
        self._job.finished.connect(self._end)
        self._job.start()

    def _take(self, beside: Beside | None) -> None:
        if beside is not None:
            self.pair = Pair(self.pair.found, beside)
            self.counted.emit(self.pair.found.key, beside)

    def _fail(self, error: BaseException) -> None:
        self.failed.emit(error)

    def _end(self) -> None:
        self._job = None


def _recount(beside: Beside, nuclei: np.ndarray, cytoplasm: Cytoplasm, on_step: OnStep) -> Beside:
    return recount(beside, nuclei, cytoplasm=cytoplasm, on_step=on_step)
