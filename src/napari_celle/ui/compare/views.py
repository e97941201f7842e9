"""The views of a comparison: each arranges what lies in the viewer, and the user's own view comes back as it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from napari.layers import Image, Layer

from napari_celle.analysis.comparison.beside import Beside
from napari_celle.ui.compare.found import Found
from napari_celle.ui.compare.grid import ViewState, bring_to_order, capture, restore, restore_looks, set_looks
from napari_celle.ui.compare.layers import (
    LayerData,
    bright_level,
    contour_layer,
    difference_layer,
    measured_layer,
    outline_layer,
)

if TYPE_CHECKING:
    from napari.viewer import Viewer

PLAIN: Mapping[str, object] = {"opacity": 1.0, "gamma": 1.0}
SPACING = 0.02  # of a tile
MEASURED, OUTLINES = HELPERS = ("measured", "outlines")  # layers that only a view needs


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A prediction in the viewer and what came of comparing it."""

    found: Found
    beside: Beside


class Views:
    """Arranges comparisons in a viewer.

    The first view keeps how the viewer looked; :meth:`back` gives that back. Layers that were made for a view are
    replaced by the next; differences and contours are kept, hidden, when the user's own view comes back.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Whose layers are arranged.
    """

    def __init__(self, viewer: "Viewer") -> None:
        self._viewer = viewer
        self._mine: dict[str, Layer] = {}
        self._state: ViewState | None = None
        self._was_tiled = False

    @property
    def is_on(self) -> bool:
        """Whether a view of ours is shown."""
        return self._state is not None

    def side_by_side(self, pairs: Sequence[Pair], channel: str) -> None:
        """Show the channel and each PDF in a tile of its own, in the same colours and with the same limits.

        The nuclei lie on each of them; the layers of a tile have to be neighbours in the list.
        """
        self._begin()
        first = pairs[0]
        high = max(bright_level(pair.beside)[1] for pair in pairs)
        measured = self._put(MEASURED, measured_layer(first.beside, found=first.found, channel=channel))
        outlines = self._put(OUTLINES, outline_layer(first.found), above=measured)
        outlines.contour, outlines.editable = first.found.nuclei.contour or 1, False
        tiles = [(measured, outlines), *((pair.found.pdf, pair.found.nuclei) for pair in pairs)]
        for picture, _ in tiles:
            _look(picture, colormap="inferno", contrast_limits=(0.0, high), blending="translucent_no_depth", **PLAIN)
            picture.name_overlay.visible = True
        shown = [layer for tile in tiles for layer in tile]
        bring_to_order(self._viewer, shown, list(range(len(shown))))
        self._show(*shown)
        self._tile(first.found.pdf, layers_each=len(tiles[0]))

    def overlay(self, pair: Pair, channel: str) -> None:
        """Show the channel in green and the PDF in magenta on top of each other: white where both are."""
        self._begin()
        limits = bright_level(pair.beside)
        measured = self._put(MEASURED, measured_layer(pair.beside, found=pair.found, channel=channel))
        _look(measured, colormap="green", contrast_limits=limits, blending="additive", **PLAIN)
        _look(pair.found.pdf, colormap="magenta", contrast_limits=limits, blending="additive", **PLAIN)
        self._show(measured, pair.found.pdf, pair.found.nuclei)
        self._untile(pair.found.pdf)

    def difference(self, pair: Pair, channel: str) -> None:
        """Show predicted minus measured."""
        self._begin()
        data = difference_layer(pair.beside, found=pair.found, channel=channel)
        layer = self._put(f"difference {pair.found.key}", data, above=pair.found.pdf)
        self._show(layer, pair.found.nuclei)
        self._untile(layer)

    def contours(self, pair: Pair, channel: str) -> None:
        """Show the contours of the PDF on the channel."""
        self._begin()
        measured = self._put(MEASURED, measured_layer(pair.beside, found=pair.found, channel=channel))
        _look(measured, colormap="gray", contrast_limits=bright_level(pair.beside), **PLAIN)
        data = contour_layer(pair.beside, found=pair.found)
        layer = self._put(f"contours {pair.found.key}", data, above=pair.found.nuclei)
        self._show(measured, layer)
        self._untile(measured)

    def back(self) -> None:
        """Give the user's own view back; nothing happens when there is none to give back."""
        state, self._state = self._state, None
        if state is None:
            return
        for key in HELPERS:
            self._drop(key)
        for layer in self._mine.values():
            if layer in self._viewer.layers and all(layer != kept for kept, _, _ in state.layers):
                layer.visible = False
        restore(self._viewer, state)

    def _begin(self) -> None:
        if self._state is None:
            self._state = capture(self._viewer)
            self._was_tiled = False
        else:
            self._was_tiled = self._viewer.canvas.grid.enabled
            restore_looks(self._viewer, self._state)
        self._viewer.canvas.grid.enabled = False  # until all is in place: in a grid every change lays out all tiles
        self._viewer.dims.ndisplay = 2

    def _put(self, key: str, data: LayerData, *, above: Layer | None = None) -> Layer:
        """Add a layer of ours, in place of the one before, above another one or else at the bottom."""
        self._drop(key)
        layer = Layer.create(*data)
        active = self._viewer.layers.selection.active
        self._viewer.layers.insert(0 if above is None else self._viewer.layers.index(above) + 1, layer)
        if active is not None:
            self._viewer.layers.selection.active = active
        self._mine[key] = layer
        return layer

    def _drop(self, key: str) -> None:
        layer = self._mine.pop(key, None)
        if layer is not None and layer in self._viewer.layers:
            self._viewer.layers.remove(layer)

    def _show(self, *shown: Layer) -> None:
        for layer in self._viewer.layers:
            set_looks(layer, {"visible": any(layer == each for each in shown)})

    def _tile(self, about: Image, *, layers_each: int) -> None:
        grid = self._viewer.canvas.grid
        grid.stride, grid.shape, grid.spacing = layers_each, (-1, -1), SPACING  # the lowest layers go first
        grid.enabled = True
        self._look_at(about)

    def _untile(self, about: Layer) -> None:
        if self._was_tiled or not self._is_in_view(about):
            self._look_at(about)

    def _look_at(self, layer: Layer) -> None:
        """Fit a layer into the view, and move the sliders to its plane."""
        point, place = list(self._viewer.dims.point), layer.data_to_world((0,) * layer.ndim)
        for axis, at in zip(range(len(point) - len(place), len(point)), place, strict=True):
            if axis not in self._viewer.dims.displayed:
                point[axis] = at
        self._viewer.dims.point = tuple(point)
        self._viewer.fit_to_view(layers=[layer])

    def _is_in_view(self, layer: Layer) -> bool:
        """Tell whether the middle of the view lies on a layer, and the sliders on its plane."""
        point = np.array(self._viewer.dims.point)
        point[list(self._viewer.dims.displayed)] = self._viewer.scene.camera.center[-2:]
        at = np.asarray(layer.world_to_data(point[-layer.ndim :]))
        return bool((at > -1).all() and (at < np.array(layer.data.shape)).all())


def _look(layer: Image, **values: object) -> None:
    set_looks(layer, values)
