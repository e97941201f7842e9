"""The montage of the paper's Fig. 3: nucleus, protein, threshold image, predicted threshold image, probability map."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from napari_celle.analysis.images.painting import Painter, Record
from napari_celle.analysis.images.pictures import Picture
from napari_celle.analysis.images.samples import Sample, Samples
from napari_celle.image import normalise
from napari_celle.metrics import fraction_inside

SCORE = "ssim_map"
"""Pictures are ordered by it: the structural similarity of the heat map and the true threshold image."""

EACH = 2
"""So many of the best, of the middle and of the worst."""

COLUMNS = ("nucleus", "protein", "threshold", "predicted threshold", "probability map")
"""Of the montage; without the protein where no channel was measured."""

OUTLINE = "#00d5ff"
"""Of the nuclei."""

_INCHES = 1.7


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One picture to look at.

    Attributes
    ----------
    title : str
        Why it was chosen: "best", "middle" or "worst".
    score : float
        Its ``SCORE``.
    sample : Sample
        What is known.
    picture : tuple of np.ndarray
        What was predicted: threshold image and heat map.
    """

    title: str
    score: float
    sample: Sample
    picture: Picture


def choose_cases(records: Sequence[Record], samples: Samples, painter: Painter) -> tuple[Case, ...]:
    """Return the best, middle and worst pictures; they are painted anew, so that not all need to be kept.

    Parameters
    ----------
    records : sequence of dict
        Of all samples, in their order.
    samples : Samples
        One or more.
    painter : callable
        What was measured.
    """
    scores = np.nan_to_num([record[SCORE] for record in records], nan=-np.inf)
    chosen = dict(zip((order := np.argsort(-scores, kind="stable").tolist()), _titles(len(order)), strict=True))
    return tuple(
        Case(title, float(records[index][SCORE]), sample := samples.read(index), painter(sample))
        for index, title in chosen.items()
        if title
    )


def _titles(count: int) -> list[str]:
    """Return what each of so many ordered pictures is called, "" for those that are not shown."""
    titles, middle = [""] * count, (count - EACH) // 2
    for title, first in (("middle", max(middle, 0)), ("worst", max(count - EACH, 0)), ("best", 0)):
        titles[first : first + EACH] = [title] * len(titles[first : first + EACH])
    return titles


def write_montage(path: Path, cases: Sequence[Case], *, title: str) -> None:
    """Write a PNG with a row for each case.

    Parameters
    ----------
    path : Path
        File to write; its folder is there.
    cases : sequence of Case
        One or more.
    title : str
        Above all.
    """
    measured = any(case.sample.protein is not None for case in cases)
    columns = [name for name in COLUMNS if measured or name != "protein"]
    figure = Figure((_INCHES * len(columns) + 1.2, _INCHES * len(cases) + 0.7), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=11)
    grid = figure.subplots(len(cases), len(columns), squeeze=False)
    for axes, case in zip(grid, cases, strict=True):
        panels, outlined = _panels(case), 0 < (case.sample.nuclei > 0).mean() < 1
        for place, name in zip(axes, columns, strict=True):
            place.set(xticks=[], yticks=[])
            if (panel := panels[name]) is not None:
                colours = "inferno" if name == "probability map" else "gray"
                place.imshow(panel, cmap=colours, vmin=0, vmax=1, interpolation="nearest")
            if outlined:  # matplotlib before 3.11 warns of a contour that is nowhere
                place.contour(case.sample.nuclei > 0, levels=[0.5], colors=OUTLINE, linewidths=0.6)
        axes[0].set_ylabel(_label(case), fontsize=8, rotation=0, ha="right", va="center")
    for place, name in zip(grid[0], columns, strict=True):
        place.set_title(name, fontsize=9)
    figure.savefig(path, format="png")


def _panels(case: Case) -> dict[str, np.ndarray | None]:
    sample, (threshold, heatmap) = case.sample, case.picture
    protein = None if sample.protein is None else normalise(sample.protein)
    pictures = (normalise(sample.nucleus), protein, sample.threshold, threshold, heatmap)
    return dict(zip(COLUMNS, pictures, strict=True))


def _label(case: Case) -> str:
    true, found = (fraction_inside(each, case.sample.nuclei) for each in (case.sample.threshold, case.picture[1]))
    return "\n".join(
        [
            case.title,
            f"picture {case.sample.picture}",
            f"{len(case.sample.sequence):,} residues",
            f"SSIM {case.score:.2f}",
            f"in nuclei {true:.0%}",
            f"predicted {found:.0%}",
        ]
    )
