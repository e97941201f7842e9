"""Whether a folder can be written to."""

import tempfile
from pathlib import Path


def why_not_writable(folder: Path) -> str | None:
    """Say why no file can be made in a folder, which need not be there yet; None if it can. Leaves nothing behind."""
    folder = folder.expanduser().absolute()
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            return None
    except OSError as error:
        return error.strerror or str(error)
