"""From location labels to amounts in compartments: the one table that says what a label looks like.

The labels do not say how much of a protein goes where; the shares below are typical pictures of such proteins, and
every drawing varies them.
"""

from collections.abc import Mapping

import numpy as np

from napari_celle.data.proteins import LOCATIONS

COMPARTMENTS_OF: Mapping[str, Mapping[str, float]] = {
    "Cytoplasm": {"cytosol": 1.0},
    "Nucleus": {"nucleoplasm": 0.88, "nucleolus": 0.12},
    "Extracellular": {"er": 0.5, "golgi": 0.3, "vesicles": 0.2},  # seen on its way out
    "Cell membrane": {"plasma_membrane": 0.75, "vesicles": 0.15, "golgi": 0.1},
    "Mitochondrion": {"mitochondria": 1.0},
    "Endoplasmic reticulum": {"er": 1.0},
    "Lysosome/Vacuole": {"vesicles": 1.0},
    "Golgi apparatus": {"golgi": 0.9, "vesicles": 0.1},
    "Peroxisome": {"vesicles": 1.0},
    "Plastid": {},  # these cells have none
}
CONCENTRATION = 6.0
"""Of the Dirichlet distribution that varies shares; higher is less varied."""


def can_be_drawn(locations: np.ndarray) -> np.ndarray:
    """Return (N,) bool for labels (N, 10): False where only labels without a compartment are set."""
    drawable = np.array([bool(COMPARTMENTS_OF[name]) for name in LOCATIONS])
    return (np.asarray(locations, bool) & drawable).any(-1)


def draw_amounts(locations: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
    """Draw how much of a protein goes to each compartment.

    Parameters
    ----------
    locations : np.ndarray
        (10,) bool, columns as in ``LOCATIONS``; at least one that can be drawn.
    rng : np.random.Generator
        For the shares: Dirichlet, even between the labels and within a label after the table.

    Returns
    -------
    dict
        Compartment to share; the sum is 1.
    """
    labels = [name for name, present in zip(LOCATIONS, locations, strict=True) if present and COMPARTMENTS_OF[name]]
    amounts: dict[str, float] = {}
    for label, share in zip(labels, rng.dirichlet(np.full(len(labels), CONCENTRATION)), strict=True):
        parts = COMPARTMENTS_OF[label]
        varied = rng.dirichlet(CONCENTRATION * len(parts) * np.array(list(parts.values())))
        for compartment, part in zip(parts, varied, strict=True):
            amounts[compartment] = amounts.get(compartment, 0.0) + float(share * part)
    return amounts
