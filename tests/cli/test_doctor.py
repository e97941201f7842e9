"""``napari-celle doctor`` says what is here, and what is broken."""

import json

import pytest
from typer.testing import CliRunner

from napari_celle.cli import app, doctor
from napari_celle.errors import WeightsError


@pytest.fixture
def healthy(monkeypatch):
    """Replace the weights, which a test should not depend on."""
    monkeypatch.setitem(doctor.CHECKS, "weights", lambda: "celle-mini verified")


def _doctor(*options):
    return CliRunner().invoke(app, ["doctor", *options])


def test_every_line_names_a_thing_and_what_it_is(healthy):
    result = _doctor()
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split("  ")[0] for line in lines] == list(doctor.CHECKS)
    assert any((line.startswith("device") and "cpu" in line) or "cuda" in line for line in lines)


def test_json_is_one_object(healthy):
    answer = json.loads(_doctor("--json").stdout)
    assert answer["ok"] is True
    assert {check["name"] for check in answer["checks"]} >= {"Python", "Qt", "torch", "device", "weights", "cache"}


def test_what_is_broken_is_said_and_the_other_checks_go_on(healthy, monkeypatch):
    def lost():
        raise WeightsError("The weights of celle-mini lack the file x.\nInstall again.")

    monkeypatch.setitem(doctor.CHECKS, "weights", lost)
    result = _doctor()
    assert result.exit_code == 1
    assert "BROKEN: The weights of celle-mini lack the file x. Install again." in result.stdout
    assert "cache" in result.stdout
    assert json.loads(_doctor("--json").stdout)["ok"] is False


def test_without_a_qt_binding_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    assert "pip install 'napari-celle[all]'" in doctor.CHECKS["Qt"]()


def test_an_unwritable_cache_is_broken_and_says_which_setting_helps(healthy, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "file" / "cache"))
    result = _doctor()
    assert result.exit_code == 1
    assert "Set HF_HUB_CACHE" in result.stdout
