"""Where the bright pixels of drawn proteins lie: the part inside nuclei for each set of location labels.

Run it with ``python benchmarks/label_shares.py``. Pictures are thresholded as the training samples are. It prints
mean and standard deviation over proteins and fields, in the default style and in both presets.
"""

import argparse
from collections.abc import Iterable

import numpy as np

from napari_celle.data.localization import KINDS_OF, draw_amounts
from napari_celle.data.proteins import LOCATIONS
from napari_celle.preprocess import above_otsu
from napari_celle.simulate import FIXED_CONFOCAL, LIVE_PROJECTION, FieldStyle, draw_field, draw_protein

STYLES = {"default": FieldStyle(), "live projection": LIVE_PROJECTION, "fixed confocal": FIXED_CONFOCAL}
SETS = [
    *([name] for name in LOCATIONS if KINDS_OF[name]),
    ["Nucleus", "Cytoplasm"],
    ["Nucleus", "Cell membrane"],
    ["Nucleus", "Mitochondrion"],
    ["Cytoplasm", "Cell membrane"],
]


def share_in_nuclei(labels: Iterable[str], style: FieldStyle, rng: np.random.Generator) -> float:
    """Draw one protein with these labels in one field; return the part of its bright pixels in nuclei, in [0, 1]."""
    field = draw_field(rng, style=style)
    amounts = draw_amounts(np.isin(LOCATIONS, list(labels)), rng)
    bright = above_otsu(draw_protein(field, amounts, rng, style=style)) > 0
    return float((bright & (field.nuclei > 0)).sum() / max(bright.sum(), 1))


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--proteins", type=int, default=60, help="of each set and style")
    options = parser.parse_args()
    print("| labels |", " | ".join(STYLES), "|\n| --- |" + " --- |" * len(STYLES))
    for labels in SETS:
        cells = []
        for style in STYLES.values():
            shares = [share_in_nuclei(labels, style, np.random.default_rng((7, k))) for k in range(options.proteins)]
            cells.append(f"{np.mean(shares):.2f} ± {np.std(shares):.2f}")
        print(f"| {' + '.join(labels)} |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
