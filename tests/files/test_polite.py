"""A public server on this machine that is busy, away, or says something else; nobody really waits."""

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from napari_celle.errors import DownloadError
from napari_celle.files.download import NotThere, download
from napari_celle.files.polite import AGENT, PoliteClient, ServerAway

AWAY = "http://127.0.0.1:9/data"


@dataclass
class Site:
    """What the server answers, one after the other, then always 200; and what it was asked."""

    answers: deque = field(default_factory=deque)
    kind: str = "application/json"
    agents: list[str] = field(default_factory=list)


@dataclass
class Clock:
    """Time that only passes when somebody waits."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def server(site):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            site.agents.append(self.headers["User-Agent"])
            status, headers = site.answers.popleft() if site.answers else (200, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", site.kind)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *args):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/data"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def client(clock):
    return PoliteClient(per_second=1e9, clock=lambda: clock.now, sleep=clock.sleep)


def test_it_asks_by_name_and_no_faster_than_it_may(server, site, clock):
    client = PoliteClient(per_second=4, clock=lambda: clock.now, sleep=clock.sleep)
    assert [client.ask(server) for _ in range(3)] == [b"hello"] * 3
    assert clock.waits == [0.25, 0.25]
    clock.now += 10
    client.ask(server)
    assert clock.waits == [0.25, 0.25]
    assert set(site.agents) == {AGENT}
    assert "napari-celle" in AGENT


def test_it_waits_as_long_as_a_server_asks_for(server, site, client, clock):
    site.answers.append((429, {"Retry-After": "17"}))
    site.answers.append((503, {"Retry-After": formatdate(time.time() + 30, usegmt=True)}))
    assert client.ask(server) == b"hello"
    assert [wait for wait in clock.waits if wait >= 1] == pytest.approx([17, 30], abs=1)


def test_errors_of_the_server_are_tried_again_after_longer_and_longer_pauses(server, site, client, clock):
    site.answers.extend([(500, {}), (502, {}), (503, {"Retry-After": "soon"})])
    assert client.ask(server) == b"hello"
    assert [wait for wait in clock.waits if wait >= 1] == [1, 2, 4]


def test_an_error_that_stays_is_told_with_the_address(server, site, client):
    site.answers.extend([(500, {})] * 4)
    with pytest.raises(DownloadError, match=r"answers 500 Internal Server Error to http://.*/data") as caught:
        client.ask(server)
    assert not isinstance(caught.value, ServerAway)
    assert len(site.agents) == 4


def test_what_is_not_there_is_not_asked_for_again(server, site, client):
    site.answers.append((404, {}))
    with pytest.raises(NotThere, match=r"has nothing at http"):
        client.ask(server)
    assert len(site.agents) == 1


@pytest.mark.parametrize(
    "answers", [[(429, {"Retry-After": "3600"})], [(429, {})] * 4], ids=["an hour", "again and again"]
)
def test_a_server_that_wants_to_be_left_alone_is_left_alone(server, site, client, answers):
    site.answers.extend(answers)
    with pytest.raises(ServerAway, match=r"asks to be left alone.*\(429 Too Many Requests\).*later"):
        client.ask(server)
    assert len(site.agents) == len(answers)


def test_a_server_that_cannot_be_reached_is_away(client, clock):
    with pytest.raises(ServerAway, match=r"127\.0\.0\.1:9 cannot be reached"):
        client.ask(AWAY)
    assert [wait for wait in clock.waits if wait >= 1] == [1, 2, 4]


def test_a_web_page_is_no_data(server, site, client):
    site.kind = "text/html; charset=utf-8"
    with pytest.raises(DownloadError, match=r"Instead of data, http://.* answered with a web page.*--server"):
        client.ask(server)


def test_offline_means_no_request(server, site, client, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ServerAway, match="HF_HUB_OFFLINE forbids"):
        client.ask(server)
    assert site.agents == []


def test_a_download_can_be_polite_too(server, site, client, clock, tmp_path):
    site.answers.append((429, {"Retry-After": "5"}))
    download(server, tmp_path / "data", remedy="Try again.", get=client.get)
    assert (tmp_path / "data").read_bytes() == b"hello"
    assert 5 in clock.waits
    assert set(site.agents) == {AGENT}


def test_a_broken_answer_is_an_error(client, monkeypatch):
    def breaks(*args, **kwargs):
        raise requests.exceptions.ChunkedEncodingError("cut")

    monkeypatch.setattr(requests, "get", breaks)
    with pytest.raises(DownloadError, match=r"broke off \(ChunkedEncodingError\)"):
        client.ask(AWAY)
