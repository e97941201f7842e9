"""Weights of every kind are fetched, imported, verified and deleted by their name."""

import errno
import http.server
import threading
from functools import partial

import pytest
import torch

from napari_celle.errors import Cancelled, DownloadError, WeightsError
from napari_celle.files import download
from napari_celle.models.checkpoints import convert, manage, store
from napari_celle.models.checkpoints.record import Record
from napari_celle.models.registry import load_model

ADDRESS = "mouseland/cellpose-sam/resolve/main"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.delenv("NAPARI_CELLE_CELLPOSE", raising=False)
    return tmp_path / "weights"


@pytest.fixture
def network(tmp_path):
    """Give a file that has what tells a network of cellpose 4."""
    path = tmp_path / "a network"
    torch.save({"W2": torch.ones(300_000)}, path)
    return path


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A server on this machine that answers as Hugging Face does; gives its folder."""
    root = tmp_path / "site"
    root.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=root))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    (root / ADDRESS).mkdir(parents=True)
    yield root
    server.shutdown()
    thread.join()
    server.server_close()


def test_cellpose_is_fetched_checked_and_written_down(site, network, folder):
    network.rename(site / ADDRESS / "cpsam_v2")
    assert manage.fetch("cellpose") == "cellpose"
    assert sorted(path.name for path in (folder / "cellpose").iterdir()) == ["cpsam_v2", "record.json"]
    assert not store.download_folder("cellpose").exists()
    assert manage.verify("cellpose") == store.read_record("cellpose").weights_sha256
    assert store.installed() == {}, "it predicts nothing"


def test_a_cancelled_download_is_kept_and_a_page_is_not_installed(site, network, folder):
    network.rename(site / ADDRESS / "cpsam_v2")

    def cancel(stage, done, total):
        if done:
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        manage.fetch("cellpose", on_step=cancel)
    assert (folder / ".downloads" / "cellpose" / "cpsam_v2.part").stat().st_size > 0
    assert store.names() == []
    assert manage.fetch("cellpose") == "cellpose"


def test_a_file_of_another_program_is_not_installed(tmp_path, folder):
    torch.save({"weight": torch.ones(2)}, tmp_path / "other")
    with pytest.raises(WeightsError, match="cellpose 3 or of another program"):
        manage.import_file(tmp_path / "other", "cellpose")
    assert store.names() == []


def test_an_imported_file_stays_where_it_was(network, folder):
    manage.import_file(network, "cellpose")
    manage.import_file(network, "esm2-480")
    assert network.is_file()
    assert sorted(store.names()) == ["cellpose", "esm2-480"]


@pytest.mark.parametrize("name", ["cellpose", "esm2-480"])
def test_what_is_installed_is_not_replaced_by_accident(network, name):
    manage.import_file(network, name)
    with pytest.raises(WeightsError, match="installed already"):
        manage.import_file(network, name)


def test_a_changed_file_is_found(network, folder):
    manage.import_file(network, "cellpose")
    (folder / "cellpose" / "cpsam_v2").write_bytes(b"other")
    with pytest.raises(WeightsError, match="damaged"):
        manage.verify("cellpose")


def test_the_embedded_model_is_verified_but_not_deleted():
    assert len(manage.verify("celle-mini")) == 64
    with pytest.raises(WeightsError, match="comes with napari-celle"):
        manage.delete("celle-mini")


def test_deleted_weights_are_gone(network, folder):
    manage.import_file(network, "cellpose")
    assert manage.delete("cellpose") == folder / "cellpose"
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_one_readable_line_and_nothing_is_installed(site, network, monkeypatch):
    network.rename(site / ADDRESS / "cpsam_v2")

    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device", "cpsam_v2.part")

    with monkeypatch.context() as patch:
        patch.setattr(download, "_append", full)
        with pytest.raises(WeightsError, match=r"cpsam_v2.part cannot be.*No space left on device\. Make room"):
            manage.fetch("cellpose")
    assert store.names() == []


def test_a_server_without_the_file_is_one_readable_line(site):
    with pytest.raises(DownloadError, match=r"404.*Then import it here"):
        manage.fetch("cellpose")
    assert store.names() == []


def test_a_model_that_was_trained_is_imported_whole_by_any_of_its_files(tmp_path):
    network = load_model("tiny-celle2", device="cpu").network
    info = {"summary": "Mine.", "pixel_size_um": 0.1, "nucleus_diameter_px": (1.0, 2.0, 3.0), "sampling": {"steps": 3}}
    run = tmp_path / "run"
    run.mkdir()
    convert.write_model(dict(network.state_dict()), network.config, run)
    store.write_record(run, Record("run", source="here", licence="mine", info=info))
    assert manage.import_file(next(run.glob("*.safetensors")), "mine") == "mine"
    assert load_model("mine", device="cpu").info.summary == "Mine."


@pytest.mark.parametrize("name", ["celle2-hpa-480", "esm2-480", "cellpose"])
def test_what_to_do_by_hand_needs_no_command_line(site, name):
    with pytest.raises(DownloadError) as caught:
        manage.fetch(name)
    assert f"here as {name}." in str(caught.value)
    assert "napari-celle weights" not in str(caught.value)
