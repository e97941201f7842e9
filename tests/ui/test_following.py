"""Events reach a widget as long as it is there."""

import gc

import pytest
from napari.utils.events import EventEmitter
from qtpy.QtCore import QCoreApplication, QEvent
from qtpy.QtWidgets import QWidget

from napari_celle.ui.following import follow


class Follower(QWidget):
    def __init__(self, *emitters):
        super().__init__()
        self.told = []
        follow(self, self.take, *emitters)
        follow(self, self.count, *emitters)

    def take(self, event):
        self.told.append(event.type)

    def count(self):
        self.told.append("counted")


@pytest.fixture
def emitters(qapp):
    return EventEmitter(type_name="moved"), EventEmitter(type_name="zoomed")


def test_each_method_gets_what_it_takes(emitters):
    follower = Follower(*emitters)
    for emitter in emitters:
        emitter()
    assert sorted(follower.told) == ["counted", "counted", "moved", "zoomed"]


def test_a_widget_that_qt_has_deleted_is_left_alone(emitters):
    parent = QWidget()
    follower = Follower(*emitters)
    follower.setParent(parent)
    parent.deleteLater()
    QCoreApplication.sendPostedEvents(parent, QEvent.Type.DeferredDelete)
    emitters[0]()
    assert follower.told == []


def test_nothing_is_held_of_a_widget_that_is_gone(emitters):
    follower = Follower(*emitters)
    del follower
    gc.collect()
    emitters[0]()
    assert not [callback for callback in emitters[0].callbacks if callback[0]() is not None]
