"""What is written down when a model is installed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RECORD = "record.json"


@dataclass(frozen=True, slots=True)
class Record:
    """What is written beside a model's weights when they are installed.

    Attributes
    ----------
    name : str
        Name of the model.
    source : str
        Address or path that the weights came from.
    licence : str
        Of the weights, as far as it is known.
    card : str
        Its row in registry.toml; "" if it has none.
    embedder : str
        Where the weights of the protein language model come from: "checkpoint", an address or path, "" if they are
        still missing, "none" if the model needs none.
    origin : Mapping of str to str
        Name of each source file to its SHA-256.
    files : Mapping of str to str
        Name of each installed file to its SHA-256.
    date : str
        When it was installed: ISO 8601, UTC.
    info : Mapping
        What a user should know of a model of one's own: "summary", "pixel_size_um", "nucleus_diameter_px", "sampling",
        as in :class:`napari_celle.types.ModelInfo`; empty for models of the papers, whose family says it.
    """

    name: str
    source: str
    licence: str
    card: str = ""
    embedder: str = "none"
    origin: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    date: str = ""
    info: Mapping[str, Any] = field(default_factory=dict)

    @property
    def weights_sha256(self) -> str:
        """Hash over all its files."""
        joined = "".join(f"{file}:{digest}\n" for file, digest in sorted(self.files.items()))
        return hashlib.sha256(joined.encode()).hexdigest()
