"""From location labels to amounts in compartments: the one table that says what a label looks like.

The labels do not say how much of a protein goes where, nor where in the nucleus or the cytoplasm it is. The shares
below are guesses at typical pictures of such proteins, and every drawing varies them (docs/adr/0005).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from napari_celle.data.proteins import LOCATIONS


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which proteins of a label look.

    Attributes
    ----------
    chance : float
        Part of the label's proteins that look so, in (0, 1].
    amounts : Mapping of str to float
        Mean share of each compartment; the sum is 1.
    """

    chance: float
    amounts: Mapping[str, float]


KINDS_OF: Mapping[str, tuple[Kind, ...]] = {
    "Nucleus": (
        Kind(0.66, {"nucleoplasm": 0.95, "cytosol": 0.05}),
        Kind(0.14, {"nucleolus": 0.5, "nucleoplasm": 0.47, "cytosol": 0.03}),
        Kind(0.12, {"speckles": 0.5, "nucleoplasm": 0.47, "cytosol": 0.03}),
        Kind(0.08, {"nuclear_envelope": 0.75, "nucleoplasm": 0.2, "er": 0.05}),
    ),
    "Cytoplasm": (
        Kind(0.8, {"cytosol": 0.97, "nucleoplasm": 0.03}),
        Kind(0.14, {"cytoskeleton": 0.7, "cytosol": 0.3}),
        Kind(0.06, {"centrosome": 0.12, "cytosol": 0.86, "nucleoplasm": 0.02}),
    ),
    "Extracellular": (Kind(1.0, {"er": 0.55, "golgi": 0.25, "vesicles": 0.2}),),  # seen on its way out
    "Cell membrane": (
        Kind(0.75, {"plasma_membrane": 0.75, "vesicles": 0.15, "golgi": 0.1}),
        Kind(0.25, {"plasma_membrane": 0.45, "cytosol": 0.4, "vesicles": 0.15}),
    ),
    "Mitochondrion": (Kind(1.0, {"mitochondria": 0.95, "cytosol": 0.05}),),
    "Endoplasmic reticulum": (
        Kind(0.92, {"er": 0.97, "golgi": 0.03}),
        Kind(0.08, {"er": 0.7, "nuclear_envelope": 0.3}),
    ),
    "Lysosome/Vacuole": (Kind(1.0, {"vesicles": 0.9, "er": 0.1}),),
    "Golgi apparatus": (
        Kind(0.7, {"golgi": 0.75, "vesicles": 0.1, "er": 0.15}),
        Kind(0.3, {"golgi": 0.35, "cytosol": 0.5, "vesicles": 0.15}),
    ),
    "Peroxisome": (Kind(1.0, {"peroxisomes": 0.8, "cytosol": 0.2}),),
    "Plastid": (),  # these cells have none
}
"""Label to the ways in which its proteins look; none for a label that cannot be drawn."""

BETWEEN_LABELS = 2.5
"""Concentration, per label, of the Dirichlet distribution of a protein's shares between its labels: widely varied."""

WITHIN_LABEL = 20.0
"""Concentration of the Dirichlet distribution of the shares within a label; higher is less varied."""


def can_be_drawn(locations: np.ndarray) -> np.ndarray:
    """Return (N,) bool for labels (N, 10): False where only labels without a compartment are set."""
    drawable = np.array([bool(KINDS_OF[name]) for name in LOCATIONS])
    return (np.asarray(locations, bool) & drawable).any(-1)


def draw_amounts(locations: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
    """Draw how much of a protein goes to each compartment.

    Parameters
    ----------
    locations : np.ndarray
        (10,) bool, columns as in ``LOCATIONS``; at least one that can be drawn.
    rng : np.random.Generator
        For the share of each label (Dirichlet, even on average), the way in which the label looks (``KINDS_OF``) and
        the shares within it (Dirichlet about those of the table).

    Returns
    -------
    dict
        Compartment to share; the sum is 1.
    """
    labels = [name for name, present in zip(LOCATIONS, locations, strict=True) if present and KINDS_OF[name]]
    amounts: dict[str, float] = {}
    for label, share in zip(labels, rng.dirichlet(np.full(len(labels), BETWEEN_LABELS)), strict=True):
        kinds = KINDS_OF[label]
        parts = kinds[int(rng.choice(len(kinds), p=[kind.chance for kind in kinds]))].amounts
        varied = rng.dirichlet(WITHIN_LABEL * np.array(list(parts.values())))
        for compartment, part in zip(parts, varied, strict=True):
            amounts[compartment] = amounts.get(compartment, 0.0) + float(share * part)
    return amounts
