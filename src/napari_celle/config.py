"""Sizes of the networks and of a training run: frozen dataclasses that go to JSON and back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self, get_args, get_type_hints

from napari_celle.errors import CelleError

Decoding = Literal["causal", "masked"]
"""One code after another, or many at once."""

Channel = Literal["nucleus", "protein"]
"""What a picture shows."""


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
    for kind in get_args(hint) or (hint,):  # an optional part is a union
        if isinstance(kind, type) and issubclass(kind, _FromDict) and value is not None:
            return kind.from_dict(value)
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class VqganConfig(_FromDict):
    """An image tokenizer; the defaults are those of the published models.

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
    attention : tuple of int
        Levels of these resolutions (edge of the feature map) have an attention block after each residual block.
    z_channels : int
        Channels between the convolutions and the code vectors.
    embed_dim : int
        Length of a code vector.
    codes : int
        Size of the codebook.
    finish : int
        Channels of two last convolutions at full resolution, which hide the edges of the patches; 0 for none.
    """

    image_size: int = 256
    patch: int = 1
    channels: int = 128
    multipliers: tuple[int, ...] = (1, 1, 2, 2, 4)
    blocks: int = 2
    norm_groups: int = 32
    attention: tuple[int, ...] = (16,)
    z_channels: int = 256
    embed_dim: int = 256
    codes: int = 512
    finish: int = 0

    @property
    def grid(self) -> int:
        """Tokens along an edge."""
        return self.resolution(len(self.multipliers) - 1)

    def resolution(self, level: int) -> int:
        """Return the edge of the feature map of a level, 0 being the finest."""
        return self.image_size // self.patch // 2**level


@dataclass(frozen=True, slots=True)
class TokenizerConfig(_FromDict):
    """An image tokenizer by itself, and the pictures that it knows.

    Attributes
    ----------
    vqgan : VqganConfig
        Its size.
    channel : str
        "nucleus" (the reference image of the published models) or "protein".
    pixels : str
        How its pictures are prepared: a name in ``preprocess.RECIPES``.
    threshold : bool
        They are threshold images, by the rule of that recipe; otherwise grey-scale pictures.
    """

    vqgan: VqganConfig
    channel: Channel
    pixels: str = "percentile"
    threshold: bool = False


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
    dropout : float
        In each block, in training; twice that in the summary.
    """

    dim: int = 128
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16)
    kernel: int = 5
    ends: int = 64
    pools: int = 8
    labels: int = 10
    dropout: float = 0.15


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
        Rotary frequencies for each axis of position.
    rotate_values : bool
        The values are turned as queries and keys are (both published models).
    causal : bool
        A token sees itself and those before it only (CELL-E).
    token_shift : bool
        Image tokens take half of their channels from the neighbours above and to the left (CELL-E).
    """

    dim: int = 192
    depth: int = 5
    heads: int = 3
    dim_head: int = 64
    feed_forward: int = 2
    rotary: int = 4
    rotate_values: bool = False
    causal: bool = False
    token_shift: bool = False


@dataclass(frozen=True, slots=True)
class EmbeddingConfig(_FromDict):
    """What gives each residue its vector.

    Attributes
    ----------
    kind : str
        "tape-bert", "unirep", "esm1b", "esm2" (protein language models), "descriptors" (66 physico-chemical values),
        "one-hot", "random" (a table that is trained), "none" (the model reads no sequence) or "array" (the user brings
        the vectors).
    dim : int
        Length of a residue's vector. Where it is not the width of the transformer, a linear layer maps it.
    layers, heads, hidden : int
        Size of a language model, ``hidden`` being the width of its feed-forward; 0 for the others.
    positions, token_types : int
        Rows of the position and token-type tables of "tape-bert" and "esm1b"; 0 for the others.
    """

    kind: str
    dim: int
    layers: int = 0
    heads: int = 0
    hidden: int = 0
    positions: int = 0
    token_types: int = 0


@dataclass(frozen=True, slots=True)
class CelleConfig(_FromDict):
    """A model of the papers: CELL-E ("causal") or CELL-E 2 ("masked"), or a variant of one.

    Attributes
    ----------
    decoding : str
        "causal": one protein token after another (Khwaja et al. 2022); "masked": many at once (Khwaja et al. 2023).
    embedding : EmbeddingConfig
        What gives each residue its vector.
    window : int
        Longest part of a sequence that it reads, in residues.
    reference : VqganConfig or None
        Tokenizer of the second image input, as a rule the nucleus; None for a model without (CELL-E supplement S.2.2).
    protein : VqganConfig
        Tokenizer of the protein image.
    transformer : TransformerConfig
        Its size.
    pixels : str
        How the reference image is prepared: a name in ``preprocess.RECIPES``.
    grey : bool
        The protein image is a grey-scale picture, not a threshold image (CELL-E supplement S.2.3).
    """

    decoding: Decoding
    embedding: EmbeddingConfig
    window: int
    reference: VqganConfig | None
    protein: VqganConfig
    transformer: TransformerConfig
    pixels: str = "celle"
    grey: bool = False


@dataclass(frozen=True, slots=True)
class MiniConfig(_FromDict):
    """celle-mini: two image tokenizers, the residue encoder and the transformer over all tokens."""

    nucleus: VqganConfig
    protein: VqganConfig
    residues: ResidueEncoderConfig
    transformer: TransformerConfig
    residue_window: int = 1000


@dataclass(frozen=True, slots=True)
class TrainConfig(_FromDict):
    """What decides the weights that a training run gives, beside model, data and code.

    Attributes
    ----------
    steps : int
        Optimiser steps.
    batch : int
        Samples that one device takes at once.
    accumulate : int
        Batches whose gradients are added up to one step.
    seed : int
        Seed of first weights, order and chance.
    every : int
        Steps from one checkpoint, validation and set of sample pictures to the next.
    checks : int
        Batches of a validation, shared between the devices.
    precision : str
        As Lightning names it: "bf16-mixed", "16-mixed" or "32-true".
    clip : float
        Longest gradient (2-norm over all weights).
    """

    steps: int
    batch: int = 16
    accumulate: int = 1
    seed: int = 0
    every: int = 500
    checks: int = 10
    precision: str = "bf16-mixed"
    clip: float = 1.0


@dataclass(frozen=True, slots=True)
class VqganLoss(_FromDict):
    """What an image tokenizer is trained for; the defaults are those of Esser et al. 2021, as in both papers.

    Codebook and commitment loss (van den Oord et al. 2017) always count 1 and 0.25.

    Attributes
    ----------
    absolute, squared : float
        Weights of the absolute and squared error of the reconstruction.
    perceptual : float
        Weight of the distance of VGG-16 features; left out where the weights of VGG-16 are not at hand.
    adversary : float
        Weight of the patch discriminator, times what balances its gradient against that of the reconstruction; 0 for
        none.
    adversary_from : int
        Step from which on the discriminator takes part.
    learning_rate : float
        (Highest) learning rate; the papers' is 4.5e-6 times the samples of a step.
    one_cycle : bool
        The learning rate rises and falls once over the run; otherwise it is constant, as in the papers.
    """

    absolute: float = 1.0
    squared: float = 0.0
    perceptual: float = 1.0
    adversary: float = 0.8
    adversary_from: int = 10_000
    learning_rate: float = 7.2e-5
    one_cycle: bool = False


@dataclass(frozen=True, slots=True)
class Hardware(_FromDict):
    """Where a training run computes; it may change from one part of a run to the next.

    Attributes
    ----------
    accelerator : str
        As Lightning names it: "auto", "cpu", "gpu", "mps".
    devices : int
        Devices a computer; 0 for all that there are (with "cpu": one process).
    nodes : int
        Computers.
    workers : int
        Processes a device that make batches; 0 makes them in the training process.
    """

    accelerator: str = "auto"
    devices: int = 0
    nodes: int = 1
    workers: int = 0
