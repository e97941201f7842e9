"""``napari-celle weights``: what a person and a script see."""

import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from functools import partial

import pytest
import torch
from typer.testing import CliRunner

from napari_celle.cli import app
from napari_celle.models.checkpoints import manage


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path / "weights"


@pytest.fixture
def files(fixtures, tmp_path):
    """The files of the small CELL-E 2 as Hugging Face has them."""
    target = tmp_path / "small"
    target.mkdir()
    names = {"celle.ckpt": "model.ckpt", "celle.yaml": "config.yaml"}
    for name in ("celle.ckpt", "celle.yaml", "nucleus_vqgan.yaml", "threshold_vqgan.yaml"):
        shutil.copyfile(fixtures / "celle2_small" / name, target / names.get(name, name))
    return target


def _run(*options):
    return CliRunner().invoke(app, ["weights", *map(str, options)], prog_name="napari-celle")


def _fails(result, *words):
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr


def test_the_list_shows_every_model_and_how_to_get_it(folder):
    result = _run("list", "--json")
    answer = json.loads(result.stdout)
    states = {row["name"]: row["state"] for row in answer["weights"]}
    assert answer["folder"] == str(folder)
    assert states["celle2-hpa-480"] == states["celle2-hpa-finetuned-480"] == states["esm2-480"] == "can be fetched"
    assert states["celle"] == states["celle2-opencell-2560"] == "import by hand"
    assert states["tape-bert"] == "can be fetched"
    assert states["cellpose"] == "save by hand"
    assert "celle2-hpa-480" in _run("list").stdout


def test_an_installed_cellpose_is_one_row(tmp_path):
    torch.save({"W2": torch.ones(2)}, tmp_path / "cpsam_v2")
    manage.import_file(tmp_path / "cpsam_v2", "cellpose")
    rows = json.loads(_run("list", "--json").stdout)["weights"]
    assert [row["state"] for row in rows if row["name"] == "cellpose"] == ["installed"]


def test_a_model_is_imported_listed_verified_located_and_removed(files, folder):
    result = _run("import", files, "--name", "mine", "--heads", 4)
    assert result.exit_code == 0, result.stderr
    assert str(folder / "mine") in result.stdout
    (row,) = (row for row in json.loads(_run("list", "--json").stdout)["weights"] if row["name"] == "mine")
    assert (row["state"], row["path"]) == ("installed", str(folder / "mine"))
    assert json.loads(_run("verify", "--json").stdout) == {"verified": {"mine": row["sha256"]}}
    assert f"mine  verified, sha256 {row['sha256']}" in _run("verify", "mine").stdout
    assert _run("path", "mine").stdout == f"{folder / 'mine'}\n"
    assert _run("path").stdout == f"{folder}\n"
    assert json.loads(_run("remove", "mine", "--json").stdout) == {"removed": str(folder / "mine")}
    _fails(_run("path", "mine"), "mine is not installed")


def test_import_as_json_is_one_object_and_takes_the_name_of_the_folder(files):
    answer = json.loads(_run("import", files / "model.ckpt", "--heads", 4, "--json").stdout)
    assert (answer["name"], answer["embedder"]) == ("small", "checkpoint")
    assert "config.json" in answer["files"]


def test_damage_is_found(files, folder):
    _run("import", files, "--name", "mine", "--heads", 4)
    path = folder / "mine" / "protein.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    _fails(_run("verify"), "protein.safetensors is damaged", "weights remove mine")


class Bad:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def _malicious(files):
    torch.save({"state_dict": {"a": torch.ones(1)}, "x": Bad(str(files / "it_ran"))}, files / "model.ckpt")


def _cut(files):
    (files / "model.ckpt").write_bytes((files / "model.ckpt").read_bytes()[:-1000])


def _other_config(files):
    text = (files / "config.yaml").read_text()
    (files / "config.yaml").write_text(text.replace("depth: 3", "depth: 68"))


def _zip(files):
    (files / "model.ckpt").unlink()
    shutil.make_archive(str(files / "x"), "zip", files, "config.yaml")
    (files / "x.zip").rename(files / "model.ckpt")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (_malicious, ("was not opened", "mkdir", "Nothing of it was run")),
        (_cut, ("model.ckpt is cut off",)),
        (_other_config, ("that of another model", "68 layers", "have 3")),
        (_zip, ("is a zip archive, but no checkpoint",)),
        (lambda files: (files / "model.ckpt").write_text("<html>"), ("a web page",)),
        (lambda files: (files / "model.ckpt").unlink(), ("should hold one checkpoint",)),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_installed(files, folder, harm, words):
    harm(files)
    _fails(_run("import", files, "--name", "mine", "--heads", 4), *words)
    assert not (files / "it_ran").exists()
    assert not folder.exists() or list(folder.iterdir()) == []


def test_an_unknown_model_and_one_without_address_are_one_line():
    _fails(_run("fetch", "nothing"), "no weights 'nothing'")
    _fails(_run("fetch", "celle"), "No public address", "weights import FOLDER --name celle")
    _fails(_run("remove", "mine"), "mine is not installed")


def test_offline_says_what_to_do_by_hand(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    _fails(
        _run("fetch", "celle2-hpa-480"), "HF_HUB_OFFLINE", "CELL-E_2_HPA_480/resolve/main/model.ckpt", "weights import"
    )


class Slow(http.server.SimpleHTTPRequestHandler):
    """Sends files of a folder slowly, from where it is asked to."""

    pause = 0.0

    def do_GET(self):
        path = self.translate_path(self.path)
        if not os.path.isfile(path):
            return self.send_error(404)
        with open(path, "rb") as file:
            content = file.read()
        asked = self.headers["Range"]
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("ETag", '"1"')
        self.end_headers()
        self.server.starts.append(start)
        for at in range(start, len(content), 1 << 20):
            self.wfile.write(content[at : at + (1 << 20)])
            time.sleep(self.server.pause)
        return None

    def log_message(self, *args):
        """Say nothing."""

    def handle(self):
        """Bear it when the other side is killed."""
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True


@pytest.fixture
def server(tmp_path):
    root = tmp_path / "site"
    root.mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Slow, directory=str(root)))
    server.root, server.pause, server.starts = root, 0.0, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_real_process_that_is_killed_while_it_fetches_goes_on_the_next_time(files, server, folder):
    shutil.copytree(files, server.root / "lab" / "small" / "resolve" / "main")
    environment = os.environ | {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}"}
    command = [sys.executable, "-m", "napari_celle", "weights", "fetch", "lab/small", "--name", "mine", "--heads", "4"]
    server.pause = 0.3
    part = folder / ".downloads" / "mine" / "model.ckpt.part"
    process = subprocess.Popen(command, env=environment)
    while process.poll() is None and not (part.is_file() and part.stat().st_size > 2 << 20):
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = part.stat().st_size
    server.pause = 0.0
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert kept in server.starts
    assert "mine is installed in" in done.stdout
    assert [path.name for path in folder.iterdir() if path.name != ".downloads"] == ["mine"]
    offline = environment | {"HF_HUB_OFFLINE": "1"}
    again = subprocess.run([*command, "--json"], env=offline, capture_output=True, text=True, check=True)
    assert json.loads(again.stdout)["name"] == "mine"


def test_help_is_quick_because_it_loads_nothing_heavy():
    code = (
        "import sys; from napari_celle.cli import weights; print([m for m in ('torch', 'numpy') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
