"""Events of napari that a widget follows until its end."""

from collections.abc import Callable
from functools import partial
from weakref import WeakMethod

from napari.utils.events import EventEmitter
from qtpy.QtCore import QObject


def follow(owner: QObject, method: Callable[..., None], *emitters: EventEmitter) -> None:
    """Call a bound method when something happens, until the end of its owner.

    napari holds the method weakly, which is not enough: between the end of the Qt side and that of the Python side of
    a widget its methods must not be called.
    """
    for emitter in emitters:
        emitter.connect(method)
    owner.destroyed.connect(partial(_leave, WeakMethod(method), emitters))


def _leave(method: WeakMethod[Callable[..., None]], emitters: tuple[EventEmitter, ...], *_: object) -> None:
    found = method()
    if found is not None:
        for emitter in emitters:
            emitter.disconnect(found)
