"""A report of measured models as files: Markdown for people, CSV and JSON for programs, pictures for both."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from napari_celle.analysis.images.evaluation import ImagesAnswer
from napari_celle.analysis.images.montage import write_montage
from napari_celle.analysis.images.picture_sets import SET_FIGURES
from napari_celle.analysis.images.pictures import FIGURES, Figure
from napari_celle.analysis.images.plots import write_plots
from napari_celle.analysis.images.report_rows import PUBLISHED, ReportRow
from napari_celle.analysis.tables import for_json

COLUMNS = {
    "nucleus_proportion_accuracy": "nucleus proportion",
    "nucleus_proportion_accuracy_map": "nucleus proportion (map)",
    "nuclear_accuracy": "nuclear yes/no",
    "nuclear_accuracy_map": "nuclear yes/no (map)",
    "threshold_pixel_accuracy": "threshold pixels",
    "pdf_pixel_accuracy_map": "PDF pixels (map)",
    "ssim": "SSIM",
    "ssim_map": "SSIM (map)",
    "iou": "IoU",
    "pearson_map": "Pearson (map)",
    "frechet_distance": "Fréchet (own tokenizer)",
    "fid": "FID",
    "inception_score": "Inception score",
}
"""Figures and how a table heads them."""

CAVEAT = (
    "These rows were published, and measured on other data: other pictures and proteins, other microscopes. They say "
    "how the papers' models did there, not what they would do here; compare orders of magnitude, no more."
)


def report_json(
    answer: ImagesAnswer,
    published: Sequence[ReportRow] = (),
    *,
    about: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Return all rows with means, standard deviations and intervals as plain values for JSON."""
    rows = [row.to_dict() for row in (*answer.rows, *published)]
    return for_json({**(about or {}), "data": answer.data, "without_nuclei": answer.without_nuclei(), "rows": rows})


def write_report(
    folder: Path,
    answer: ImagesAnswer,
    published: Sequence[ReportRow] = (),
    *,
    about: Mapping[str, object] | None = None,
) -> tuple[Path, ...]:
    """Write all files of a report; those of that name are replaced.

    Parameters
    ----------
    folder : Path
        It is made.
    answer : ImagesAnswer
        What was measured.
    published : sequence of ReportRow
        To stand beside it.
    about : Mapping or None
        Further entries of the JSON file, for example the seed.

    Returns
    -------
    tuple of Path
        ``report.md``, ``report.csv`` (a line a row), ``report.json`` (with intervals), ``pictures.csv`` (a line for
        each picture and row), ``figures.png``, and ``montage-1.png`` and so on, one of each model.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = (*answer.rows, *published)
    montages = [folder / f"montage-{number}.png" for number in range(1, len(answer.montages) + 1)]
    for path, (name, cases) in zip(montages, answer.montages.items(), strict=True):
        write_montage(path, cases, title=f"{name} on {answer.data}")
    write_plots(folder / "figures.png", answer, rows, heads=COLUMNS)
    content = report_json(answer, published, about=about)
    (folder / "report.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
    _flat(rows).to_csv(folder / "report.csv", index=False)
    _pictures(answer).to_csv(folder / "pictures.csv", index=False)
    shown = dict(zip(answer.montages, montages, strict=True))
    (folder / "report.md").write_text(markdown(answer, rows, montages=shown), encoding="utf-8")
    names = ("report.md", "report.csv", "report.json", "pictures.csv", "figures.png")
    return (*(folder / name for name in names), *montages)


def markdown(answer: ImagesAnswer, rows: Sequence[ReportRow], *, montages: Mapping[str, Path]) -> str:
    """Return the report for people: mean ± standard deviation, as the papers print them."""
    measured = [row for row in rows if row.kind != "published"]
    parts = ["# Measured models", _heading(answer), _table(measured), *_empty(answer), "![figures](figures.png)"]
    parts += [f"## {name}\n\n![montage]({path.name})" for name, path in montages.items()]
    others = [row for row in rows if row.kind == "published"]
    if others:
        parts += [f"## {PUBLISHED[0].upper()}{PUBLISHED[1:]}", CAVEAT]
    for source, group in groupby(others, key=lambda row: row.source):
        parts.append(f"### {source} ({PUBLISHED})\n\n{_table(list(group))}")
    return "\n\n".join(parts) + "\n"


def _heading(answer: ImagesAnswer) -> str:
    return (
        f"{answer.rows[0].n:,} pictures of {answer.data}; mean ± standard deviation over pictures. "
        "Figures marked (map) are of the probability map, the others of the threshold image. A tokenizer is given the "
        "truth: no model that draws with it can do better. Baselines know nothing of the protein: each half of "
        "the pictures is guessed from the other half."
    )


def _empty(answer: ImagesAnswer) -> list[str]:
    return [
        f"In {count:,} of the pictures of {name} no nucleus was found; nothing is inside one there, predicted or not."
        for name, count in answer.without_nuclei().items()
        if count
    ]


def _table(rows: Sequence[ReportRow]) -> str:
    columns = columns_of(rows)
    lines = [["", *(COLUMNS[name] for name in columns)], ["---"] * (len(columns) + 1)]
    lines += [[row.name, *cells(row, columns)] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def columns_of(rows: Iterable[ReportRow]) -> list[str]:
    """Return the figures that any of the rows has, in their order."""
    there = {name for row in rows for name, figure in row.figures.items() if not np.isnan(figure.mean)}
    return [name for name in (*FIGURES, *SET_FIGURES) if name in there]


def cells(row: ReportRow, columns: Iterable[str]) -> list[str]:
    """Return the figures of a row as the papers print them, "" where there is none."""
    return [row.figures[name].printed() if name in row.figures else "" for name in columns]


def _flat(rows: Sequence[ReportRow]) -> pd.DataFrame:
    """Return a line a row: what it is, then mean and standard deviation of each figure."""
    nothing = Figure(float("nan"), float("nan"))
    lines = []
    for row in rows:
        line: dict[str, object] = {key: getattr(row, key) for key in ("name", "kind", "data", "source", "n")}
        for name in columns_of(rows):
            figure = row.figures.get(name, nothing)
            line |= {name: figure.mean, f"{name}_sd": figure.sd}
        lines.append(line)
    return pd.DataFrame(lines)


def _pictures(answer: ImagesAnswer) -> pd.DataFrame:
    about = ({"name": each.name, "kind": each.kind, **record} for each in answer.measured for record in each.records)
    return pd.DataFrame(list(about))
