"""Errors as a person at a terminal, and a script, want them: one line on standard error and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from napari_celle.errors import CelleError

STOPPED = 130  # what shells give for Ctrl-C


@contextmanager
def readable_errors(*, debug: bool) -> Iterator[None]:
    """Turn an error into one line and exit code 1, Ctrl-C into 130; with ``debug`` let the traceback through."""
    try:
        yield
    except (typer.Exit, typer.Abort):  # RuntimeErrors by descent
        raise
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
        raise typer.Exit(STOPPED) from None
    except (CelleError, MemoryError, OSError, RuntimeError, ValueError) as error:
        if debug:
            raise
        typer.echo(f"Error: {_one_line(error)}", err=True)
        raise typer.Exit(1) from None


def _one_line(error: Exception) -> str:
    if isinstance(error, CelleError):
        return " ".join(str(error).split())
    first_line = (str(error).splitlines() or ["no details"])[0]
    return f"{type(error).__name__}: {first_line} (--debug shows where)"
