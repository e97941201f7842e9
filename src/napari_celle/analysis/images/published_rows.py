"""The figures that the papers print, from a JSON file of their tables, as rows of a report."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from napari_celle.analysis.images.pictures import Figure
from napari_celle.analysis.images.report_rows import PUBLISHED, ReportRow
from napari_celle.errors import CelleError

NAMES = {
    "nucleus_proportion_accuracy": "nucleus_proportion_accuracy",
    "predicted_threshold_pixel_accuracy": "threshold_pixel_accuracy",
    "predicted_2d_pdf_pixel_accuracy": "pdf_pixel_accuracy_map",
    "ssim": "ssim",
    "is": "inception_score",
    "fid": "fid",
    "nucleus_localization_prediction_accuracy": "nuclear_accuracy",
}
"""Columns of Table S.1 and of the talk, and what we call them."""

ERRORS = {
    "nucleus_proportion_mae": "nucleus_proportion_accuracy",
    "pixel_image_mae": "threshold_pixel_accuracy",
    "pdf_mae": "pdf_pixel_accuracy_map",
}
"""Columns of the talk that are mean absolute errors: one minus them is our accuracy."""

METRICS = {
    "Nucleus Proportion Accuracy": "nucleus_proportion_accuracy",
    "Predicted Threshold Pixel Accuracy": "threshold_pixel_accuracy",
    "Predicted 2D PDF Pixel Accuracy": "pdf_pixel_accuracy_map",
    "Structual Similarity Index Measure": "ssim",
    "Inception Score": "inception_score",
    "Frechet Inception Distance": "fid",
}
"""Rows of Table S.2, spelled as there."""

SPLITS = ("train", "validation")


def read_published(path: Path) -> tuple[ReportRow, ...]:
    """Read the tables of the papers that show how good models are.

    Parameters
    ----------
    path : Path
        JSON with the tables ``table_1``, ``table_s1`` and ``table_s2`` of CELL-E and ``talk_celle_vs_celle2`` of
        CELL-E 2; others are left out. Figures are ``{"mean", "sd"}``, a number, or null.

    Raises
    ------
    CelleError
        If it is no such file, naming the table that cannot be read.
    """
    try:
        tables = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CelleError(f"The published tables {path} cannot be read ({error}). Give a JSON file.") from None
    rows: list[ReportRow] = []
    for name, reader in READERS.items():
        try:
            rows += reader(tables[name]["rows"])
        except (KeyError, TypeError, ValueError) as error:
            raise CelleError(
                f"{path} has no table {name} that can be read ({type(error).__name__}: {error}). "
                f"Leave --published out, or give a file with the tables {', '.join(READERS)}."
            ) from None
    return tuple(rows)


def _table_1(rows: list[Mapping[str, Any]]) -> Iterator[ReportRow]:
    for split in SPLITS:
        for row in rows:
            yield _row(row["model"], {"nuclear_accuracy": _figure(row[split])}, f"CELL-E, Table 1, {split}")


def _table_s1(rows: list[Mapping[str, Any]]) -> Iterator[ReportRow]:
    for row in rows:
        figures = {ours: _figure(row[theirs]) for theirs, ours in NAMES.items()}
        yield _row(_variant(row), figures, f"CELL-E, Table S.1, {row['split']}")


def _variant(row: Mapping[str, Any]) -> str:
    embedding, depth, fixed = (row[key] for key in ("sequence_embedding", "model_depth", "fixed_sequence_embedding"))
    if depth is None:
        return "VQGAN"
    return f"CELL-E {embedding}, depth {depth}" + (", not fixed" if fixed is False else "")


def _table_s2(rows: list[Mapping[str, Any]]) -> Iterator[ReportRow]:
    for split in SPLITS:
        for model, column in (("CELL-E", "celle"), ("VQGAN", "vqgan")):
            figures = {METRICS[row["metric"]]: _figure(row[f"{split}_{column}"]) for row in rows}
            yield _row(model, figures, f"CELL-E, Table S.2, {split}")


def _talk(rows: list[Mapping[str, Any]]) -> Iterator[ReportRow]:
    for row in rows:
        figures = {ours: _figure(row[name]) for name, ours in NAMES.items() if name in row}
        errors = {ours: _figure(row[name]) for name, ours in ERRORS.items()}
        figures |= {name: Figure(1 - each.mean, each.sd) for name, each in errors.items() if each is not None}
        yield _row(row["model"], figures, "CELL-E 2, talk, OpenCell validation")


READERS: dict[str, Callable[[list[Mapping[str, Any]]], Iterator[ReportRow]]] = {
    "table_1": _table_1,
    "table_s1": _table_s1,
    "table_s2": _table_s2,
    "talk_celle_vs_celle2": _talk,
}
"""Tables of the file, and what reads them."""


def _row(model: str, figures: Mapping[str, Figure | None], source: str) -> ReportRow:
    known = {name: figure for name, figure in figures.items() if figure is not None}
    return ReportRow(model, "published", PUBLISHED, known, source=source)


def _figure(value: Mapping[str, float | None] | float | None) -> Figure | None:
    """Return a figure as it is printed: with or without standard deviation, or not at all."""
    if value is None:
        return None
    if isinstance(value, int | float):
        return Figure(float(value), float("nan"))
    mean, sd = value["mean"], value["sd"]
    return None if mean is None else Figure(float(mean), float("nan") if sd is None else float(sd))
