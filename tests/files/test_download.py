"""Downloads from a server on this machine that can break off, lie, and go away."""

import hashlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from napari_celle.errors import Cancelled, DownloadError
from napari_celle.files.download import download, hugging_face_url

CONTENT = np.random.default_rng(0).bytes(3_000_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()
REMEDY = "Then import it."


@dataclass
class Site:
    """What the server answers with, and what it was asked."""

    content: bytes = CONTENT
    etag: str = '"one"'
    break_after: int | None = None
    ranges: bool = True
    kind: str = "application/octet-stream"
    linked: str | None = None
    asked: list[str | None] = field(default_factory=list)


def _handler(site):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/absent":
                return self.send_error(404)
            if site.linked and self.path == "/file":
                self.send_response(302)
                self.send_header("X-Linked-ETag", f'"{site.linked}"')
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                return self.end_headers()
            asked = self.headers["Range"]
            site.asked.append(asked)
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and site.ranges else 0
            total = len(site.content)
            if start >= total:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{total}")
                self.send_header("Content-Length", "0")
                return self.end_headers()
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
            self.send_header("Content-Length", str(total - start))
            self.send_header("Content-Type", site.kind)
            self.send_header("ETag", site.etag)
            self.end_headers()
            self.wfile.write(site.content[start:][: site.break_after])
            return None

        def log_message(self, *args):
            """Say nothing."""

    return Handler


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def server(site):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "model.ckpt"


def _stop_at(limit):
    def on_step(stage, done, total):
        if done >= limit:
            raise Cancelled("stopped")

    return on_step


def test_a_file_arrives_whole_and_leaves_nothing_beside_it(server, path):
    told = []
    download(f"{server}/file", path, remedy=REMEDY, sha256=DIGEST, on_step=lambda *step: told.append(step))
    assert path.read_bytes() == CONTENT
    assert list(path.parent.iterdir()) == [path]
    assert told[0] == ("downloading model.ckpt", 0, len(CONTENT))
    assert told[-1] == ("downloading model.ckpt", len(CONTENT), len(CONTENT))


def test_a_cancelled_download_goes_on_where_it_ended(server, site, path):
    with pytest.raises(Cancelled):
        download(f"{server}/file", path, remedy=REMEDY, on_step=_stop_at(1_000_000))
    assert not path.exists()
    done = path.with_name("model.ckpt.part").stat().st_size
    assert 1_000_000 <= done < len(CONTENT)
    download(f"{server}/file", path, remedy=REMEDY, sha256=DIGEST)
    assert site.asked == [None, f"bytes={done}-"]
    assert path.read_bytes() == CONTENT


def test_a_connection_that_breaks_off_is_taken_up_again(server, site, path):
    site.break_after = 1_100_000
    download(f"{server}/file", path, remedy=REMEDY, sha256=DIGEST)
    assert path.read_bytes() == CONTENT
    assert site.asked[0] is None
    assert len(site.asked) == 3


def test_a_file_that_stays_truncated_is_an_error_and_its_part_is_kept(server, site, path):
    with pytest.raises(Cancelled):
        download(f"{server}/file", path, remedy=REMEDY, on_step=_stop_at(1_000_000))
    site.break_after = 0
    with pytest.raises(DownloadError, match=r"broke off.*What has come is kept.*in a browser\. Then import it"):
        download(f"{server}/file", path, remedy=REMEDY)
    assert not path.exists()
    assert path.with_name("model.ckpt.part").stat().st_size >= 1_000_000


def test_a_part_of_another_version_is_fetched_anew(server, site, path):
    with pytest.raises(Cancelled):
        download(f"{server}/file", path, remedy=REMEDY, on_step=_stop_at(1_000_000))
    site.content, site.etag = CONTENT[::-1], '"two"'
    download(f"{server}/file", path, remedy=REMEDY)
    assert path.read_bytes() == CONTENT[::-1]


def test_a_server_without_ranges_starts_again(server, site, path):
    with pytest.raises(Cancelled):
        download(f"{server}/file", path, remedy=REMEDY, on_step=_stop_at(1_000_000))
    site.ranges = False
    download(f"{server}/file", path, remedy=REMEDY, sha256=DIGEST)
    assert path.read_bytes() == CONTENT


def test_a_part_that_is_complete_already_only_needs_its_name(server, path):
    with pytest.raises(Cancelled):
        download(f"{server}/file", path, remedy=REMEDY, on_step=_stop_at(len(CONTENT)))
    assert not path.exists()
    download(f"{server}/file", path, remedy=REMEDY, sha256=DIGEST)
    assert path.read_bytes() == CONTENT


def test_a_wrong_hash_is_an_error_and_the_file_is_gone(server, path):
    with pytest.raises(DownloadError, match=r"model\.ckpt is not what it should be: its SHA-256 is .*, not 0000"):
        download(f"{server}/file", path, remedy=REMEDY, sha256="0" * 64)
    assert list(path.parent.iterdir()) == []


def test_the_hash_that_hugging_face_tells_is_checked(server, site, path):
    site.linked = DIGEST
    assert download(f"{server}/file", path, remedy=REMEDY) == DIGEST
    path.unlink()
    site.linked = "1" * 64
    with pytest.raises(DownloadError, match=f"not {'1' * 64}"):
        download(f"{server}/file", path, remedy=REMEDY)


def test_an_error_of_the_server_keeps_the_part_and_gives_the_address(server, path):
    path.parent.mkdir()
    part = path.with_name("model.ckpt.part")
    part.write_bytes(CONTENT[:100])
    with pytest.raises(DownloadError, match=r"absent: 404 .*Open http://.*/absent in a browser\. Then import it\."):
        download(f"{server}/absent", path, remedy=REMEDY)
    assert part.read_bytes() == CONTENT[:100]


def test_a_server_that_is_down_is_an_error_with_the_address(path):
    with pytest.raises(DownloadError, match=r"connection failed.*Open http://127\.0\.0\.1:9/file in a browser"):
        download("http://127.0.0.1:9/file", path, remedy=REMEDY)


def test_a_log_in_page_is_not_taken_for_the_file(server, site, path):
    site.kind, site.content = "text/html; charset=utf-8", b"<html>log in</html>"
    with pytest.raises(DownloadError, match="answered with a web page"):
        download(f"{server}/file", path, remedy=REMEDY)
    assert list(path.parent.iterdir()) == []


def test_a_file_that_is_there_needs_no_network(path):
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    assert download("http://127.0.0.1:9/file", path, remedy=REMEDY) is None
    assert download("http://127.0.0.1:9/file", path, remedy=REMEDY, sha256=DIGEST) == DIGEST


def test_offline_means_no_network_call_at_all(server, site, path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(DownloadError, match=r"HF_HUB_OFFLINE forbids.*Open http"):
        download(f"{server}/file", path, remedy=REMEDY)
    assert site.asked == []


def test_a_mirror_of_hugging_face_can_be_named(monkeypatch):
    assert hugging_face_url("a/b", "c.d") == "https://huggingface.co/a/b/resolve/main/c.d"
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    assert hugging_face_url("a/b", "c.d") == "http://127.0.0.1:1/a/b/resolve/main/c.d"
