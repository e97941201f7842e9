"""The figures of measured models as a picture: how they are spread over pictures, published means beside them."""

from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas

from napari_celle.analysis.images.evaluation import ImagesAnswer, Measured
from napari_celle.analysis.images.pictures import FIGURES
from napari_celle.analysis.images.report_rows import PUBLISHED, ReportRow

COLOURS = {"model": "#1b6ca8", "tokenizer": "#7a7a7a", "baseline": "#c9c9c9"}
"""Of boxes, by the kind of their row."""

PUBLISHED_COLOUR = "#d1495b"
YES_NO = ("nuclear_accuracy", "nuclear_accuracy_map")
"""Figures of 0 and 1 have no boxes, but a share and its interval."""

_COLUMNS = 2


def write_plots(path: Path, answer: ImagesAnswer, rows: Sequence[ReportRow], *, heads: Mapping[str, str]) -> None:
    """Write a PNG with a panel for each figure.

    Boxes hold the middle half of the pictures, whiskers nine tenths, the line is the median and the dot the mean.
    Published rows, those of validation but for the long Table S.1, are means with standard deviations.

    Parameters
    ----------
    path : Path
        File to write; its folder is there.
    answer : ImagesAnswer
        What was measured.
    rows : sequence of ReportRow
        The same summed up, and published rows.
    heads : Mapping of str to str
        Titles of the panels by the name of a figure.
    """
    published = [row for row in rows if row.is_validation]
    lines = len(answer.measured) + max((sum(name in row.figures for row in published) for name in FIGURES), default=0)
    tall = ceil(len(FIGURES) / _COLUMNS)
    canvas = Canvas((11, tall * (0.9 + 0.2 * lines)), dpi=120, layout="constrained")
    FigureCanvasAgg(canvas)
    panels = canvas.subplots(tall, _COLUMNS, squeeze=False).ravel()
    summed = {row.name: row for row in rows if row.kind != "published"}
    for axes, name in zip(panels, FIGURES, strict=False):
        _draw(axes, name, answer.measured, summed, [row for row in published if name in row.figures])
        axes.set_title(heads[name], fontsize=9)
    for axes in panels[len(FIGURES) :]:
        axes.set_axis_off()
    if published:
        canvas.supxlabel(f"Dots with bars in red: {PUBLISHED}, mean ± standard deviation", fontsize=8)
    canvas.savefig(path, format="png")


def _draw(
    axes: Axes,
    name: str,
    measured: Sequence[Measured],
    summed: Mapping[str, ReportRow],
    published: Sequence[ReportRow],
) -> None:
    """Draw one figure: a line for each row, the first at the top."""
    for line, each in enumerate(measured):
        values = np.array([record[name] for record in each.records])
        values, colour = values[~np.isnan(values)], COLOURS[each.kind]
        figure = summed[each.name].figures[name]
        if not values.size:
            continue
        if name in YES_NO and figure.interval is not None:
            axes.barh(line, figure.mean, color=colour, height=0.6)
            axes.plot(figure.interval, (line, line), color="black", linewidth=1)
            continue
        axes.boxplot(
            values, positions=[line], orientation="horizontal", widths=0.6, whis=(5, 95), showfliers=False,
            patch_artist=True, boxprops={"facecolor": colour, "linewidth": 0.6}, medianprops={"color": "black"},
            manage_ticks=False,
        )  # fmt: skip
        axes.plot(figure.mean, line, "o", color="black", markersize=3)
    for line, row in enumerate(published, start=len(measured)):
        figure = row.figures[name]
        spread = None if name in YES_NO else figure.sd  # that of yes and no follows from the mean
        axes.errorbar(figure.mean, line, xerr=spread, fmt="o", color=PUBLISHED_COLOUR, markersize=3, linewidth=1)
    names = [*(each.name for each in measured), *(f"{row.name} ({row.source})" for row in published)]
    axes.set_yticks(range(len(names)), names, fontsize=6)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="x", labelsize=7)
    axes.grid(axis="x", linewidth=0.3)
