"""What the manifest offers in napari's Preferences is what the docs begin with."""

from importlib.resources import files

import pytest
from npe2 import PluginManifest

from napari_celle.ui import preferences as module
from napari_celle.ui.predict.place_box import TOOLTIPS
from napari_celle.ui.predict.widget import REPLACE, PredictWidget
from napari_celle.ui.preferences import Preferences, preferences
from napari_celle.ui.session import shared_session


@pytest.fixture
def offered():
    manifest = PluginManifest.from_file(files("napari_celle") / "napari.yaml")
    found = manifest.contributions.configurations
    return {key: group.properties for key, group in found.items()}


@pytest.fixture
def wishes(monkeypatch):
    """Let the user prefer something."""

    class Group:
        device, where, replace, watch = "cpu", "The whole image", True, True

    class Settings:
        compute = predict = Group

    monkeypatch.setattr(module, "get_plugin_settings", lambda plugin: Settings)


def test_the_defaults_of_the_manifest_are_those_of_the_code(offered):
    defaults = Preferences()
    assert offered["compute"]["device"].default == defaults.device
    for name in ("where", "replace", "watch"):
        assert offered["predict"][name].default == getattr(defaults, name)


def test_the_places_of_the_manifest_are_those_of_the_widget(offered):
    assert offered["predict"]["where"].enum == list(TOOLTIPS)


def test_without_the_plugin_the_defaults_hold(monkeypatch):
    def unknown(plugin):
        raise KeyError(plugin)

    monkeypatch.setattr(module, "get_plugin_settings", unknown)
    assert preferences() == Preferences()


def test_the_dock_opens_as_the_user_prefers(make_napari_viewer, session, qtbot, wishes):
    widget = PredictWidget(make_napari_viewer(), session)
    qtbot.addWidget(widget)
    assert widget.form.place.kind.currentText() == "The whole image"
    assert widget.form.more.watch.isChecked()
    assert widget.keep.currentText() == REPLACE


def test_the_shared_session_begins_on_the_device_the_user_prefers(wishes):
    shared_session.cache_clear()
    try:
        assert shared_session().device == "cpu"
    finally:
        shared_session.cache_clear()


def test_napari_reads_the_preferences_of_the_installed_plugin(make_napari_viewer):
    make_napari_viewer()
    assert preferences() == Preferences()
