"""The user's own view, kept while a comparison arranges things, and given back exactly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari.layers import Labels, Layer

if TYPE_CHECKING:
    from napari.viewer import Viewer

_LOOKS = ("visible", "opacity", "blending", "contrast_limits_range", "contrast_limits", "gamma", "colormap")
_GRID = ("stride", "shape", "spacing", "enabled")
_CAMERA = ("center", "zoom", "angles", "perspective")


@dataclass(frozen=True, slots=True, eq=False)
class ViewState:
    """How a viewer looked.

    Attributes
    ----------
    grid, camera : dict
        By name of the setting.
    sliders : tuple of float
        ``dims.point``.
    ndisplay : int
        2 or 3.
    layers : tuple of (Layer, dict, bool)
        In their order: each layer, its look by name, and whether its name was written on it.
    selected : tuple of Layer
        Those that were.
    """

    grid: dict[str, Any]
    camera: dict[str, Any]
    sliders: tuple[float, ...]
    ndisplay: int
    layers: tuple[tuple[Layer, dict[str, Any], bool], ...]
    selected: tuple[Layer, ...]


def capture(viewer: "Viewer") -> ViewState:
    """Write down how a viewer looks."""
    return ViewState(
        grid={name: getattr(viewer.canvas.grid, name) for name in _GRID},
        camera={name: getattr(viewer.scene.camera, name) for name in _CAMERA},
        sliders=tuple(viewer.dims.point),
        ndisplay=viewer.dims.ndisplay,
        layers=tuple((layer, _look(layer), bool(layer.name_overlay.visible)) for layer in viewer.layers),
        selected=tuple(viewer.layers.selection),
    )


def restore(viewer: "Viewer", state: ViewState) -> None:
    """Give back how a viewer looked; what was removed meanwhile stays away.

    What was added meanwhile stays as it is, on top.
    """
    viewer.canvas.grid.enabled = False  # in a grid every change below would lay out all tiles
    restore_looks(viewer, state)
    mine = [layer for layer, _, _ in _still_there(viewer, state)]
    bring_to_order(viewer, mine, list(range(len(mine))))
    viewer.layers.selection = [layer for layer in state.selected if layer in viewer.layers]
    for name, value in state.grid.items():
        setattr(viewer.canvas.grid, name, value)
    viewer.dims.ndisplay = state.ndisplay
    if len(state.sliders) == viewer.dims.ndim:
        viewer.dims.point = state.sliders
    for name, value in state.camera.items():
        setattr(viewer.scene.camera, name, value)


def restore_looks(viewer: "Viewer", state: ViewState) -> None:
    """Give back how the layers themselves looked, and leave camera, grid and order."""
    for layer, look, named in _still_there(viewer, state):
        set_looks(layer, look)
        layer.name_overlay.visible = named


def set_looks(layer: Layer, look: Mapping[str, object]) -> None:
    """Set what differs: each change of a layer draws it anew."""
    for name, value in look.items():
        now = getattr(layer, name)
        if (tuple(now) if isinstance(now, list) else now) != (tuple(value) if isinstance(value, list) else value):
            setattr(layer, name, value)


def _look(layer: Layer) -> dict[str, Any]:
    return {name: getattr(layer, name) for name in _LOOKS if hasattr(layer, name) and _is_of_look(layer, name)}


def _is_of_look(layer: Layer, name: str) -> bool:
    # nuclei are coloured by a choice of their own, which outlives a view
    return not (isinstance(layer, Labels) and name in ("colormap", "opacity"))


def _still_there(viewer: "Viewer", state: ViewState) -> Iterator[tuple[Layer, dict[str, Any], bool]]:
    return (kept for kept in state.layers if kept[0] in viewer.layers)


def bring_to_order(viewer: "Viewer", wanted: list[Layer], places: list[int]) -> None:
    """Move layers to places in the list, which ascend; the others keep their order."""
    target = [layer for layer in viewer.layers if all(layer != each for each in wanted)]
    for place, layer in zip(places, wanted, strict=True):
        target.insert(place, layer)
    for place, layer in enumerate(target):
        at = viewer.layers.index(layer)
        if at != place:
            viewer.layers.move(at, place)
