"""Public servers, asked politely: by name, not too often, and patiently where they are busy."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests

from napari_celle.errors import DownloadError
from napari_celle.files.download import TIMEOUT_S, NotThere, is_offline

AGENT = "napari-celle (+https://github.com/napari-celle/napari-celle)"
"""Who is asking."""

PER_SECOND = 2.0
"""Requests a second, of all servers together, where nobody says otherwise."""

TRIES = 4
LONGEST_PAUSE_S = 300.0
"""A server that asks for a longer pause is left alone."""

TOO_MANY = 429
_BUSY = (TOO_MANY, 500, 502, 503, 504)


class ServerAway(DownloadError):
    """The server cannot be reached or asks to be left alone, so nothing else of it is worth asking for now."""


@dataclass(slots=True)
class PoliteClient:
    """Asks public servers.

    Attributes
    ----------
    per_second : float
        Requests a second at most, of all servers together.
    clock, sleep : callable
        Seconds of a steady clock, and what waits so many seconds.
    """

    per_second: float = PER_SECOND
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _turn: float = field(default=0.0, init=False)

    def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, stream: bool = False, timeout: float = TIMEOUT_S
    ) -> requests.Response:
        """Return the answer of a server, whatever its status, once it is not busy any more.

        An answer 429, 500, 502, 503 or 504 and a failed connection are tried again after the pause that the server
        asks for, else after 1, 2 and 4 seconds; the arguments are those of ``requests.get``.

        Raises
        ------
        ServerAway
            If it still cannot be reached, still answers 429, or asks for a pause of more than five minutes.
        """
        asked: dict[str, object] = {"headers": {"User-Agent": AGENT, **(headers or {})}, "stream": stream}
        number = 1
        while True:
            response = self._try(url, last=number == TRIES, timeout=timeout, **asked)
            if response is not None and response.status_code not in _BUSY:
                return response
            if response is not None and number == TRIES and response.status_code != TOO_MANY:
                return response
            self.sleep(_pause(response, url, number=number))
            number += 1

    def ask(self, url: str) -> bytes:
        """Return what a server answers: data, no web page.

        Raises
        ------
        ServerAway
            As :meth:`get`.
        NotThere
            If the server does not know the address.
        DownloadError
            If it answers with another error, or with a web page.
        """
        if is_offline():
            raise ServerAway(f"HF_HUB_OFFLINE forbids to ask {_host(url)}. Unset it to download.")
        try:
            with self.get(url) as response:
                content = response.content
        except requests.RequestException as error:
            raise DownloadError(f"The answer of {url} broke off ({type(error).__name__}). Try again.") from None
        if response.status_code == 404:
            raise NotThere(f"{_host(url)} has nothing at {url}.")
        if not response.ok:
            raise DownloadError(f"{_host(url)} answers {response.status_code} {response.reason} to {url}. Try later.")
        if response.headers.get("Content-Type", "").startswith("text/html"):
            raise DownloadError(
                f"Instead of data, {url} answered with a web page, as firewalls, log-in pages and services that have "
                "moved do. Open it in a browser; another address can be given with --server."
            )
        return content

    def _try(self, url: str, *, last: bool, **asked: object) -> requests.Response | None:
        """Ask when it is our turn; None where the connection failed and there are tries left."""
        self._wait()
        try:
            return requests.get(url, **asked)  # type: ignore[arg-type]
        except (requests.ConnectionError, requests.Timeout) as error:
            if not last:
                return None
            raise ServerAway(
                f"{_host(url)} cannot be reached ({type(error).__name__}, {url}). Check the network and the address; "
                "what has come is kept, and the same command goes on from there."
            ) from None

    def _wait(self) -> None:
        now = self.clock()
        if now < self._turn:
            self.sleep(self._turn - now)
        self._turn = max(now, self._turn) + 1 / self.per_second


def _pause(response: requests.Response | None, url: str, *, number: int) -> float:
    """Return the seconds before the next try, and close the answer."""
    usual = 2.0 ** (number - 1)
    if response is None:
        return usual
    with response:
        wish = _retry_after(response)
    if number == TRIES or wish > LONGEST_PAUSE_S:
        length = f" for {wish:,.0f} seconds" if wish else ""
        raise ServerAway(
            f"{_host(url)} asks to be left alone{length} ({response.status_code} {response.reason}). Run the same "
            "command again later, perhaps with a lower --per-second; what has come is kept."
        )
    return wish or usual


def _retry_after(response: requests.Response) -> float:
    """Return the seconds that a server asks to wait, 0 if it does not say; it may name a date instead."""
    wish = response.headers.get("Retry-After", "")
    if wish.isdigit():
        return float(wish)
    try:
        then, now = parsedate_to_datetime(wish), parsedate_to_datetime(response.headers["Date"])
        return max(0.0, (then - now).total_seconds())
    except (KeyError, TypeError, ValueError):
        return 0.0


def _host(url: str) -> str:
    return urlsplit(url).netloc
