"""The pictures of docs/results.md: the best and the worst of some predictions on drawn cells, and the calibration.

``python benchmarks/results_pictures.py --table CSV --out FILE.png`` writes the first; all nuclei in it are drawn.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from napari_celle.analysis.simulated import draw_unseen, picture_figures, predict_picture
from napari_celle.data.proteins import LOCATIONS, Proteins, read_proteins
from napari_celle.data.simulated import SimulatedCells
from napari_celle.models.registry import DEFAULT_MODEL
from napari_celle.predict import Predictor

SHOWN = 6
SCORE = "ssim_map"
"""Cases are ordered by it: the structural similarity of the probability map and the true threshold image."""

COLOURS = 128
ROWS = ("nucleus", "true", "predicted", "probability")


def draw_cases(predictor: Predictor, proteins: Proteins, cells: SimulatedCells, out: Path) -> list[dict[str, Any]]:
    """Predict all cells, write a picture of the best above one of the worst, and return the scores of those shown."""
    cases = []
    for number in range(len(cells)):
        index = int(cells.protein[number])
        picture = predict_picture(predictor, proteins.sequences[index], cells, number)
        figures = picture_figures(picture, truth=cells.threshold[number], nuclei=cells.nuclei[number])
        labels = [name for name, yes in zip(LOCATIONS, proteins.locations[index], strict=True) if yes]
        cases.append(
            {"accession": proteins.accessions[index], "labels": labels, "score": figures[SCORE]}
            | {"pictures": (cells.nucleus[number] / 255, cells.threshold[number], *picture)}
        )
    cases.sort(key=lambda case: -case["score"])
    shown = [*cases[:SHOWN], *cases[-SHOWN:]]
    _montage(shown, out)
    return [{key: case[key] for key in ("accession", "labels", "score")} for case in shown]


def _montage(cases: Sequence[Mapping[str, Any]], out: Path) -> None:
    figure = Figure(figsize=(8.6, 12.2), layout="constrained")
    blocks = figure.subfigures(2, 1, hspace=0.02)
    for block, title, first in zip(blocks, ("The best", "The worst"), (0, len(cases) - SHOWN), strict=True):
        block.suptitle(title, fontsize=10)
        axes = block.subplots(len(ROWS), SHOWN)
        for column, case in zip(axes.T, cases[first:], strict=False):
            column[0].set_title("\n".join([case["accession"], *_two_lines(case["labels"]), f"{case['score']:.2f}"]))
            for place, picture, name in zip(column, case["pictures"], ROWS, strict=True):
                place.imshow(picture, cmap="magma" if name == "probability" else "gray", vmin=0, vmax=1)
        for row, name in zip(axes, ROWS, strict=True):
            row[0].set_ylabel(name, fontsize=8)
        for place in axes.flat:
            place.set(xticks=[], yticks=[])
            place.title.set_fontsize(7)
    _save(figure, out, dpi=100)


def _two_lines(labels: Sequence[str]) -> list[str]:
    """Return short labels in exactly two lines, so that all titles are equally high."""
    short = [label.split(" ")[0].split("/")[0] for label in labels]
    return [*short, ""][:2] if len(short) < 3 else [short[0], f"+ {len(short) - 1} more"]


def draw_calibration(answers: Mapping[str, Any], out: Path) -> None:
    """Draw what was true against what was predicted, pooled over the seeds."""
    figure = Figure(figsize=(8.6, 3.8), layout="constrained")
    asked = (
        ("nuclear", "Real nuclei", "predicted nuclear fraction", "share of proteins that are nuclear"),
        ("simulated", "Drawn cells", "predicted nuclear fraction", "true nuclear fraction"),
    )
    for axes, (kind, title, below, beside) in zip(figure.subplots(1, 2), asked, strict=True):
        bins = pooled_bins([answers[name]["calibration"] for name in answers if name.startswith(f"{kind}-")])
        predicted, truth, counts = bins[:, 0], bins[:, 1], bins[:, 2]
        axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
        axes.plot(predicted, truth, "o-", color="tab:blue", markersize=4)
        for x, y, count in zip(predicted, truth, counts, strict=True):
            axes.annotate(f"{count:,.0f}", (x, y), xytext=(3, -9), textcoords="offset points", fontsize=7)
        axes.set(title=title, xlabel=below, ylabel=beside, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    _save(figure, out, dpi=90)


def pooled_bins(calibrations: Sequence[Sequence[Mapping[str, float | None]]]) -> np.ndarray:
    """Return (predicted, truth, count) of the bins that hold something, (B, 3), over several runs."""
    pooled = []
    for same in zip(*calibrations, strict=True):
        filled = [each for each in same if each["count"]]
        weights = np.array([each["count"] for each in filled], float)
        if filled:
            means = [np.average([each[name] for each in filled], weights=weights) for name in ("predicted", "truth")]
            pooled.append([*means, weights.sum()])
    return np.array(pooled)


def _save(figure: Figure, out: Path, *, dpi: int) -> None:
    """Write a PNG of few colours: small files, and no date in them."""
    canvas = FigureCanvasAgg(figure)
    figure.set_dpi(dpi)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])
    out.parent.mkdir(parents=True, exist_ok=True)
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(out, optimize=True)


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=Path, required=True, help="deeploc2_swissprot.csv.gz")
    parser.add_argument("--out", type=Path, required=True, help="PNG to write")
    parser.add_argument("--fold", type=int, default=3)
    parser.add_argument("--pictures", type=int, default=60, help="so many are predicted")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--json", action="store_true", help="print the cases that are shown")
    options = parser.parse_args()
    proteins = read_proteins(options.table, folds=(options.fold,))
    cells = draw_unseen(proteins, options.pictures, seed=options.seed)
    cases = draw_cases(Predictor.load(options.model), proteins, cells, options.out)
    print(json.dumps({"cases": cases, "pictures": options.pictures}) if options.json else options.out)


if __name__ == "__main__":
    main()
