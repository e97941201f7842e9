"""The dock widget "Compare with experiment": predictions beside a measured channel, as pictures and as numbers."""

from functools import partial
from math import isnan
from typing import TYPE_CHECKING

import pandas as pd
from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QFrame, QScrollArea, QSizePolicy, QTabWidget, QVBoxLayout, QWidget

from napari_celle.analysis.comparison.beside import Beside, Channel, Predicted, compare_all, figures_table
from napari_celle.analysis.comparison.territories import Cytoplasm
from napari_celle.errors import CelleError
from napari_celle.types import OnStep
from napari_celle.ui.compare.asking import channel_of, predicted_of
from napari_celle.ui.compare.export import ExportRow
from napari_celle.ui.compare.features import write_features
from napari_celle.ui.compare.fields import Fields
from napari_celle.ui.compare.flight import Flight
from napari_celle.ui.compare.nuclei_pane import NucleiPane
from napari_celle.ui.compare.plots import Plots
from napari_celle.ui.compare.recount import Follower
from napari_celle.ui.compare.table import SortedTable
from napari_celle.ui.compare.titles import IMAGE
from napari_celle.ui.compare.view_bar import ViewBar
from napari_celle.ui.compare.views import Pair, Views
from napari_celle.ui.run_bar import RunBar

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_celle.ui.session import Session

_NO_TABLE = pd.DataFrame()
Asked = list[tuple[str, Channel, Predicted]]


class CompareWidget(QScrollArea):
    """Choose the measured channel and predictions, compare: views, numbers, plots and files.

    Parameters
    ----------
    napari_viewer : napari.viewer.Viewer
        Given by napari.
    session : Session, optional
        Not needed: a comparison loads no weights. Every widget takes one.
    """

    def __init__(self, napari_viewer: "Viewer", session: "Session | None" = None) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self._channel = ""
        self._followers: dict[str, Follower] = {}
        self._views = Views(napari_viewer)
        self._flight = Flight(napari_viewer, self)
        self.fields = Fields(napari_viewer.layers)
        self.bar = RunBar(
            "Compare", tooltip="Compare the checked predictions with the measured channel", cancelled="Cancelled."
        )
        self.views = ViewBar(self._views)
        self.nuclei = NucleiPane()
        self.images = SortedTable(IMAGE, key="prediction")
        self.plots = Plots(napari_viewer)
        self.export = ExportRow(self.bar, self._pairs)
        self.tabs = QTabWidget()
        self._lay_out()
        self._connect()
        self._update()

    def compare(self) -> None:
        """Collect what is asked and start the job; what cannot be asked is said at once."""
        channel = self.fields.measured.layer
        if channel is None or self.fields.reason or self.bar.is_running:
            return
        point = tuple(self._viewer.dims.point)
        asked: Asked = []
        try:
            for found in self.fields.predictions.checked:
                plane = channel_of(found, channel, point=point)
                axes = tuple(axis for axis, at in enumerate(plane.index) if isinstance(at, slice))
                background = self.fields.background.background(channel, axes)
                predicted = predicted_of(found, channel, point=point)
                asked.append((found.key, Channel(plane.pixels, plane.index, background), predicted))
        except CelleError as error:
            self.bar.fail(error)
            return
        self._channel = str(channel.name)
        self.bar.start(partial(_compare, asked, self.fields.cytoplasm), partial(self._show, self.fields.cytoplasm))

    def event(self, event: QEvent) -> bool:
        """Leave nothing behind when the dock is closed: napari takes the widget out of it."""
        if event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self._leave()
        return bool(super().event(event))

    def _leave(self) -> None:
        self.bar.cancel()
        for key in list(self._followers):
            self._forget(key)
        self.nuclei.plain()
        self._views.back()
        self._show_chosen()

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        self.tabs.addTab(self.nuclei, "Nuclei")
        self.tabs.addTab(self.images, "Images")
        self.tabs.addTab(self.plots, "Plots")
        for widget in (self.fields, self.bar, self.views):
            column.addWidget(widget)
        column.addWidget(self.tabs, stretch=1)
        column.addWidget(self.export)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumWidth(350)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def _connect(self) -> None:
        self.fields.changed.connect(self._update)
        self.fields.predictions.picked.connect(self._show_chosen)
        self.bar.pressed.connect(self.compare)
        self.bar.ended.connect(self._update_export)
        self.nuclei.chosen.connect(self._go_to)
        self.plots.chosen.connect(self._go_to)
        self.images.chosen.connect(self._choose_named)
        self.views.shown.connect(self.bar.say)

    def _update(self) -> None:
        """Compare is possible when nothing is missing; otherwise the reason stands below."""
        self._forget_removed()
        reason = self.fields.reason
        self.bar.allow(reason)
        if not self.bar.is_running:
            self.bar.say(reason)

    def _update_export(self) -> None:
        self.export.setEnabled(bool(self._followers) and not self.bar.is_running)

    def _pairs(self) -> list[Pair]:
        """Give all comparisons, the chosen one first."""
        chosen = self.fields.predictions.current
        return [self._followers[key].pair for key in sorted(self._followers, key=lambda key: key != chosen)]

    def _show(self, cytoplasm: Cytoplasm, answers: dict[str, Beside]) -> None:
        for key in list(self._followers):
            self._forget(key)
        for key, beside in answers.items():
            found = self.fields.predictions.found.get(key)
            if found is None:
                continue  # removed meanwhile
            follower = Follower(Pair(found, beside), cytoplasm=cytoplasm, parent=self)
            follower.counted.connect(self._take_count)
            follower.failed.connect(self.bar.fail)
            follower.selected.connect(self._mark)
            self._followers[key] = follower
            write_features(found.nuclei, beside.table)
        if self._followers and self.fields.predictions.current not in self._followers:
            self.fields.predictions.choose(next(iter(self._followers)))
        self._show_chosen()
        self.bar.say("\n".join(_summary(pair.beside) for pair in self._pairs()))

    def _show_chosen(self) -> None:
        """Show the numbers of the chosen prediction."""
        pairs = self._pairs()
        pair = pairs[0] if pairs and pairs[0].found.key == self.fields.predictions.current else None
        table = pair.beside.table if pair else _NO_TABLE
        self.nuclei.set(pair.found.nuclei if pair else None, table)
        self.plots.set(table)
        self.images.set(figures_table([each.beside for each in pairs]))
        self.views.set(pairs if pair else (), self._channel)
        self._update_export()

    def _take_count(self, key: str, beside: Beside) -> None:
        """Numbers of edited nuclei."""
        if key in self._followers:
            write_features(self._followers[key].pair.found.nuclei, beside.table)
            self._show_chosen()

    def _go_to(self, label: object) -> None:
        """Show a nucleus that was chosen in the table or a plot."""
        pair = self._followers[str(self.fields.predictions.current)].pair
        table = pair.beside.table
        row = table[table["label"] == label].iloc[0]
        position = [0.0] * pair.found.nuclei.ndim
        for axis, at in zip(pair.found.frame.plane, (row["centroid_y"], row["centroid_x"]), strict=True):
            position[axis] = float(at)
        area = max(float(row["area_px"]), float(table["area_px"].median()))  # a fragment is seen among whole nuclei
        self._flight.to_nucleus(pair.found.nuclei, tuple(position), diameter=area**0.5)
        pair.found.nuclei.selected_label = int(row["label"])
        self._mark(pair.found.key, label)

    def _mark(self, key: str, label: object) -> None:
        """Mark the row and the point of a nucleus that was selected in its layer."""
        if key == self.fields.predictions.current:
            self.nuclei.table.select(label)
            self.plots.select(label)

    def _choose_named(self, name: object) -> None:
        for pair in self._pairs():
            if pair.beside.predicted.name == name:
                self.fields.predictions.choose(pair.found.key)

    def _forget_removed(self) -> None:
        gone = set(self._followers) - set(self.fields.predictions.found)
        for key in gone:
            self._forget(key)
        if gone:
            self._show_chosen()

    def _forget(self, key: str) -> None:
        follower = self._followers.pop(key)
        follower.stop()
        follower.deleteLater()


def _summary(beside: Beside) -> str:
    figures, name = beside.figures, beside.predicted.name
    parts = figures["fraction"], figures["true_fraction"]
    shares = " and ".join(f"{part:.0%}" if not isnan(part) else "nothing" for part in parts)
    return f"{name}: {shares} in the nuclei, predicted and measured; correlation {figures['pearson_measured']:.2f}."


def _compare(asked: Asked, cytoplasm: Cytoplasm, on_step: OnStep) -> dict[str, Beside]:
    """Compare predictions that lie on the same plane together; runs in the thread of the job."""
    answers: dict[str, Beside] = {}
    for index in {str(channel.index): None for _, channel, _ in asked}:
        together = [each for each in asked if str(each[1].index) == index]
        predictions = [predicted for _, _, predicted in together]
        found = compare_all(together[0][1], predictions, cytoplasm=cytoplasm, on_step=on_step)
        answers |= {key: beside for (key, _, _), beside in zip(together, found, strict=True)}
    return answers
