"""Nuclei of real fields and drawn ones: figures side by side in a table and a plot, and the pictures themselves."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot as plt
from PIL import Image
from simulator_pictures import grid, halved

from napari_celle.analysis.nuclei_statistics import STATISTICS, Figures, nuclei_statistics, quantile_ranges
from napari_celle.simulate import FIXED_CONFOCAL, LIVE_PROJECTION, FieldStyle, draw_field

STYLES = {"default": FieldStyle(), "live projection": LIVE_PROJECTION, "fixed confocal": FIXED_CONFOCAL}
_QUANTILES = (0.025, 0.975)


def compare_nuclei(folder: Path | None, *, fields: int, plot: Path | None, picture: Path | None) -> None:
    """Print the figures of ``fields`` drawn fields in each style, with the real ones of ``folder`` where given."""
    pictures = read_pictures(folder) if folder else {}
    real = {name: nuclei_statistics(image) for name, image in pictures.items()}
    drawn = {
        name: [nuclei_statistics(draw_field(np.random.default_rng((5, k)), style=style).nucleus) for k in range(fields)]
        for name, style in STYLES.items()
    }
    print_table(real, drawn)
    if plot:
        draw_plot(real, drawn, plot)
    if picture:
        show_side_by_side(pictures, picture)


def read_pictures(folder: Path) -> dict[str, np.ndarray]:
    """Read the nucleus pictures of a folder, name to (Y, X) uint8; of colours the brightest."""
    images = {path.stem.removesuffix("_nucleus"): np.asarray(Image.open(path)) for path in folder.glob("*_nucleus.png")}
    if not images:
        raise SystemExit(f"{folder} holds no *_nucleus.png.")
    return {name: image.max(axis=2) if image.ndim == 3 else image for name, image in sorted(images.items())}


def print_table(real: Mapping[str, Figures], drawn: Mapping[str, list[Figures]]) -> None:
    """Print Markdown: the range of the real fields, of the middle 95 % of the drawn ones, and what lies outside."""
    ranges = {name: quantile_ranges(rows, low=_QUANTILES[0], high=_QUANTILES[1]) for name, rows in drawn.items()}
    print("| figure | meaning | real |", " | ".join(ranges), "| outside default |")
    print("| --- |" + " --- |" * (len(ranges) + 3))
    for name, meaning in STATISTICS.items():
        low, high = ranges["default"][name]
        outside = [field for field, figures in real.items() if figures[name] < low or figures[name] > high]
        cells = [
            _span([figures[name] for figures in real.values()]),
            *(_span(spans[name]) for spans in ranges.values()),
        ]
        print(f"| {name} | {meaning} |", " | ".join(cells), f"| {', '.join(outside) or 'none'} |")


def _span(values: "list[float] | tuple[float, ...]") -> str:
    return f"{np.nanmin(values):.3g} to {np.nanmax(values):.3g}" if len(values) else ""


def draw_plot(real: Mapping[str, Figures], drawn: Mapping[str, list[Figures]], path: Path) -> None:
    """Draw a panel for each figure: drawn fields as violins, real ones as dots over all of them."""
    figure, axes = plt.subplots(3, 5, figsize=(11, 6.2), layout="constrained")
    for panel in axes.flat[len(STATISTICS) :]:
        panel.set_axis_off()
    for panel, name in zip(axes.flat, STATISTICS, strict=False):
        for place, rows in enumerate(drawn.values()):
            values = np.array([row[name] for row in rows])
            low, high = np.nanquantile(values, _QUANTILES)
            values = values[(values >= low) & (values <= high)]
            panel.violinplot(values, [place], showextrema=False, widths=0.9)
        values = [figures[name] for figures in real.values()]
        panel.plot(np.linspace(-0.25, 0.25, len(values)), values, "k.", markersize=5)
        panel.set_title(name, fontsize=9)
        panel.set_xticks(range(len(drawn)), [style.split()[0] for style in drawn], fontsize=8)
        panel.tick_params(axis="y", labelsize=7)
    axes.flat[-1].text(0, 0.3, "coloured: drawn fields,\nmiddle 95 %\nblack: real fields", fontsize=9)
    figure.savefig(path, dpi=80)
    plt.close(figure)


def show_side_by_side(pictures: Mapping[str, np.ndarray], path: Path) -> None:
    """Write real pictures in the first row and drawn ones in each style below."""
    tiles = [(name, halved(image)) for name, image in pictures.items()]
    for name, style in STYLES.items():
        for number in range(max(len(pictures), 1)):
            tiles.append((name, halved(draw_field(np.random.default_rng((9, number)), style=style).nucleus)))
    grid(tiles, columns=max(len(pictures), 1)).save(path)
