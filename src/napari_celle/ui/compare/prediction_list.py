"""The predictions of a viewer as a list with check boxes, which follows the layers."""

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import QListWidget, QListWidgetItem

from napari_celle.ui.compare.found import Found, predictions_in

if TYPE_CHECKING:
    from napari.components import LayerList

_ROWS = 4


class PredictionList(QListWidget):
    """Predictions to be compared (checked), and the one whose nuclei are shown (chosen).

    Parameters
    ----------
    layers : LayerList
        Of the viewer.
    """

    changed = Signal()
    picked = Signal()

    def __init__(self, layers: "LayerList") -> None:
        super().__init__()
        self._layers = layers
        self.found: dict[str, Found] = {}
        self.setToolTip(
            "Predictions in the viewer. Those that are checked are compared;\n"
            "the nuclei of the chosen one are shown below."
        )
        self.setFixedHeight(self.fontMetrics().height() * (_ROWS + 1) + 8)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        for event in (layers.events.inserted, layers.events.removed, layers.events.reordered, layers.events.renamed):
            event.connect(self._refresh)
        self.itemChanged.connect(self._tell)
        self.currentItemChanged.connect(self._pick)
        self._refresh()

    @property
    def checked(self) -> list[Found]:
        """Those to be compared, the chosen one first."""
        items = [self.item(at) for at in range(self.count())]
        keys = [item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() == Qt.CheckState.Checked]
        return [self.found[key] for key in sorted(keys, key=lambda key: key != self.current)]

    @property
    def current(self) -> str | None:
        """Key of the chosen one."""
        item = self.currentItem()
        return None if item is None else str(item.data(Qt.ItemDataRole.UserRole))

    def choose(self, key: str) -> None:
        """Choose a prediction; one that is not there changes nothing."""
        for at in range(self.count()):
            if self.item(at).data(Qt.ItemDataRole.UserRole) == key:
                self.setCurrentRow(at)

    def _refresh(self, event: object = None) -> None:
        """List anew; what is checked and chosen stays, what is new is checked."""
        unchecked = set(self.found) - {found.key for found in self.checked}
        chosen = self.current
        before = self.found
        now = {found.key: found for found in predictions_in(self._layers)}
        self.found = {key: now[key] for key in [*before, *now] if key in now}  # views move layers, not the list
        with QSignalBlocker(self):
            self.clear()
            for key, found in self.found.items():
                item = QListWidgetItem(f"{found.name} ({found.model})")
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(Qt.CheckState.Unchecked if key in unchecked else Qt.CheckState.Checked)
                item.setData(Qt.ItemDataRole.UserRole, key)
                self.addItem(item)
            keys = list(self.found)
            self.setCurrentRow(keys.index(chosen) if chosen in keys else len(keys) - 1)
        self.changed.emit()
        if set(before) != set(self.found):
            self.picked.emit()

    def _tell(self, item: QListWidgetItem) -> None:
        self.changed.emit()

    def _pick(self, item: QListWidgetItem | None, before: QListWidgetItem | None) -> None:
        self.picked.emit()
