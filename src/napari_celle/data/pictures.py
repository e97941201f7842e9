"""Pictures to train an image tokenizer on: read from a folder or a table of pairs, or drawn."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from napari_celle.config import TokenizerConfig
from napari_celle.data.localization import can_be_drawn, draw_amounts
from napari_celle.data.pairs import Pairs
from napari_celle.errors import CelleError, ImageError
from napari_celle.files.images import read_image
from napari_celle.preprocess import RECIPES, THRESHOLDS
from napari_celle.simulate import COMPARTMENTS, draw_field, draw_protein
from napari_celle.types import OnStep

SUFFIXES = (".tif", ".tiff", ".png")
_SHOWN = 10
_FIELD = 256  # pixels along the edge of a drawn field, at least


def read_pictures(folder: Path, config: TokenizerConfig, *, on_step: OnStep | None = None) -> list[np.ndarray]:
    """Read all TIFF and PNG pictures of a folder, one plane of one channel each, in the order of their names.

    Parameters
    ----------
    folder : Path
        Its subfolders are not looked into.
    config : TokenizerConfig
        How they are prepared, and how large they must be.
    on_step : callable or None
        Told of progress; what it raises stops.

    Returns
    -------
    list of np.ndarray
        (Y, X) each, as :func:`prepared`.

    Raises
    ------
    ImageError
        If there are none; if pictures cannot be used, naming all of them (the first ten).
    """
    if not folder.is_dir():
        raise ImageError(f"There is no folder {folder}. Give a folder with TIFF or PNG pictures.")
    paths = sorted(path for path in folder.iterdir() if _is_picture(path))
    if not paths:
        raise ImageError(f"The folder {folder} has no TIFF or PNG pictures. Give one that has, without subfolders.")
    found, problems = [], []
    for number, path in enumerate(paths):
        if on_step is not None:
            on_step("reading pictures", number, len(paths))
        try:
            found.append(prepared(_read(path, config.vqgan.image_size), config))
        except ImageError as error:
            problems.append(str(error))
    if problems:
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise ImageError(
            f"{len(problems)} of {len(paths)} pictures cannot be used: {'; '.join(problems[:_SHOWN])}{more}. Put them "
            "right, or take them out of the folder."
        )
    return found


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def _read(path: Path, size: int) -> np.ndarray:
    try:
        pixels = read_image(path).pixels
    except ImageError as error:
        reason = str(error).partition(" Choose ")[0]  # what to choose there are options of other commands
        raise ImageError(reason.rstrip(".")) from None
    if min(pixels.shape) < size:
        raise ImageError(f"{path} has {pixels.shape[0]} x {pixels.shape[1]} pixels, fewer than {size} x {size}")
    if not np.isfinite(pixels).all():
        raise ImageError(f"{path} has pixels that are NaN or infinite")
    if pixels.min() == pixels.max():
        raise ImageError(f"{path} is constant: every pixel is {pixels.flat[0]:g}")
    return pixels


def prepared(picture: np.ndarray, config: TokenizerConfig) -> np.ndarray:
    """Return what a tokenizer sees of a picture (Y, X): float16 about [0, 1], or bool for threshold images."""
    recipe = RECIPES[config.pixels]
    if config.threshold:
        return THRESHOLDS[recipe.threshold](picture.astype(np.float32)) > 0
    return recipe.prepare(picture.astype(np.float32), dtype=picture.dtype).astype(np.float16)


def pair_pictures(pairs: Pairs, config: TokenizerConfig, *, on_step: OnStep | None = None) -> list[np.ndarray]:
    """Read the nuclei or the proteins of pairs, as the tokenizer's channel says.

    Parameters
    ----------
    pairs : Pairs
        Checked already.
    config : TokenizerConfig
        Which of the two pictures is taken, and how it is prepared.
    on_step : callable or None
        Told of progress; what it raises stops.

    Returns
    -------
    list of np.ndarray
        (Y, X) each, as :func:`prepared`; a painted mask is a threshold image as it is.
    """
    found, wanted = [], 0 if config.channel == "nucleus" else 1
    for number in range(len(pairs)):
        if on_step is not None:
            on_step("preparing pictures", number, len(pairs))
        picture = pairs.read(number)[wanted]
        found.append(picture if picture.dtype == bool and config.threshold else prepared(picture, config))
    return found


def draw_pictures(
    count: int,
    config: TokenizerConfig,
    *,
    seed: int,
    locations: np.ndarray | None = None,
    on_step: OnStep | None = None,
) -> list[np.ndarray]:
    """Draw fields of cells.

    Parameters
    ----------
    count : int
        Pictures.
    config : TokenizerConfig
        Whether the nuclei or the protein are drawn, and how they are prepared.
    seed : int
        Each picture has a generator of its own, seeded with (seed, number of the picture).
    locations : np.ndarray or None
        (N, 10) bool of the proteins to draw from, see ``data.localization``; None draws one compartment a picture,
        all equally often.
    on_step : callable or None
        Told of progress; what it raises stops.

    Returns
    -------
    list of np.ndarray
        (Y, X) each, as :func:`prepared`.

    Raises
    ------
    CelleError
        If none of the proteins can be drawn.
    """
    if locations is not None:
        given, locations = len(locations), locations[can_be_drawn(locations)]
        if not len(locations):
            raise CelleError(f"Of {given:,} proteins none has a location that can be drawn. Choose other proteins.")
    found = []
    for number in range(count):
        if on_step is not None:
            on_step("drawing pictures", number, count)
        found.append(prepared(_draw(np.random.default_rng((seed, number)), config, locations), config))
    return found


def _draw(rng: np.random.Generator, config: TokenizerConfig, locations: np.ndarray | None) -> np.ndarray:
    field = draw_field(rng, size=max(_FIELD, config.vqgan.image_size))
    if config.channel == "nucleus":
        return field.nucleus
    if locations is None:
        return draw_protein(field, {COMPARTMENTS[rng.integers(len(COMPARTMENTS))]: 1.0}, rng)
    return draw_protein(field, draw_amounts(locations[rng.integers(len(locations))], rng), rng)


def split(pictures: Sequence[np.ndarray], *, seed: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return pictures to train on, and for the validation a tenth of all, at least one, drawn at random.

    Raises
    ------
    CelleError
        If there is only one.
    """
    if len(pictures) < 2:
        raise CelleError("One picture is not enough: give two at least, for one is kept for the validation.")
    order = np.random.default_rng(seed).permutation(len(pictures)).tolist()
    checks = max(1, len(pictures) // 10)
    return [pictures[index] for index in sorted(order[checks:])], [pictures[index] for index in sorted(order[:checks])]
