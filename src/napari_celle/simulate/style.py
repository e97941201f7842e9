"""The ranges a field's looks are drawn from: one dataclass of plain numbers, and the two ways to draw from a range."""

from dataclasses import dataclass

import numpy as np

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FieldStyle:
    """How different one field may look from the next; each field draws its own values from these ranges.

    The defaults run without a gap from live widefield pictures (large nuclei, soft, hazy, dim background) to confocal
    ones (small nuclei, sharp, black background, saturated). Narrow a range to get one kind only; ``(x, x)`` fixes it.

    Attributes
    ----------
    nucleus_diameter : Range
        Mean nucleus diameter of a field, px (of the circle of equal area).
    diameter_spread : float
        Standard deviation of the diameters within a field, as a fraction of their mean.
    coverage : Range
        Part of the picture to cover with nuclei, in [0, 1]; at least one nucleus, at most 12 per 256 x 256 px.
    elongation : Range
        Long over short axis of a nucleus.
    irregularity : Range
        Standard deviation of the nucleus outline about its ellipse, as a fraction of the radius.
    bean_chance : Range
        Chance that a nucleus of the field has a dent.
    mitotic_chance, fade_chance : float
        Chance that a nucleus is in mitosis (small, very bright), or leaves the focal plane at one side.
    debris_chance : float
        Chance that a field holds specks of stain outside nuclei.
    cell_reach : Range
        How far a free cell stretches beyond its nucleus, in nucleus radii; neighbours stop each other earlier.
    above_nucleus : Range
        Light of the cytoplasm above and below a nucleus, relative to that beside it, in [0, 1].
    overlap : Range
        Light that the dimmer of two nuclei adds where they overlap, in [0, 1]: 1 in a projection, 0 in a thin section.
    brightness_spread : Range
        Standard deviation of the logarithm of the nuclei's brightness within a field.
    chromatin, foci : Range
        Contrast of the medium chromatin texture (1 = its own mean) and height of the bright heterochromatin foci.
    nucleolus_depth : Range
        How dark the nucleoli are in the nucleus channel, 0 = not seen, 1 = black.
    blur, defocus : Range
        Standard deviation of the point spread function in focus and out of focus, px.
    defocus_chance : float
        Chance that a picture is out of focus.
    haze : Range
        Part of the light that the optics spread widely, in [0, 1].
    shading : Range
        Loss of light from the best lit place of a picture to the worst, in [0, 1].
    photons : Range
        Photons per pixel at signal 1, a typical nucleus or a typical place of a protein; drawn on a log scale.
    read_noise : Range
        Standard deviation of the camera's own noise, photons.
    background : Range
        Camera offset as a fraction of ``photons``; a negative one is a black level that cuts the haze away.
    saturation : Range
        Signal at which the camera saturates, as a multiple of ``photons``.
    gamma : Range
        Exponent applied to the picture after the camera.
    """

    nucleus_diameter: Range = (36.0, 108.0)
    diameter_spread: float = 0.12
    coverage: Range = (0.01, 0.55)
    elongation: Range = (1.0, 2.5)
    irregularity: Range = (0.0, 0.08)
    bean_chance: Range = (0.0, 0.7)
    mitotic_chance: float = 0.04
    fade_chance: float = 0.07
    debris_chance: float = 0.12
    cell_reach: Range = (0.4, 1.8)
    above_nucleus: Range = (0.03, 0.45)
    overlap: Range = (0.0, 1.0)
    brightness_spread: Range = (0.03, 0.55)
    chromatin: Range = (0.0, 0.4)
    foci: Range = (0.0, 1.3)
    nucleolus_depth: Range = (0.0, 0.7)
    blur: Range = (0.45, 1.5)
    defocus: Range = (2.0, 4.5)
    defocus_chance: float = 0.07
    haze: Range = (0.0, 0.2)
    shading: Range = (0.0, 0.35)
    photons: Range = (30.0, 800.0)
    read_noise: Range = (0.5, 3.0)
    background: Range = (-0.06, 0.15)
    saturation: Range = (1.02, 4.0)
    gamma: Range = (0.8, 1.25)


LIVE_PROJECTION = FieldStyle(
    nucleus_diameter=(60.0, 108.0),
    coverage=(0.2, 0.6),
    elongation=(1.0, 2.0),
    irregularity=(0.0, 0.06),
    cell_reach=(0.35, 0.9),
    above_nucleus=(0.2, 0.45),
    overlap=(0.3, 1.0),
    foci=(0.2, 1.2),
    nucleolus_depth=(0.05, 0.5),
    blur=(0.6, 1.4),
    defocus_chance=0.03,
    haze=(0.03, 0.18),
    background=(0.0, 0.12),
    saturation=(2.5, 6.0),
)
"""Live cells in a dense layer, projected or widefield, as in OpenCell: large soft nuclei, haze, cytoplasm over them."""

FIXED_CONFOCAL = FieldStyle(
    nucleus_diameter=(36.0, 96.0),
    coverage=(0.03, 0.4),
    elongation=(1.0, 2.5),
    irregularity=(0.0, 0.08),
    mitotic_chance=0.02,
    cell_reach=(0.8, 2.2),
    above_nucleus=(0.03, 0.15),
    overlap=(0.0, 0.2),
    brightness_spread=(0.05, 0.3),
    chromatin=(0.0, 0.35),
    foci=(0.0, 0.5),
    nucleolus_depth=(0.05, 0.8),
    blur=(0.45, 0.9),
    defocus_chance=0.02,
    haze=(0.0, 0.04),
    background=(-0.08, 0.01),
    photons=(100.0, 800.0),
    saturation=(1.02, 2.0),
)
"""Fixed cells in a confocal section, as in the Human Protein Atlas: sharp nuclei on black, wide cells, no haze."""


def between(rng: np.random.Generator, limits: Range) -> float:
    """Draw evenly from ``limits``."""
    return float(rng.uniform(*limits))


def between_log(rng: np.random.Generator, limits: Range) -> float:
    """Draw from ``limits`` evenly on a log scale; both limits are positive."""
    return float(np.exp(rng.uniform(np.log(limits[0]), np.log(limits[1]))))
