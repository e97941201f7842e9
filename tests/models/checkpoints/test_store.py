"""The user's folder of weights: complete models only, whatever happens."""

import os
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from napari_celle.errors import WeightsError
from napari_celle.files.hashing import file_sha256
from napari_celle.models.checkpoints import store
from napari_celle.models.checkpoints.record import Record


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path / "weights"


def _record(name="mine"):
    return Record(name=name, source="/here", licence="none")


def _install(name="mine", content=b"weights"):
    with store.staging(name) as staged:
        (staged / "a.safetensors").write_bytes(content)
        (staged / store.CONFIG).write_text("{}")
        return store.install(staged, _record(name))


def test_the_system_knows_where_such_data_go(monkeypatch):
    monkeypatch.delenv("NAPARI_CELLE_WEIGHTS")
    assert store.store_folder().parent.name == "napari-celle"


def test_an_installed_model_is_listed_with_the_hash_of_each_file(folder):
    record = _install()
    assert store.installed() == {"mine": record}
    assert record.files["a.safetensors"] == file_sha256(folder / "mine" / "a.safetensors")
    assert sorted(record.files) == ["a.safetensors", "config.json"]
    assert record.date.endswith("+00:00")
    assert [path.name for path in folder.iterdir()] == ["mine"]
    assert store.verify_installed("mine") == record


def test_an_empty_folder_has_no_models():
    assert store.installed() == {}
    assert not store.is_installed("mine")


def test_a_changed_and_a_missing_file_are_named(folder):
    _install()
    (folder / "mine" / "a.safetensors").write_bytes(b"weighty")
    with pytest.raises(WeightsError, match=r"a\.safetensors is damaged.*weights remove mine"):
        store.verify_installed("mine")
    (folder / "mine" / "a.safetensors").unlink()
    with pytest.raises(WeightsError, match=r"lack the file .*a\.safetensors"):
        store.verify_installed("mine")


def test_a_model_of_the_same_name_is_replaced(folder):
    before, after = _install(content=b"old"), _install(content=b"new")
    assert (folder / "mine" / "a.safetensors").read_bytes() == b"new"
    assert before.weights_sha256 != after.weights_sha256
    assert [path.name for path in folder.iterdir()] == ["mine"]


def test_an_error_while_a_model_is_written_leaves_the_old_one(folder):
    _install(content=b"old")
    with suppress(ZeroDivisionError), store.staging("mine") as staged:
        (staged / "a.safetensors").write_bytes(b"half")
        _ = 1 / 0
    assert [path.name for path in folder.iterdir()] == ["mine"]
    assert (folder / "mine" / "a.safetensors").read_bytes() == b"old"


def test_a_model_that_was_killed_half_written_is_gone_at_the_next_start(folder):
    code = (
        "import os, signal; from napari_celle.models.checkpoints import store\n"
        "with store.staging('mine') as staged:\n"
        "    (staged / 'a.safetensors').write_bytes(b'half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    assert len(list(folder.iterdir())) == 1
    assert store.installed() == {}
    assert list(folder.iterdir()) == []


def test_a_model_that_is_being_written_now_is_left_alone(folder):
    with store.staging("mine") as staged:
        (staged / "a").write_text("")
        store.recover()
        assert (staged / "a").exists()


def test_what_another_computer_writes_is_left_alone_for_a_day(folder):
    other = folder / f"{store._STAGING}-mine-elsewhere-1"
    other.mkdir(parents=True)
    store.recover()
    assert other.exists()
    os.utime(other, (time.time() - 2 * store._DAY_S,) * 2)
    store.recover()
    assert not other.exists()


def test_a_model_that_was_about_to_be_replaced_comes_back(folder):
    _install()
    (folder / "mine").rename(folder / f"{store._REPLACED}-mine")
    assert list(store.installed()) == ["mine"]
    (folder / f"{store._REPLACED}-mine").mkdir()
    assert store.is_installed("mine")
    assert [path.name for path in folder.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a\\b", ".hidden", "-x", "a" * 81, "a\n", "end.", "ä"])
def test_a_name_that_could_lead_elsewhere_is_refused(name):
    for look in (store.model_folder, store.read_record, store.remove, store.download_folder):
        with pytest.raises(WeightsError, match="cannot be the name of a model"):
            look(name)
    assert not store.is_installed(name)


def test_removing_takes_the_model_and_its_downloads(folder):
    _install()
    store.download_folder("mine").mkdir(parents=True)
    assert store.remove("mine") == folder / "mine"
    assert store.installed() == {}
    assert not store.download_folder("mine").exists()
    with pytest.raises(WeightsError, match=r"mine is not installed in .* Installed are: none"):
        store.remove("mine")


def test_an_absent_model_says_how_to_get_it():
    with pytest.raises(WeightsError, match=r"weights fetch mine.*weights import PATH --name mine"):
        store.read_record("mine")


def test_a_record_that_cannot_be_read_is_named(folder):
    _install()
    (folder / "mine" / "record.json").write_text("{}")
    with pytest.raises(WeightsError, match=r"record\.json cannot be read"):
        store.read_record("mine")
