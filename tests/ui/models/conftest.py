"""A folder of weights of one's own, small files that pass for weights, and a server that can fail in many ways."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from qtpy.QtCore import QThreadPool

from napari_celle.ui.session import Session


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.delenv("NAPARI_CELLE_CELLPOSE", raising=False)
    return tmp_path / "weights"


@pytest.fixture
def cellpose_file(tmp_path):
    """Give a file that has what tells a network of cellpose 4, some chunks of a download long."""
    path = tmp_path / "own" / "cpsam_v2"
    path.parent.mkdir()
    torch.save({"W2": torch.ones(400_000)}, path)
    return path


@pytest.fixture
def session():
    session = Session(device="cpu")
    yield session
    QThreadPool.globalInstance().waitForDone(5000)


@dataclass
class Site:
    """What the server does with the one file that it has.

    ``hold`` stops it in the middle until ``go`` is set; ``fails`` is "", "404", "page" or "reset".
    """

    path: Path
    fails: str = ""
    hold: bool = False
    go: threading.Event = field(default_factory=threading.Event)
    ranges: list[str | None] = field(default_factory=list)


def _handler(site):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if site.fails == "404" or not self.path.endswith(site.path.name):
                return self.send_error(404)
            content, asked = site.path.read_bytes(), self.headers["Range"]
            site.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(content) - start))
            self.send_header("Content-Type", "text/html" if site.fails == "page" else "application/octet-stream")
            self.send_header("ETag", '"one"')
            self.end_headers()
            if site.fails == "reset":
                return None
            middle = start + (len(content) - start) // 2
            self.wfile.write(content[start:middle])
            if site.hold:
                site.go.wait(10)
            self.wfile.write(content[middle:])
            return None

        def log_message(self, *args):
            """Say nothing."""

    return Handler


class QuietServer(ThreadingHTTPServer):
    """Says nothing of clients that go away."""

    def handle_error(self, request, client_address):
        """Say nothing."""


@pytest.fixture
def site(cellpose_file, monkeypatch):
    site = Site(cellpose_file)
    server = QuietServer(("127.0.0.1", 0), _handler(site))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield site
    site.go.set()
    server.shutdown()
    thread.join()
    server.server_close()
