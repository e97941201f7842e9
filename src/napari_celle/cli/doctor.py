"""``napari-celle doctor``: what is installed here and whether it works, in one block to copy into a question."""

import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from typer import Option

from napari_celle.cli.errors import readable_errors
from napari_celle.cli.folders import why_not_writable
from napari_celle.errors import CelleError

QT_BINDINGS = ("PyQt6", "PySide6", "PyQt5", "PySide2")


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report; ``ok`` is False when predictions cannot work because of it."""

    name: str
    value: str
    ok: bool = True


def doctor(
    as_json: Annotated[bool, Option("--json", help="One JSON object on standard output, nothing else.")] = False,
    debug: Annotated[bool, Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Check the installation, and print one block to copy into a question; exit code 1 when something is broken."""
    with readable_errors(debug=debug):
        checks = [_run(name, look) for name, look in CHECKS.items()]
        ok = all(check.ok for check in checks)
        if as_json:
            typer.echo(json.dumps({"ok": ok, "checks": [asdict(check) for check in checks]}))
        else:
            width = max(len(check.name) for check in checks)
            for check in checks:
                typer.echo(f"{check.name:{width}}  {'' if check.ok else 'BROKEN: '}{check.value}")
        if not ok:
            raise typer.Exit(1)


def _run(name: str, look: Callable[[], str]) -> Check:
    """Make one check; an error is a finding, not the end."""
    try:
        return Check(name, look())
    except (CelleError, ImportError, OSError, RuntimeError) as error:
        return Check(name, " ".join(f"{error}".split()), ok=False)


def _napari() -> str:
    return _version("napari") or "not installed; only the window needs it: pip install 'napari-celle[all]'"


def _qt() -> str:
    found = [f"{name} {_version(name) or ''}".strip() for name in QT_BINDINGS if find_spec(name)]
    return ", ".join(found) or "none; only the window needs one: pip install 'napari-celle[all]'"


def _torch() -> str:
    import torch

    return f"{torch.__version__}, CUDA {torch.version.cuda or 'not built in'}"


def _device() -> str:
    from napari_celle.device import choose_device

    device = choose_device()
    return f"{device.name} ({device.reason})"


def _threads() -> str:
    import torch

    return f"{torch.get_num_threads()} used of {os.cpu_count()}"


def _weights() -> str:
    from napari_celle.models.checkpoints.embedded import find, verify
    from napari_celle.predict import DEFAULT_MODEL

    card = find(DEFAULT_MODEL)
    verify(card)
    size = sum((card.folder / file).stat().st_size for file in card.files) / 1e6
    return f"{card.info.name} verified, sha256 {card.info.weights_sha256}, {size:.1f} MB, licence {card.info.licence}"


def _cache() -> str:
    from huggingface_hub.constants import HF_HUB_CACHE

    problem = why_not_writable(Path(HF_HUB_CACHE))
    if problem:
        raise OSError(
            f"{HF_HUB_CACHE} cannot be written to ({problem}). Set HF_HUB_CACHE to a folder you may write to."
        )
    return f"{HF_HUB_CACHE}, writable"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


CHECKS: dict[str, Callable[[], str]] = {
    "napari-celle": lambda: _version("napari-celle") or "not installed, run from its folder",
    "Python": platform.python_version,
    "platform": platform.platform,
    "napari": _napari,
    "Qt": _qt,
    "torch": _torch,
    "device": _device,
    "CPU threads": _threads,
    "weights": _weights,
    "cache": _cache,
}
