"""How long predictions took on this computer, to say beforehand how long the next will take."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from platformdirs import user_cache_path

from napari_celle.types import SamplingOptions

RESIDUES = 100
"""Sequences are remembered by how many hundred residues were read, rounded up."""


@dataclass(frozen=True, slots=True)
class RunTime:
    """How long one window may take.

    Attributes
    ----------
    seconds : float
        Not negative.
    is_known : bool
        A run of at least this size was measured; else it takes at least ``seconds``.
    """

    seconds: float
    is_known: bool


class Timed(Protocol):
    """An answer that says how long it took, as :class:`napari_celle.types.Prediction` does."""

    @property
    def model(self) -> str:
        """Name of the model."""

    @property
    def device(self) -> str:
        """Device it ran on."""

    @property
    def sampling(self) -> SamplingOptions:
        """As used."""

    @property
    def residues(self) -> tuple[int, int]:
        """Part of the sequence that was read."""

    @property
    def timings(self) -> Mapping[str, float]:
        """Seconds of each stage."""


class RunTimes:
    """Seconds that one window took, by model, device, decoding steps and length of the sequence.

    Parameters
    ----------
    path : Path or None
        JSON file that outlives the process; None remembers in the process only. A file that cannot be read counts as
        empty, and one that cannot be written is left alone: it is a convenience.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._seconds: dict[str, float] = _read(path)

    def remember(self, answer: Timed, *, windows: int = 1) -> None:
        """Note how long a window took; a later run of the same size replaces an earlier one, which had to warm up.

        Parameters
        ----------
        answer : Prediction, EnsemblePrediction or FieldPrediction
            What was predicted.
        windows : int
            How many windows or draws that took, at least 1.
        """
        start, stop = answer.residues
        key = _key(answer.model, answer.device, answer.sampling.steps or 1, stop - start)
        self._seconds[key] = sum(answer.timings.values()) / windows
        if self._path is not None:
            with suppress(OSError):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.write_text(json.dumps(self._seconds, indent=1) + "\n", encoding="utf-8")

    def expect(self, model: str, *, device: str, steps: int, residues: int) -> RunTime | None:
        """Return how long one window may take, or None if this model never ran on this device.

        It is the longest of what was measured, each run scaled down (never up) in proportion to steps and residues: so
        what is bigger is never expected to be faster.

        Parameters
        ----------
        model, device : str
            As in :class:`napari_celle.types.Prediction`.
        steps : int
            Decoding passes, 1 or more.
        residues : int
            Residues that will be read, 0 or more.
        """
        runs = [
            (int(parts[2]), int(parts[3]), seconds)
            for key, seconds in self._seconds.items()
            if (parts := key.rsplit("|", 3))[:2] == [model, device]
        ]
        if not runs:
            return None
        bucket = _bucket(residues)
        scaled = [
            seconds * min(1.0, steps / ran_steps) * min(1.0, bucket / ran_bucket)
            for ran_steps, ran_bucket, seconds in runs
        ]
        is_known = any(ran_steps >= steps and ran_bucket >= bucket for ran_steps, ran_bucket, _ in runs)
        return RunTime(max(scaled), is_known)


def run_times_path() -> Path:
    """Return where run times are kept: in the user's cache folder."""
    return user_cache_path("napari-celle", appauthor=False) / "run_times.json"


def _bucket(residues: int) -> int:
    return max(-(-residues // RESIDUES), 1)


def _key(model: str, device: str, steps: int, residues: int) -> str:
    return f"{model}|{device}|{steps}|{_bucket(residues)}"


def _read(path: Path | None) -> dict[str, float]:
    """Return what a file holds of our entries: nothing if there is none, or another program wrote it."""
    found: object = {}
    if path is not None:
        with suppress(OSError, ValueError):
            found = json.loads(path.read_text(encoding="utf-8"))
    entries = found.items() if isinstance(found, dict) else ()
    return {key: float(value) for key, value in entries if _is_ours(key, value)}


def _is_ours(key: str, value: object) -> bool:
    steps, bucket = key.split("|")[-2:] if key.count("|") >= 3 else ("", "")
    is_key = all(re.fullmatch("[1-9][0-9]{0,8}", number) for number in (steps, bucket))
    return is_key and isinstance(value, int | float) and 0 <= value < float("inf")
