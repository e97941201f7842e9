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
    bean_chance, mitotic_chance, fade_chance : float
        Chance that a nucleus has a dent, is in mitosis (small, very bright), or leaves the focal plane at one side.
    debris_chance : float
        Chance that a field holds specks of stain outside nuclei.
    cell_reach : Range
        How far a free cell stretches beyond its nucleus, in nucleus radii; neighbours stop each other earlier.
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

    nucleus_diameter: Range = (38.0, 92.0)
    diameter_spread: float = 0.12
    coverage: Range = (0.01, 0.55)
    elongation: Range = (1.05, 1.7)
    irregularity: Range = (0.01, 0.045)
    bean_chance: float = 0.18
    mitotic_chance: float = 0.02
    fade_chance: float = 0.06
    debris_chance: float = 0.12
    cell_reach: Range = (0.5, 1.1)
    brightness_spread: Range = (0.08, 0.4)
    chromatin: Range = (0.1, 0.35)
    foci: Range = (0.0, 1.2)
    nucleolus_depth: Range = (0.05, 0.75)
    blur: Range = (0.5, 1.5)
    defocus: Range = (2.0, 4.5)
    defocus_chance: float = 0.07
    haze: Range = (0.0, 0.15)
    shading: Range = (0.0, 0.35)
    photons: Range = (40.0, 800.0)
    read_noise: Range = (0.5, 3.0)
    background: Range = (-0.06, 0.15)
    saturation: Range = (1.1, 4.0)
    gamma: Range = (0.8, 1.25)


def between(rng: np.random.Generator, limits: Range) -> float:
    """Draw evenly from ``limits``."""
    return float(rng.uniform(*limits))


def between_log(rng: np.random.Generator, limits: Range) -> float:
    """Draw from ``limits`` evenly on a log scale; both limits are positive."""
    return float(np.exp(rng.uniform(np.log(limits[0]), np.log(limits[1]))))
