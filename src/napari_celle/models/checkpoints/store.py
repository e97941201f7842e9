"""The user's folder of weights: one folder a model, complete or not there at all."""

import json
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path

import psutil
from platformdirs import user_data_path

from napari_celle.errors import WeightsError
from napari_celle.files.hashing import file_sha256
from napari_celle.models.checkpoints.record import RECORD, Record
from napari_celle.types import OnStep

CONFIG = "config.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_STAGING, _REPLACED, _DOWNLOADS = ".staging", ".replaced", ".downloads"
_DAY_S = 24 * 3600.0


def store_folder() -> Path:
    """Return the user's folder of weights: ``NAPARI_CELLE_WEIGHTS``, else where the system keeps such data."""
    chosen = os.environ.get("NAPARI_CELLE_WEIGHTS")
    return Path(chosen).expanduser() if chosen else user_data_path("napari-celle", appauthor=False) / "weights"


def check_name(name: str) -> str:
    """Return a model's name.

    Raises
    ------
    WeightsError
        If it could not be that of a folder.
    """
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise WeightsError(
            f"{name!r} cannot be the name of a model. Use letters, digits, '-', '_' and '.', a letter or digit first, "
            "80 at most."
        )
    return name


def model_folder(name: str) -> Path:
    """Return where a model lies, or would lie; errors as :func:`check_name`."""
    return store_folder() / check_name(name)


def find(name: str) -> Path:
    """Return where a model lies: installed under a name, or in a folder that is given by its path.

    A folder holds a model if there is a record.json in it, as training writes it. Errors as :func:`check_name`.
    """
    return Path(name).expanduser() if is_folder(name) else model_folder(name)


def is_folder(name: str) -> bool:
    """Tell whether a name is the path of a folder with a model; an installed model of that name goes first."""
    return not is_installed(name) and (Path(name).expanduser() / RECORD).is_file()


def download_folder(name: str) -> Path:
    """Return where the files of a model are downloaded to; errors as :func:`check_name`."""
    return store_folder() / _DOWNLOADS / check_name(name)


def records() -> dict[str, Record]:
    """Return the record of everything installed by name; what a killed run left behind is cleaned up first."""
    recover()
    return {name: read_record(name) for name in names()}


def installed() -> dict[str, Record]:
    """Return the record of each installed model that can predict: no language models, none that cannot be read."""
    recover()
    found = {}
    for name in names():
        with suppress(WeightsError):  # :func:`records` says what is wrong
            found[name] = read_record(name)
    return {name: record for name, record in found.items() if CONFIG in record.files}


def names() -> list[str]:
    """Return the names of everything installed, readable or not."""
    folder = store_folder()
    found = sorted(path.parent.name for path in folder.glob(f"*/{RECORD}")) if folder.is_dir() else []
    return [name for name in found if _NAME.fullmatch(name)]


def is_installed(name: str) -> bool:
    """Tell whether a model is installed."""
    recover()
    return bool(_NAME.fullmatch(name)) and (store_folder() / name / RECORD).is_file()


def read_record(name: str) -> Record:
    """Return what was written down when a model was installed.

    Raises
    ------
    WeightsError
        If it is not installed, or its record cannot be read.
    """
    path = find(name) / RECORD
    if not path.is_file():
        raise WeightsError(
            f"{name} is not installed in {store_folder()}. Get it with 'napari-celle weights fetch {name}', or from "
            f"files on this computer with 'napari-celle weights import PATH --name {name}'."
        )
    try:
        values = {"info": {}} | json.loads(path.read_text(encoding="utf-8"))  # older records have none
        return Record(**{item.name: values[item.name] for item in fields(Record)})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"The record {path} cannot be read: {error}. Remove the model with 'napari-celle weights remove {name}' "
            "and install it again."
        ) from None


def verify_installed(name: str, *, on_step: OnStep | None = None) -> Record:
    """Check that every file of an installed model is the one that was recorded; return the record.

    Raises
    ------
    WeightsError
        Naming the file that is missing or was changed.
    """
    record, folder = read_record(name), find(name)
    again = f"Remove {name} with 'napari-celle weights remove {name}' and install it again."
    for number, (file, expected) in enumerate(sorted(record.files.items())):
        if on_step is not None:
            on_step("checking weights", number, len(record.files))
        if not (folder / file).is_file():
            raise WeightsError(f"The weights of {name} lack the file {folder / file}. {again}")
        if file_sha256(folder / file) != expected:
            raise WeightsError(f"The weights file {folder / file} is damaged: its SHA-256 is not {expected}. {again}")
    return record


def remove(name: str) -> Path:
    """Delete a model and what was downloaded for it; return the folder that it was in.

    Raises
    ------
    WeightsError
        If there is no such model.
    """
    folder, downloads = model_folder(name), download_folder(name)
    if not folder.is_dir() and not downloads.is_dir():
        raise WeightsError(
            f"{name} is not installed in {store_folder()}. Installed are: {', '.join(records()) or 'none'}."
        )
    for path in (folder, downloads):
        if path.is_dir():
            doomed = path.with_name(f"{_STAGING}-{path.name}-{_owner()}")  # out of sight at once, whatever comes
            path.rename(doomed)
            shutil.rmtree(doomed)
    return folder


@contextmanager
def staging(name: str) -> Iterator[Path]:
    """Give an empty folder to write a model to; it is deleted at the end unless :func:`install` moved it."""
    recover()
    folder = store_folder() / f"{_STAGING}-{check_name(name)}-{_owner()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def install(folder: Path, record: Record) -> Record:
    """Give a finished staging folder its place; a model of that name is replaced. Return the record with its hashes."""
    record = write_record(folder, record)
    target = model_folder(record.name)
    replaced = target.with_name(f"{_REPLACED}-{target.name}")
    if target.exists():
        target.rename(replaced)
    folder.rename(target)
    shutil.rmtree(replaced, ignore_errors=True)
    return record


def write_record(folder: Path, record: Record) -> Record:
    """Write the record of a model beside its files; return it with their hashes and the date."""
    names = sorted(path.name for path in folder.iterdir() if path.name != RECORD)
    values = asdict(record) | {
        "files": {name: file_sha256(folder / name) for name in names},
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    (folder / RECORD).write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    return Record(**values)


def recover() -> None:
    """Clean up what killed runs left: half-written models go, a model that was about to be replaced comes back."""
    folder = store_folder()
    if not folder.is_dir():
        return
    for path in folder.glob(f"{_REPLACED}-*"):
        target = folder / path.name.removeprefix(f"{_REPLACED}-")
        if target.exists():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.rename(target)
    for path in [*folder.glob(f"{_STAGING}-*"), *folder.glob(f"{_DOWNLOADS}/{_STAGING}-*")]:
        if _is_abandoned(path):
            shutil.rmtree(path, ignore_errors=True)


def _owner() -> str:
    """Return a suffix that names this process: computer and number, with one hyphen between."""
    return f"{socket.gethostname().replace('-', '_')}-{os.getpid()}"


def _is_abandoned(path: Path) -> bool:
    """Tell whether the process that wrote a staging folder is gone; on another computer, whether it is a day old."""
    since = path.stat().st_mtime
    *_, host, process = path.name.split("-")
    if host != _owner().split("-")[0] or not process.isdigit():
        return time.time() - since > _DAY_S
    try:
        return psutil.Process(int(process)).create_time() > since + 1  # another process, which took its number
    except psutil.Error:
        return True
