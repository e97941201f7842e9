"""What lies in the folder of reference outputs: models and their arrays, found by ``meta.json`` and ``celle.yaml``."""

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("NAPARI_CELLE_FIXTURES") or ROOT.parent / "shared/upstream/fixtures")

LATER = {"attention_rollout": "attention rollout", "de_novo": "the search for localization signals"}
"""Files that nobody compares yet, and the part of the project that will."""


@dataclass(frozen=True)
class Case:
    """A folder with ``meta.json``: a model of either kind, or pictures and what the published loaders make of them."""

    path: Path

    @property
    def name(self) -> str:
        """Place below the folder of reference outputs."""
        return FOLDER.resolve().name if self.path == FOLDER else self.path.relative_to(FOLDER).as_posix()

    @property
    def kind(self) -> str:
        """ "celle", "celle2" or "pictures"."""
        if not (self.path / "celle.yaml").is_file():
            return "pictures"
        return {"bert": "celle", "esm2": "celle2"}[self.options["model"]["params"]["text_embedding"]]

    @cached_property
    def meta(self) -> dict[str, Any]:
        """What is known of how the arrays were made."""
        return json.loads((self.path / "meta.json").read_text(encoding="utf-8"))

    @cached_property
    def options(self) -> dict[str, Any]:
        """The published configuration."""
        return yaml.safe_load((self.path / "celle.yaml").read_text(encoding="utf-8"))

    @property
    def statistics(self) -> dict[str, Any]:
        """Options of each file of arrays, and what was noted of it."""
        return self.meta.get("statistics", {})

    @property
    def files(self) -> list[str]:
        """Names of the files of arrays, without suffix."""
        return sorted(path.stem for path in self.path.glob("*.npz"))

    def arrays(self, file: str) -> list[str]:
        """Return the names of the arrays in a file, without reading them."""
        with np.load(self.path / f"{file}.npz") as arrays:
            return list(arrays)

    def read(self, file: str) -> dict[str, np.ndarray]:
        """Return the arrays of a file."""
        with np.load(self.path / f"{file}.npz") as arrays:
            return dict(arrays)


def cases() -> list[Case]:
    """Return all cases; none where the folder is not there."""
    return sorted((Case(meta.parent) for meta in FOLDER.rglob("meta.json")), key=lambda case: case.name)
