"""Measure how fast a comparison follows an edit: one step after another, on a field of 600 x 600 px with 100 nuclei.

``python benchmarks/comparison.py --rounds 10``
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

from napari_celle.analysis.comparison.background import Percentile, RollingBall, subtract_background
from napari_celle.analysis.comparison.compared import compare
from napari_celle.analysis.comparison.contours import contour_ladder, outlines
from napari_celle.analysis.comparison.measured import measured_protein
from napari_celle.analysis.comparison.per_image import per_image
from napari_celle.analysis.comparison.per_nucleus import per_nucleus
from napari_celle.analysis.comparison.territories import VORONOI, territories
from napari_celle.preprocess import RECIPES
from napari_celle.types import Window

EDGE, STEP, RADIUS = 600, 60, 18


def main() -> None:
    """Print the fastest and the median of several rounds of each step, in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    for name, step in _steps().items():
        times = [_seconds(step) for _ in range(rounds)]
        print(f"{name:24} {1000 * min(times):7.1f} ms, median {1000 * float(np.median(times)):7.1f} ms")


def _steps() -> dict[str, Callable[[], object]]:
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:EDGE, :EDGE]
    inside = np.hypot(rows % STEP - STEP / 2, columns % STEP - STEP / 2) < RADIUS
    nuclei = np.where(inside, 1 + rows // STEP * (EDGE // STEP) + columns // STEP, 0).astype(np.int32)
    channel = (1000 * rng.gamma(2.0, size=(EDGE, EDGE)) * (1 + inside)).astype(np.uint16)
    heatmap = np.clip(rng.normal(0.3, 0.1, (EDGE, EDGE)) + 0.3 * inside, 0, 1).astype(np.float32)
    threshold = (heatmap > 0.5).astype(np.uint8)
    measure = {"window": Window(0, 0, EDGE, EDGE), "size": 256, "scale": 0.4, "recipe": RECIPES["percentile"]}
    measured = measured_protein(channel, **measure)
    compared = compare(heatmap, threshold, measured=measured)
    return {
        "rolling ball, 50 px": lambda: subtract_background(channel, RollingBall(50)),
        "percentile": lambda: subtract_background(channel, Percentile()),
        "measured": lambda: measured_protein(channel, **measure),
        "territories": lambda: territories(nuclei, cytoplasm=VORONOI),
        "table of nuclei": lambda: per_nucleus(nuclei, compared),
        "compare": lambda: compare(heatmap, threshold, measured=measured),
        "contours, smooth map": lambda: contour_ladder(rows * 1.0 * columns),
        "contours, noise": lambda: contour_ladder(heatmap),
        "outlines of nuclei": lambda: outlines(nuclei),
        "figures of the image": lambda: per_image({"model": compared}, nuclei=nuclei),
    }


def _seconds(step: Callable[[], object]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
