"""Lists of the layers of a viewer to choose from, which follow what happens to the layers."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from napari.layers import Image, Layer
from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtWidgets import QComboBox, QSizePolicy

from napari_celle.ui.layers import is_prediction

if TYPE_CHECKING:
    from napari.components import LayerList

NUCLEUS_WORDS = ("nucle", "dapi", "hoechst", "dna")


class LayerPicker(QComboBox):
    """Layers of a viewer, by name; follows what is added, removed, moved and renamed.

    Until one is chosen, a layer whose name holds a likely word is. Layers are held as item data and compared with
    ``==``: what a widget gets from its viewer are proxies.

    Parameters
    ----------
    layers : LayerList
        Of the viewer.
    accepts : callable
        Whether a layer belongs in the list.
    likely : tuple of str
        Lower-case words in the names of layers that are probably meant.
    nothing : str
        First entry, which stands for no layer; "" if there has to be one.
    """

    changed = Signal()

    def __init__(
        self,
        layers: "LayerList",
        *,
        accepts: Callable[[Layer], bool],
        likely: tuple[str, ...] = (),
        nothing: str = "",
    ) -> None:
        super().__init__()
        self._layers, self._accepts, self._likely, self._nothing = layers, accepts, likely, nothing
        self._wants_nothing = False  # the user chose it
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for event in (layers.events.inserted, layers.events.removed, layers.events.reordered, layers.events.renamed):
            event.connect(self._refresh)
        self.activated.connect(self._note_choice)
        self.currentIndexChanged.connect(self.changed)
        self._refresh()

    @property
    def layer(self) -> Layer | None:
        """The chosen layer, or None when there is none."""
        return self.currentData()

    def choose(self, layer: Layer) -> None:
        """Choose a layer; one that is not in the list changes nothing."""
        for at in range(self.count()):
            if self.itemData(at) == layer:
                self.setCurrentIndex(at)

    def _refresh(self, event: object = None) -> None:
        """List the layers anew and keep the chosen one."""
        chosen = self.layer
        offered: list[Layer | None] = [layer for layer in self._layers if self._accepts(layer)]
        if self._nothing:
            offered.insert(0, None)
        with QSignalBlocker(self):
            self.clear()
            for layer in offered:
                self.addItem(self._nothing if layer is None else layer.name, layer)
            self.setCurrentIndex(self._best(offered, chosen))
        self.changed.emit()

    def _best(self, offered: list[Layer | None], chosen: Layer | None) -> int:
        kept = [at for at, layer in enumerate(offered) if layer is not None and layer == chosen]
        likely = [at for at, layer in enumerate(offered) if layer is not None and self._is_likely(layer)]
        if self._wants_nothing:
            return 0
        return [*kept, *likely, 0][0] if offered else -1

    def _note_choice(self) -> None:
        self._wants_nothing = bool(self._nothing) and self.layer is None

    def _is_likely(self, layer: Layer) -> bool:
        return any(word in layer.name.lower() for word in self._likely)


class NucleusPicker(LayerPicker):
    """The image layers that are none of our predictions; one whose name speaks of nuclei or DNA goes first."""

    def __init__(self, layers: "LayerList") -> None:
        super().__init__(layers, accepts=_is_measured, likely=NUCLEUS_WORDS)
        self.setToolTip("Image layer that shows the nuclei: one channel, for example DAPI or Hoechst")

    @property
    def reason(self) -> str:
        """Why there is no layer that can be used, or ""."""
        return why_not(self.layer, wanted="a nucleus channel")


def why_not(layer: Layer | None, *, wanted: str) -> str:
    """Say why an image layer cannot be used; "" when it can."""
    if layer is None:
        return f"Open an image with {wanted}, or File > Open Sample."
    if layer.rgb:
        return f"{layer.name} is an RGB photograph. Right click it > Split RGB, and choose one channel."
    return ""


def _is_measured(layer: Layer) -> bool:
    return isinstance(layer, Image) and not is_prediction(layer)
