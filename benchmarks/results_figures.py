"""The papers' figures beside the published ones, and the way back from the picture, as Markdown."""

from collections.abc import Mapping
from typing import Any

from results_format import table

COLUMNS = {
    "nucleus_proportion_accuracy": "nucleus proportion",
    "threshold_pixel_accuracy": "threshold pixels",
    "pdf_pixel_accuracy_map": "PDF pixels",
    "ssim": "SSIM",
    "nuclear_accuracy": "nuclear yes/no",
    "frechet_distance": "Fréchet, own tokenizer",
    "fid": "FID",
}
"""Figures as the papers have them; not those of the map, but for the PDF."""


def images(answer: Mapping[str, Any]) -> str:
    """Return what was measured, then the published validations."""
    rows = [row for row in answer["rows"] if row["kind"] != "published" or _is_shown(row)]
    return table(["", "measured on", *COLUMNS.values()], ([_name(row), _data(row), *_figures(row)] for row in rows))


def cycle(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return the shares of masked residues that were found again, and how many there were."""
    names = {
        "own_picture": "from its own picture",
        "other_picture": "from another protein's picture",
        "gain": "difference: what the picture tells",
        "most_frequent": f"always {answer['most_frequent_residue']}, the most frequent",
        "background": "draws as frequent as in the table",
    }
    rows = (
        [words, f"{each['mean']:.2%}", f"{each['low']:.2%} to {each['high']:.2%}"]
        for each, words in ((answer[name], words) for name, words in names.items())
    )
    return {
        "cycle": table(["masked residues found again", "share", "95 % interval"], rows),
        "cycle_n": f"{answer['n']:,}",
        "cycle_residues": f"{answer['residues']:,}",
        "cycle_share": f"{answer['share']:.0%}",
    }


def _is_shown(row: Mapping[str, Any]) -> bool:
    return "validation" in row["source"].lower()


def _name(row: Mapping[str, Any]) -> str:
    return f"*{row['name']}* ({row['source']})" if row["kind"] == "published" else row["name"]


def _data(row: Mapping[str, Any]) -> str:
    return row["data"] if row["kind"] == "published" else f"{row['n']:,} drawn cells"


def _figures(row: Mapping[str, Any]) -> list[str]:
    return [_printed(row["figures"].get(name)) for name in COLUMNS]


def _printed(figure: Mapping[str, Any] | None) -> str:
    if figure is None or figure["mean"] is None:
        return ""
    return f"{figure['mean']:.4f}" if figure["sd"] is None else f"{figure['mean']:.4f} ± {figure['sd']:.4f}"
