"""Whether weights fit a network, and the network the computer."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open

from napari_celle.alphabet import ALPHABETS
from napari_celle.config import CelleConfig
from napari_celle.errors import WeightsError
from napari_celle.layout import Vocabulary

Shapes = Mapping[str, tuple[int, ...]]
"""Name of each tensor to its shape."""

_SHOWN = 3  # names of a part
_DECODING = 500 << 20  # bytes that an image tokenizer works with, about
_COPIES = 3  # of the attention weights at a time


def read_shapes(paths: Iterable[Path], *, remedy: str) -> dict[str, tuple[int, ...]]:
    """Return the shape of each tensor in safetensors files; only their headers are read.

    Raises
    ------
    WeightsError
        If a file is cut off or is none; ends with ``remedy``.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for path in paths:
        try:
            with safe_open(path, framework="pt") as file:
                shapes |= {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
        except (OSError, SafetensorError) as error:
            raise WeightsError(f"The weights file {path} cannot be read: {error}. {remedy}") from None
    return shapes


def check_fit(expected: Shapes, found: Shapes, *, what: str, remedy: str) -> None:
    """Check that weights have every tensor of a network, in its shape, and no other.

    Raises
    ------
    WeightsError
        With the number of those missing, unexpected and of another shape, and the first few of each part.
    """
    missing, unexpected = expected.keys() - found.keys(), found.keys() - expected.keys()
    wrong = {
        name: f"{name} {found[name]} instead of {expected[name]}"
        for name in expected.keys() & found.keys()
        if expected[name] != found[name]
    }
    if missing or unexpected or wrong:
        raise WeightsError(
            f"{what}: {_some('missing', {name: name for name in missing})}, "
            f"{_some('unexpected', {name: name for name in unexpected})}, {_some('of another shape', wrong)}. {remedy}"
        )


def _some(kind: str, texts: Mapping[str, str]) -> str:
    """Return the number of tensors and the first texts of each part, the part being the name up to the first dot."""
    parts: dict[str, list[str]] = {}
    for name in sorted(texts):
        parts.setdefault(name.split(".")[0], []).append(texts[name])
    groups = [
        f"{', '.join(group[:_SHOWN])}{f', ... {len(group)} in {part}' if len(group) > _SHOWN else ''}"
        for part, group in parts.items()
    ]
    return f"{len(texts)} {kind}" + (f" ({'; '.join(groups)})" if groups else "")


def check_vocabulary(config: CelleConfig, columns: int) -> None:
    """Check that a model's logits have one column for each residue token and each code.

    Raises
    ------
    WeightsError
        With both numbers.
    """
    alphabet = ALPHABETS[config.embedding.kind]
    reference = config.reference.codes if config.reference else 0
    vocabulary = Vocabulary(
        residues=len(alphabet.tokens),
        reference=reference,
        protein=config.protein.codes,
        masked=config.decoding == "masked",
    )
    if vocabulary.size != columns:
        raise WeightsError(
            f"The vocabulary of the weights has {columns:,} entries, but {config.embedding.kind} with "
            f"{len(alphabet.tokens)} residue tokens, {reference:,} reference codes and {config.protein.codes:,} "
            f"protein codes makes {vocabulary.size:,}. The configuration is that of another model."
        )


def needed_memory(shapes: Shapes, config: CelleConfig) -> int:
    """Return the bytes that a prediction takes, about: float32 weights, attention and image tokenizer at work."""
    weights = 4 * sum(math.prod(shape) for shape in shapes.values())
    tokens = config.window + 3 + config.protein.grid**2 * (2 if config.reference else 1)
    return weights + _COPIES * 4 * config.transformer.heads * tokens**2 + _DECODING
