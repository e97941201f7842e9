"""What the commands of ``napari-celle train`` have in common: options, and what must be there before they begin."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

from typer import Option

from napari_celle.cli.folders import why_not_writable
from napari_celle.errors import CelleError, OutputError

Steps = Annotated[int, Option(min=1, help="Optimiser steps.")]
Batch = Annotated[int, Option(min=1, help="Samples that one device takes at once.")]
Every = Annotated[int, Option(min=1, help="Steps from one checkpoint and validation to the next.")]
Seed = Annotated[int, Option(min=0, help="Seed of everything random.")]
Precision = Annotated[Literal["bf16-mixed", "16-mixed", "32-true"], Option(help="Of the arithmetic.")]
Accelerator = Annotated[Literal["auto", "cpu", "gpu", "mps"], Option(help="What computes.")]
Devices = Annotated[int, Option(min=0, help="GPUs of each computer; 0 for all.")]
Nodes = Annotated[int, Option(min=1, help="Computers.")]
Workers = Annotated[int, Option(min=0, help="Processes a device that prepare batches.")]
Debug = Annotated[bool, Option("--debug", help="Show the traceback of an error.")]


def check_installed() -> None:
    """Raise ``CelleError`` if a package that training needs is missing."""
    missing = [name for name in ("lightning", "tensorboard") if find_spec(name) is None]
    if missing:
        raise CelleError(f"Training needs {' and '.join(missing)}. Install it: pip install 'napari-celle[train]'.")


def check_writable(out: Path) -> None:
    """Raise ``OutputError`` if the folder of a run cannot be written to."""
    if reason := why_not_writable(out):
        raise OutputError(f"The folder {out} cannot be written to: {reason}. Choose another with --out.")
