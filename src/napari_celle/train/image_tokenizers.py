"""The image tokenizers that are given to a model: whether they fit it and each other, and what it becomes with them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from torch import Tensor

from napari_celle.config import CelleConfig
from napari_celle.errors import CelleError
from napari_celle.models.checkpoints.tokenizers import Tokenizer
from napari_celle.train.record import tensors_sha256

PARTS = {"reference": "nucleus", "protein": "protein"}
"""The tokenizers of a model, and what is in their pictures."""


@dataclass(frozen=True, slots=True, eq=False)
class Tokenizers:
    """Image tokenizers; None where there is none, or where that of the model stays."""

    nucleus: Tokenizer | None = None
    protein: Tokenizer | None = None

    def given(self) -> dict[str, Tokenizer]:
        """Return those that are there, by part of the model, a name in ``PARTS``."""
        found = {"reference": self.nucleus, "protein": self.protein}
        return {part: tokenizer for part, tokenizer in found.items() if tokenizer is not None}

    def sha256(self) -> dict[str, str]:
        """Return the SHA-256 of the weights of each, by part of the model."""
        return {part: tensors_sha256(tokenizer.tensors) for part, tokenizer in self.given().items()}


def config_with(config: CelleConfig, tokenizers: Tokenizers) -> CelleConfig:
    """Return the sizes of a model with these tokenizers.

    Raises
    ------
    CelleError
        If they know pictures of different size or kind.
    """
    given = tokenizers.given()
    for part, tokenizer in given.items():
        config = replace(config, **{part: tokenizer.config.vqgan})  # type: ignore[arg-type]  # the part is its name
    if config.reference is not None and config.reference.image_size != config.protein.image_size:
        raise CelleError(
            f"The tokenizer of the nucleus sees {config.reference.image_size} pixels along an edge, that of the "
            f"protein {config.protein.image_size}. Choose two of one size."
        )
    protein = given.get("protein")
    grey = config.grey if protein is None else not protein.config.threshold
    return replace(config, pixels=_pixels(config, given), grey=grey)


def _pixels(config: CelleConfig, given: Mapping[str, Tokenizer]) -> str:
    """Return how the pictures are prepared: for all tokenizers in one way."""
    kept = [config.pixels] if config.reference is not None and len(given) == 1 else []
    pixels = {*kept, *(tokenizer.config.pixels for tokenizer in given.values())} or {config.pixels}
    if len(pixels) > 1:
        raise CelleError(
            f"The image tokenizers know pictures that are prepared in different ways: {', '.join(sorted(pixels))}. "
            "Choose two of one kind."
        )
    return pixels.pop()


def check_codes(config: CelleConfig, tokenizers: Tokenizers) -> None:
    """Raise ``CelleError`` unless the tokens of these tokenizers are as many as those that a model knows."""
    for part, tokenizer in tokenizers.given().items():
        own, new = getattr(config, part), tokenizer.config.vqgan
        if own is None:
            raise CelleError("The model reads no nucleus image: leave the tokenizer of the nucleus out.")
        if (own.codes, own.grid) != (new.codes, new.grid):
            raise CelleError(
                f"The model has {own.codes} codes for the {PARTS[part]} and {own.grid} x {own.grid} places, the other "
                f"tokenizer {new.codes} and {new.grid} x {new.grid}. Choose one with as many."
            )


def exchanged(state: Mapping[str, Tensor], tokenizers: Tokenizers) -> dict[str, Tensor]:
    """Return the state of a model in which these tokenizers have taken the place of its own, whose names may differ."""
    given = tokenizers.given()
    own = tuple(f"{part}." for part in given)
    mixed = {name: tensor for name, tensor in state.items() if not name.startswith(own)}
    for part, tokenizer in given.items():
        mixed |= {f"{part}.vqgan.{name}": tensor for name, tensor in tokenizer.tensors.items()}
    return mixed
