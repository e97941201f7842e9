"""The drawn pictures of docs/simulator.md: compartments, mitosis, labels, nuclei."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from napari_celle.data.localization import draw_amounts
from napari_celle.data.proteins import LOCATIONS
from napari_celle.simulate import (
    COMPARTMENTS,
    FIXED_CONFOCAL,
    LIVE_PROJECTION,
    FieldStyle,
    draw_field,
    draw_protein,
)

TILE = 128  # px
_LINE = 14  # px for a name
_SEED, _MITOSIS = 11, 2  # pictures with something to see
_SETS = [
    ["Nucleus"],
    ["Cytoplasm"],
    ["Cell membrane"],
    ["Extracellular"],
    ["Golgi apparatus"],
    ["Nucleus", "Cytoplasm"],
    ["Nucleus", "Mitochondrion"],
    ["Nucleus", "Cell membrane"],
]
_MIDDLING = {"nucleus_diameter": (50.0, 58.0), "defocus_chance": 0.0, "mitotic_chance": 0.0}

Tile = tuple[str, np.ndarray]


def write_pictures(folder: Path) -> None:
    """Write all pictures into ``folder`` and print their names and sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {
        "compartments": (_compartments(), 7),
        "mitosis": (_mitosis(), 7),
        "labels": (_labels(), len(_SETS)),
        "nuclei": (_nuclei(), 8),
    }
    for name, (tiles, columns) in pictures.items():
        path = folder / f"simulator-{name}.png"
        grid(tiles, columns=columns).save(path, optimize=True)
        print(path, path.stat().st_size // 1000, "kB")


def grid(tiles: Iterable[Tile], *, columns: int) -> Image.Image:
    """Put tiles, (name, (TILE, TILE) float) each, side by side under their names; 32 grays, to keep the file small."""
    tiles = list(tiles)
    height = TILE + _LINE + 2
    sheet = Image.new("L", (columns * (TILE + 2), -(-len(tiles) // columns) * height), 255)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(10)
    for number, (name, picture) in enumerate(tiles):
        left, top = number % columns * (TILE + 2), number // columns * height
        pen.text((left + 1, top), name, fill=0, font=font)
        sheet.paste(Image.fromarray(_gray(picture)), (left, top + _LINE))
    return sheet


def _gray(picture: np.ndarray) -> np.ndarray:
    """Stretch the contrast as a viewer does, (Y, X) uint8 in steps of 8."""
    low, high = np.percentile(picture, (1, 99.8))
    light = np.clip((picture - low) / max(high - low, 1e-9), 0, 1) ** 0.8
    return np.asarray(np.round(light * 31) * 255 / 31, dtype=np.uint8)


def _compartments() -> list[Tile]:
    tiles = []
    for kind, preset in (("live", LIVE_PROJECTION), ("fixed", FIXED_CONFOCAL)):
        style = replace(preset, **_MIDDLING)
        for number, name in enumerate(COMPARTMENTS):
            rng = np.random.default_rng((_SEED, number))
            field = draw_field(rng, size=TILE, style=style)
            tiles.append((f"{kind}: {name}", draw_protein(field, {name: 1.0}, rng, style=style)))
        field = draw_field(np.random.default_rng(4), size=TILE, style=style)
        tiles.append((f"{kind}: nucleus channel", field.nucleus))
    return tiles


def _mitosis() -> list[Tile]:
    style = replace(FIXED_CONFOCAL, **(_MIDDLING | {"coverage": (0.25, 0.25), "mitotic_chance": 0.5}))
    field = draw_field(np.random.default_rng(_MITOSIS), size=TILE, style=style)
    return [("nucleus channel", field.nucleus)] + [
        (name, draw_protein(field, {name: 1.0}, np.random.default_rng(number), style=style))
        for number, name in enumerate(COMPARTMENTS)
    ]


def _labels() -> list[Tile]:
    style = replace(FieldStyle(), **_MIDDLING)
    tiles = []
    for drawing in range(3):
        for number, labels in enumerate(_SETS):
            rng = np.random.default_rng((drawing, number))
            field = draw_field(rng, size=TILE, style=style)
            amounts = draw_amounts(np.isin(LOCATIONS, labels), rng)
            tiles.append((" + ".join(_short(labels)), draw_protein(field, amounts, rng, style=style)))
    return tiles


def _short(labels: Sequence[str]) -> list[str]:
    return [label.removesuffix(" apparatus").replace("Mitochondrion", "Mitoch.") for label in labels]


def _nuclei() -> list[Tile]:
    styles = {"default": FieldStyle(), "live projection": LIVE_PROJECTION, "fixed confocal": FIXED_CONFOCAL}
    return [
        (name, halved(draw_field(np.random.default_rng((9, number)), style=style).nucleus))
        for name, style in styles.items()
        for number in range(8)
    ]


def halved(picture: np.ndarray) -> np.ndarray:
    """Return the top left 256 x 256 px at half their size, (TILE, TILE) float64."""
    return np.asarray(picture[: 2 * TILE, : 2 * TILE], float).reshape(TILE, 2, TILE, 2).mean(axis=(1, 3))
