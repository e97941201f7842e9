"""Sizes of the networks and of a training run: frozen dataclasses that go to JSON and back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self, get_type_hints

from napari_celle.errors import CelleError


class _FromDict:
    """To and from plain dictionaries; unknown and missing keys are errors that name them."""

    def to_dict(self) -> dict[str, Any]:
        """Return nested plain values, fit for JSON."""
        return asdict(self)  # type: ignore[call-overload]  # only dataclasses inherit this

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from what :meth:`to_dict` gave.

        Raises
        ------
        CelleError
            If a key is unknown or missing.
        """
        hints = get_type_hints(cls)
        names = [item.name for item in fields(cls)]  # type: ignore[arg-type]
        unknown = sorted(set(values) - set(names))
        missing = sorted(set(names) - set(values))
        if unknown or missing:
            raise CelleError(
                f"The configuration {cls.__name__} does not fit this version: unknown keys {unknown}, missing keys "
                f"{missing}. Take the config.json that came with the weights."
            )
        return cls(**{name: _value(hints[name], values[name]) for name in names})


def _value(hint: Any, value: Any) -> Any:  # noqa: ANN401 - JSON in, field out
    if isinstance(hint, type) and issubclass(hint, _FromDict):
        return hint.from_dict(value)
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class VqganConfig(_FromDict):
    """An image tokenizer (LAYOUT of the published models: 256 pixels, 16 x 16 tokens, 512 codes).

    Attributes
    ----------
    image_size : int
        Edge of the square picture in pixels.
    patch : int
        Pixels along an edge that are folded into channels before the first convolution: 1, as in the published models,
        or an even number.
    channels : int
        Channels of the first level.
    multipliers : tuple of int
        Channels of each level as multiples of ``channels``; each level but the last halves the resolution.
    blocks : int
        Residual blocks a level of the encoder; the decoder has one more.
    norm_groups : int
        Groups of each group normalisation.
    embed_dim : int
        Length of a code vector.
    codes : int
        Size of the codebook.
    """

    image_size: int = 256
    patch: int = 1
    channels: int = 128
    multipliers: tuple[int, ...] = (1, 1, 2, 2, 4)
    blocks: int = 2
    norm_groups: int = 32
    embed_dim: int = 256
    codes: int = 512

    @property
    def grid(self) -> int:
        """Tokens along an edge."""
        return self.image_size // self.patch // 2 ** (len(self.multipliers) - 1)


@dataclass(frozen=True, slots=True)
class ResidueEncoderConfig(_FromDict):
    """The residue encoder of celle-mini: dilated convolutions and a pooled summary of the protein.

    Attributes
    ----------
    dim : int
        Width.
    dilations : tuple of int
        One convolution block each.
    kernel : int
        Residues that a convolution sees (odd).
    ends : int
        So many first and last residues are told how far they are from their terminus.
    pools : int
        Attention poolings in the summary.
    labels : int
        Locations that the summary is trained to tell.
    """

    dim: int = 96
    dilations: tuple[int, ...] = (1, 2, 4, 8)
    kernel: int = 7
    ends: int = 64
    pools: int = 8
    labels: int = 10


@dataclass(frozen=True, slots=True)
class TransformerConfig(_FromDict):
    """A pre-norm transformer with LayerScale and gated feed-forward branches.

    Attributes
    ----------
    dim, depth, heads, dim_head : int
        Width, layers, attention heads and width of a head.
    feed_forward : int
        Hidden width of the feed-forward branch as a multiple of ``dim``.
    rotary : int
        Rotary frequencies for each of the two image axes.
    """

    dim: int = 192
    depth: int = 5
    heads: int = 3
    dim_head: int = 64
    feed_forward: int = 2
    rotary: int = 4


@dataclass(frozen=True, slots=True)
class CelleConfig(_FromDict):
    """A whole model: two image tokenizers, the residue encoder and the transformer over all tokens."""

    nucleus: VqganConfig
    protein: VqganConfig
    residues: ResidueEncoderConfig
    transformer: TransformerConfig
    residue_window: int = 1000
