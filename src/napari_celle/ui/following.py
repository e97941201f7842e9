"""Events of napari that a widget follows until its end."""

from collections.abc import Callable
from inspect import signature
from weakref import WeakKeyDictionary, WeakMethod

from napari.utils.events import EventEmitter
from qtpy.compat import isalive
from qtpy.QtCore import QObject


def follow(owner: QObject, method: Callable[..., None], *emitters: EventEmitter) -> None:
    """Call a bound method of a widget when something happens, with the event if it takes one, until the widget's end.

    napari holds the method weakly, which is not enough: between the end of the Qt side and that of the Python side of
    a widget its methods must not be called. Nothing is connected to ``destroyed``: that of a child, with a Python
    object at the other end, can end the process.
    """
    relay = _Relay(method)
    _RELAYS.setdefault(owner, []).append(relay)
    for emitter in emitters:
        emitter.connect(relay.tell)


class _Relay:
    """Stands between an event and a widget, and asks first whether the widget is there."""

    def __init__(self, method: Callable[..., None]) -> None:
        self._method: WeakMethod[Callable[..., None]] = WeakMethod(method)
        self._takes_event = bool(signature(method).parameters)

    def tell(self, event: object = None) -> None:
        """Pass an event on, if the widget is there."""
        method = self._method()
        if method is not None and isalive(getattr(method, "__self__", None)):
            method(*([event] if self._takes_event else []))


_RELAYS: WeakKeyDictionary[QObject, list[_Relay]] = WeakKeyDictionary()  # napari holds them weakly
