"""Programs of their own, such as MMseqs2: run, and what they wrote read."""

import subprocess
from pathlib import Path

from napari_celle.errors import CelleError


def run_program(program: str, *arguments: str | Path) -> None:
    """Run a program that is installed and wait for it.

    Raises
    ------
    CelleError
        With the last words of the program, if it fails.
    """
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, errors="replace")
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip(" =-")]
        raise CelleError(
            f"{program} stopped with code {done.returncode}: {' '.join(said[-2:]) or 'it said nothing'}. Check that it "
            "is installed whole and that the disk is not full."
        )


def read_output(program: str, path: Path) -> str:
    """Return the text that a program wrote.

    Raises
    ------
    CelleError
        If it wrote none.
    """
    if not path.is_file():
        raise CelleError(f"{program} ended without a result. Check that it is installed whole; try another version.")
    return path.read_text()
