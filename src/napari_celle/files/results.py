"""Write a prediction: TIFF for its maps, a picture, and JSON with everything needed to run it again."""

import errno
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tifffile

from napari_celle.errors import OutputError
from napari_celle.files.provenance import provenance
from napari_celle.types import Prediction

__all__ = ["provenance", "write_prediction"]

_FILES = {
    "threshold": "threshold.tif",
    "pdf": "pdf.tif",
    "nuclei": "nuclei.tif",
    "overlay": "overlay.png",
    "prediction": "prediction.json",
}
_LONGEST_STEM = 100  # file systems take 255 bytes


def write_prediction(
    prediction: Prediction, *, folder: Path | str, stem: str, extra: Mapping[str, object] | None = None
) -> dict[str, Path]:
    """Write all files of a prediction, or none of them; files of the same name are replaced.

    Parameters
    ----------
    prediction : Prediction
        The answer to keep.
    folder : Path or str
        Where to; made if it is not there.
    stem : str
        Start of the file names; characters that file systems refuse become ``_``.
    extra : Mapping or None
        JSON-able entries to put into the provenance, for example the path of the nucleus image.

    Returns
    -------
    dict of str to Path
        ``threshold`` (uint8 TIFF, 0 or 1), ``pdf`` (float32 TIFF, the very bits of the probability map), ``nuclei``
        (uint16 or uint32 label TIFF), ``overlay`` (PNG) and ``prediction`` (JSON).

    Raises
    ------
    OutputError
        The folder cannot be made or written to.
    """
    folder = Path(folder)
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _write_all(prediction, folder=folder, stem=_safe(stem), extra=extra)
    except OSError as error:
        for parent in missing:
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()
        reason = error.strerror or str(error)
        raise OutputError(
            f"The results cannot be written to {folder}: {reason}. Choose a folder you may write to."
        ) from error


def _write_all(
    prediction: Prediction, *, folder: Path, stem: str, extra: Mapping[str, object] | None
) -> dict[str, Path]:
    """Write all files to a scratch folder beside their place, then move them there."""
    targets = {key: folder / f"{stem}_{name}" for key, name in _FILES.items()}
    scratch = Path(tempfile.mkdtemp(prefix=".napari-celle-", dir=folder))
    try:
        _write_into(scratch, prediction, extra=extra)
        _move({scratch / _FILES[key]: target for key, target in targets.items()}, earlier=scratch / "earlier")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return targets


def _move(files: Mapping[Path, Path], *, earlier: Path) -> None:
    """Move each file to its target; when one fails, put back what the others replaced, kept in ``earlier``."""
    earlier.mkdir()
    for target in files.values():
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, f"{target.name} is a folder")
    moved: list[Path] = []
    try:
        for source, target in files.items():
            if target.exists():
                shutil.copy2(target, earlier / target.name)
            os.replace(source, target)
            moved.append(target)
    except OSError:
        for target in moved:
            target.unlink()
            if (earlier / target.name).exists():
                os.rename(earlier / target.name, target)
        raise


def _write_into(scratch: Path, prediction: Prediction, *, extra: Mapping[str, object] | None) -> None:
    from napari_celle.files.overlay import write_overlay  # matplotlib is slow to import

    pixel_size = prediction.request.pixel_size_um
    top = int(prediction.nuclei.max(initial=0))
    labels = prediction.nuclei.astype(np.uint16 if top <= np.iinfo(np.uint16).max else np.uint32)
    _write_tiff(scratch / _FILES["threshold"], prediction.threshold.astype(np.uint8), pixel_size, top=1)
    _write_tiff(scratch / _FILES["pdf"], prediction.probability, pixel_size, top=float(prediction.probability.max()))
    _write_tiff(scratch / _FILES["nuclei"], labels, pixel_size, top=top)
    write_overlay(prediction, scratch / _FILES["overlay"])
    text = json.dumps(provenance(prediction, extra=extra), indent=2, ensure_ascii=False, allow_nan=False)
    (scratch / _FILES["prediction"]).write_text(text + "\n", encoding="utf-8")


def _write_tiff(path: Path, image: np.ndarray, pixel_size_um: float | None, *, top: float) -> None:
    """Write a TIFF that Fiji shows from 0 to ``top``; 32-bit labels, which Fiji's format lacks, as plain TIFF."""
    fiji = image.dtype != np.uint32
    scale = {} if not pixel_size_um else {"resolution": (1 / pixel_size_um, 1 / pixel_size_um)}
    metadata = {"axes": "YX", "min": 0.0, "max": top or 1.0} | ({"unit": "um"} if pixel_size_um else {})
    tifffile.imwrite(path, image, imagej=fiji, byteorder="<", metadata=metadata if fiji else None, **scale)


def _safe(stem: str) -> str:
    """Return a stem that every file system takes."""
    return re.sub(r"[^\w.+-]+", "_", stem).strip("._")[:_LONGEST_STEM] or "prediction"
