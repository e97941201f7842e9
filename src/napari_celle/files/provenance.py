"""What must be known to run a prediction again."""

import platform
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from math import isnan

import numpy as np

from napari_celle.ensemble_types import EnsemblePrediction, Spread
from napari_celle.field_types import FieldPrediction
from napari_celle.sequence import clean
from napari_celle.types import Prediction

_PACKAGES = ("napari-celle", "torch", "numpy")


Answer = Prediction | EnsemblePrediction | FieldPrediction


def provenance(prediction: Answer, *, extra: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return all that is needed to run a prediction again, as plain values that JSON takes.

    Parameters
    ----------
    prediction : Prediction, EnsemblePrediction or FieldPrediction
        The answer, which carries its question.
    extra : Mapping or None
        Entries of the caller, for example the path of the image; they go before those of the prediction.

    Returns
    -------
    dict
        Sequence, model, sampling, window and image by name; the pixels of the nucleus image, and of the labels that
        the user gave, as shape, dtype and SHA-256 of their bytes in C order (of a field those of its region);
        ``tokens`` as nested lists; what is not a number as None. ``seeds`` are those of several draws, ``windows``
        those of a field.
    """
    request = prediction.request
    sequence = clean(request.sequence) if request.sequence else ""
    told = prediction.nuclear_fraction
    fraction = float(told.mean if isinstance(told, Spread) else told)
    return {
        **(extra or {}),
        "sequence": sequence,
        "sequence_sha256": sha256(sequence.encode("ascii")).hexdigest(),
        "residues": list(prediction.residues),
        "first_residue": int(request.first_residue),
        "model": prediction.model,
        "weights_sha256": prediction.weights_sha256,
        "sampling": asdict(prediction.sampling),
        "faithful": prediction.faithful,
        "window": asdict(prediction.window),
        "scale": float(prediction.scale),
        "pixel_size_um": request.pixel_size_um,
        "nucleus_diameter_px": request.nucleus_diameter_px,
        "nuclear_fraction": None if isnan(fraction) else fraction,
        "device": prediction.device,
        "timings": {stage: float(seconds) for stage, seconds in prediction.timings.items()},
        "notes": list(prediction.notes),
        "versions": {**{name: _version(name) for name in _PACKAGES}, "python": platform.python_version()},
        **_own(prediction),
    }


def _own(prediction: Answer) -> dict[str, object]:
    """Return what only answers of this kind have, and the pixels that the question was about."""
    if isinstance(prediction, FieldPrediction):
        return _of_field(prediction)
    request = prediction.request
    pictures = {"nucleus": request.nucleus, "nuclei": request.nuclei, "embedding": request.embedding}
    if isinstance(prediction, EnsemblePrediction):
        own: dict[str, object] = {"seeds": list(prediction.seeds)}
    else:
        own = {"tokens": prediction.tokens.tolist()}
    return {
        **{name: None if pixels is None else _fingerprint(pixels) for name, pixels in pictures.items()},
        "centre": None if request.centre is None else [float(value) for value in request.centre],
        **own,
    }


def _of_field(prediction: FieldPrediction) -> dict[str, object]:
    request, region = prediction.request, prediction.window.slices
    return {
        "nucleus": _fingerprint(np.asarray(request.nucleus[region])),
        "nuclei": None if request.nuclei is None else _fingerprint(np.asarray(request.nuclei[region])),
        "windows": [asdict(window) for window in prediction.windows],
        "windows_chosen": request.windows,
    }


def _fingerprint(array: np.ndarray) -> dict[str, object]:
    """Return shape, dtype and SHA-256 of an array."""
    array = np.asarray(array)
    return {"shape": list(array.shape), "dtype": str(array.dtype), "sha256": sha256(array.tobytes()).hexdigest()}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
