"""Fetch one file over http: resumable, atomic, cancellable, checked."""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from napari_celle.errors import DownloadError
from napari_celle.types import OnStep

TRIES = 4  # a broken connection is taken up again so often, as long as each try brings something
TIMEOUT_S = 30.0  # without an answer
CHUNK = 1 << 18  # bytes between two calls of on_step; what a broken connection may lose

Get = Callable[..., requests.Response]
"""What asks a server: ``requests.get``, or another with its arguments ``headers``, ``stream`` and ``timeout``."""


class NotThere(DownloadError):
    """The server has no such file."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a server says of a file: bytes in all (None if it keeps that to itself), version, SHA-256 if it tells."""

    total: int | None
    version: str
    sha256: str | None


def hugging_face_url(repo: str, file: str) -> str:
    """Return the direct address of a file in a Hugging Face repository; ``HF_ENDPOINT`` names a mirror."""
    from huggingface_hub import hf_hub_url

    return hf_hub_url(repo, file, endpoint=os.environ.get("HF_ENDPOINT") or None)


def is_offline() -> bool:
    """Tell whether ``HF_HUB_OFFLINE`` forbids every network call."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")


def download(
    url: str,
    path: Path,
    *,
    remedy: str,
    sha256: str | None = None,
    on_step: OnStep | None = None,
    get: Get = requests.get,
) -> str | None:
    """Fetch a file, unless it is there.

    What has come is kept in ``path`` + ".part", so that the next call goes on where this one ended, for whatever
    reason. The file appears under its own name when it is complete and checked.

    Parameters
    ----------
    url : str
        http or https address.
    path : Path
        Where it shall lie; folders are made. If it is there, no network call is made.
    remedy : str
        What to do when it cannot be fetched, after "open ADDRESS in a browser"; ends every such error.
    sha256 : str or None
        What it must be, in hexadecimal; None trusts the hash that the server tells, if it does.
    on_step : callable or None
        Told of the bytes done and in all (0 if not known); what it raises stops the download.
    get : callable
        Asks the server; :class:`napari_celle.files.polite.PoliteClient` has one for public services.

    Returns
    -------
    str or None
        SHA-256 that was checked; None if there was nothing to check against.

    Raises
    ------
    DownloadError
        If it cannot be fetched, is cut off, or is not what it should be.
    """
    if path.is_file():
        return _check_hash(path, sha256, remedy) if sha256 else None
    advice = f"Open {url} in a browser. {remedy}"
    if is_offline():
        raise DownloadError(f"{path.name} is not here, and HF_HUB_OFFLINE forbids to fetch it. {advice}")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    answer = _fetch(url, part, advice=advice, on_step=on_step, get=get)
    expected = sha256 or answer.sha256
    checked = _check_hash(part, expected, advice) if expected else None
    os.replace(part, path)
    _version_file(part).unlink(missing_ok=True)
    return checked


def _fetch(url: str, part: Path, *, advice: str, on_step: OnStep | None, get: Get) -> _Answer:
    """Bring a part to its full size, going on after broken connections."""
    for number in range(1, TRIES + 1):
        before = _size(part)
        try:
            return _go_on(url, part, advice=advice, on_step=on_step, get=get)
        except requests.RequestException as error:
            if number == TRIES or _size(part) == before:
                absent = error.response is not None and error.response.status_code == 404
                raise (NotThere if absent else DownloadError)(f"{_reason(error, url)} {advice}") from None
    raise DownloadError(f"{url} could not be fetched. {advice}")


def _go_on(url: str, part: Path, *, advice: str, on_step: OnStep | None, get: Get) -> _Answer:
    """Ask for what is missing and append it; a file that changed on the server is fetched anew."""
    start = _size(part)
    with _get(url, start, get) as response:
        answer = _read_answer(response)
        if start and response.status_code == 416 and answer.total == start:
            return answer  # all of it had come
        if response.status_code != 416:
            response.raise_for_status()
        if start and not _continues(response, answer, part, start):
            part.unlink()
            return _go_on(url, part, advice=advice, on_step=on_step, get=get)
        _check_kind(response, url, advice)
        _check_room(part, (answer.total or start) - start)
        _version_file(part).write_text(answer.version, encoding="utf-8")
        _append(response, part, start=start, answer=answer, on_step=on_step)
    if answer.total is not None and _size(part) != answer.total:
        raise requests.ConnectionError(f"{_size(part):,} of {answer.total:,} bytes came")
    return answer


@contextmanager
def _get(url: str, start: int, get: Get) -> Iterator[requests.Response]:
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    with get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as response:
        yield response


def _read_answer(response: requests.Response) -> _Answer:
    span = re.fullmatch(r"bytes (?:\d+-\d+|\*)/(\d+)", response.headers.get("Content-Range", ""))
    length = span[1] if span else response.headers.get("Content-Length")
    # Hugging Face answers with a redirection, whose header has the SHA-256 of a large file
    linked = next((step.headers["X-Linked-ETag"] for step in response.history if "X-Linked-ETag" in step.headers), "")
    version = f"{linked or response.headers.get('ETag', '')} {length}"
    digest = re.fullmatch(r'(?:W/)?"?([0-9a-f]{64})"?', linked)
    return _Answer(int(length) if length is not None else None, version, digest[1] if digest else None)


def _continues(response: requests.Response, answer: _Answer, part: Path, start: int) -> bool:
    """Tell whether an answer is the rest of the same version of the file."""
    recorded = _version_file(part)
    same = recorded.is_file() and recorded.read_text(encoding="utf-8") == answer.version
    whole = response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
    return response.status_code == 206 and whole and same


def _append(response: requests.Response, part: Path, *, start: int, answer: _Answer, on_step: OnStep | None) -> None:
    done = start
    tell = on_step or _silent
    with part.open("ab") as file:
        tell(f"downloading {part.stem}", done, answer.total or 0)
        for chunk in response.iter_content(CHUNK):
            file.write(chunk)
            done += len(chunk)
            tell(f"downloading {part.stem}", done, answer.total or 0)


def _silent(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


def _check_kind(response: requests.Response, url: str, advice: str) -> None:
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise DownloadError(
            f"Instead of the file, {url} answered with a web page, as firewalls and log-in pages do. {advice}"
        )


def _check_room(part: Path, needed: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if needed > free:
        raise DownloadError(
            f"{part.stem} needs {needed / 1e9:.1f} GB, but {part.parent} has {free / 1e9:.1f} GB left. Make room, or "
            "choose another folder (that of weights with the environment variable NAPARI_CELLE_WEIGHTS)."
        )


def _check_hash(path: Path, expected: str, advice: str) -> str:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        path.unlink()
        _version_file(path).unlink(missing_ok=True)
        raise DownloadError(
            f"{path.name.removesuffix('.part')} is not what it should be: its SHA-256 is {found}, not {expected}. It "
            f"was deleted; try again. {advice}"
        )
    return found


def _version_file(part: Path) -> Path:
    return part.with_name(part.name + ".version")


def _size(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0


def _reason(error: requests.RequestException, url: str) -> str:
    """Say in a sentence why a file could not be fetched."""
    if error.response is not None:
        return f"The server does not give {url}: {error.response.status_code} {error.response.reason}."
    kinds: dict[type[requests.RequestException], str] = {
        requests.exceptions.ProxyError: "the proxy refused",
        requests.exceptions.SSLError: "the certificate of the server could not be checked, as behind some firewalls",
        requests.Timeout: f"no answer within {TIMEOUT_S:.0f} seconds",
        requests.ConnectionError: "the connection failed or broke off",
        requests.exceptions.ChunkedEncodingError: "the connection broke off",
    }
    why = next((text for kind, text in kinds.items() if isinstance(error, kind)), str(error))
    return f"{url} could not be fetched: {why}. What has come is kept; the next try goes on from there."
