"""The rows of a report: what was measured here, and what others published."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from napari_celle.analysis.images.pictures import Figure

Kind = Literal["model", "tokenizer", "baseline", "published"]

PUBLISHED = "published, other data"
"""Marks every row that was not measured here."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row of a report.

    Attributes
    ----------
    name : str
        What was measured.
    kind : str
        "model"; "tokenizer", the truth through a model's own image tokenizer; "baseline", pictures that know nothing of
        the protein; "published".
    data : str
        What it was measured on.
    figures : Mapping of str to Figure
        By name, see ``pictures.FIGURES``; published rows may have ``inception_score`` and ``fid`` too.
    n : int or None
        Pictures; None where that was not published.
    weights_sha256 : str
        Of the model; "" where there are no weights.
    source : str
        Of a published row: text, table and split.
    """

    name: str
    kind: Kind
    data: str
    figures: Mapping[str, Figure]
    n: int | None = None
    weights_sha256: str = ""
    source: str = ""

    @property
    def is_validation(self) -> bool:
        """Whether it is a published row of validation, and none of the variants of Table S.1: short enough to show."""
        return "validation" in self.source and "S.1" not in self.source

    def to_dict(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)
