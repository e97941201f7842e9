"""Names of the tensors: those in the checkpoints of the papers, and ours."""

import re
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from napari_celle.config import CelleConfig, VqganConfig
from napari_celle.errors import WeightsError
from napari_celle.models.embedder import embedder_keys
from napari_celle.models.embedder import is_ignored as is_ignored_by_embedder

PREFIX = "celle."
_IGNORED = re.compile(
    r"(^|.*\.)loss\..*"  # of the VQGANs' training: perceptual loss and discriminator
    r"|celle\.transformer\.(text_pos_emb|img_axial_pos_emb)\.freqs"  # in the table of angles already
)
_FUSED = ("q", "k", "v")


def is_ignored(key: str) -> bool:
    """Tell whether a tensor of a published checkpoint is not needed to run the model."""
    text = PREFIX + "text_emb."
    return bool(_IGNORED.match(key)) or (key.startswith(text) and is_ignored_by_embedder(key.removeprefix(text)))


def published_names(config: CelleConfig, *, embedder: bool = True) -> dict[str, tuple[str, ...]]:
    """Return the published names of each of our tensors; several are stacked along the first axis.

    Parameters
    ----------
    config : CelleConfig
        The model.
    embedder : bool
        With the tensors of the language model; they may come from elsewhere.
    """
    names: dict[str, tuple[str, ...]] = {}
    for ours, theirs, vqgan in (
        ("reference", "condition_vae", config.reference),
        ("protein", "vae", config.protein),
    ):
        if vqgan is not None:
            for key, parts in vqgan_names(vqgan).items():
                names[f"{ours}.vqgan.{key}"] = tuple(f"{PREFIX}{theirs}.model.{part}" for part in parts)
    for layer in range(config.transformer.depth):
        names |= _layer_names(layer, config.decoding)
    names |= {ours: (PREFIX + theirs,) for ours, theirs in _head_names(config)}
    if embedder:
        text = PREFIX + "text_emb."
        names |= {f"embedder.{ours}": (text + theirs,) for ours, theirs in embedder_keys(config.embedding).items()}
    return names


def to_ours(tensors: Mapping[str, Tensor], config: CelleConfig, *, embedder: bool = True) -> dict[str, Tensor]:
    """Return the tensors of a published CELL-E or CELL-E 2 checkpoint under our names, as views where possible.

    Parameters
    ----------
    tensors : Mapping of str to Tensor
        Its ``state_dict``.
    config, embedder
        As in :func:`published_names`.

    Raises
    ------
    WeightsError
        Naming what is missing or unexpected.
    """
    return _renamed(tensors, published_names(config, embedder=embedder))


def vqgan_to_ours(tensors: Mapping[str, Tensor], config: VqganConfig) -> dict[str, Tensor]:
    """Return the tensors of a VQGAN checkpoint by itself under our names; errors as :func:`to_ours`."""
    return _renamed(tensors, vqgan_names(config))


def _renamed(tensors: Mapping[str, Tensor], names: Mapping[str, tuple[str, ...]]) -> dict[str, Tensor]:
    wanted = {part for parts in names.values() for part in parts}
    missing = sorted(wanted - tensors.keys())
    unexpected = sorted(key for key in tensors.keys() - wanted if not is_ignored(key))
    if missing or unexpected:
        raise WeightsError(
            f"The checkpoint does not fit its configuration: {_some(missing)} missing, {_some(unexpected)} unexpected. "
            "Give the configuration files that were published with it."
        )
    return {ours: _value(ours, [tensors[part] for part in parts]) for ours, parts in names.items()}


def _some(names: list[str]) -> str:
    return f"{len(names)}" + (f" ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})" if names else "")


def _value(ours: str, parts: list[Tensor]) -> Tensor:
    if ours == "angles":
        return parts[0][0, :, ::2]  # (1, N, 2 A), each angle twice, to (N, A)
    if ours.endswith("_scale"):
        return parts[0].flatten()  # (1, 1, dim)
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def _head_names(config: CelleConfig) -> Iterator[tuple[str, str]]:
    masked = config.decoding == "masked"
    table = "image_embedding.weight" if masked else "weight"
    if config.reference is not None:
        yield "reference_embedding.weight", f"condition_emb.{table}"
    yield "protein_embedding.weight", f"image_emb.{table}"
    yield "angles", "transformer.pos_emb"
    for end in ("weight", "bias"):
        yield f"transformer.norm.{end}", f"to_logits.0.{end}"
        yield f"head.{end}", f"to_logits.1.{end}"
        if config.embedding.dim != config.transformer.dim:
            yield f"project.{end}", f"text_emb.scale_layer.{end}"
    if masked:
        yield "separator", "sep_emb.weight"


_BRANCHES = {"causal": ("0.fn.fn.fn.fn.fn", "1.fn.fn.fn.fn"), "masked": ("0.fn.fn", "1.fn.fn")}
"""How deep CELL-E and CELL-E 2 nest the attention and the feed-forward branch of a layer."""


def _layer_names(layer: int, decoding: str) -> dict[str, tuple[str, ...]]:
    """Return the names of a transformer layer."""
    ours, theirs = f"transformer.layers.{layer}", f"{PREFIX}transformer.layers.layers.{layer}"
    attention, feed_forward = (f"{theirs}.{branch}" for branch in _BRANCHES[decoding])
    names = {
        "attention_scale": f"{theirs}.0.scale",
        "feed_forward_scale": f"{theirs}.1.scale",
        "attention.to_qkv.weight": f"{attention}.to_qkv.weight",
    }
    for end in ("weight", "bias"):
        names |= {
            f"attention_norm.{end}": f"{theirs}.0.fn.norm.{end}",
            f"feed_forward_norm.{end}": f"{theirs}.1.fn.norm.{end}",
            f"attention.to_out.{end}": f"{attention}.to_out.0.{end}",
            f"feed_forward.wide.{end}": f"{feed_forward}.net.0.{end}",
            f"feed_forward.narrow.{end}": f"{feed_forward}.net.3.{end}",
        }
    return {f"{ours}.{key}": (name,) for key, name in names.items()}


def vqgan_names(config: VqganConfig) -> dict[str, tuple[str, ...]]:
    """Return the published names of each of our tensors of an image tokenizer."""
    names: dict[str, tuple[str, ...]] = {"quantizer.embedding.weight": ("quantize.embedding.weight",)}
    # the first of our encoder and the last of our decoder fold and unfold patches, and hold no tensors
    for half, modules, first in (("encoder", _encoder(config), 1), ("decoder", _decoder(config), 0)):
        for place, (kind, theirs) in enumerate(modules, start=first):
            for ours, parts in _PARTS[kind].items():
                for end in ("weight", "bias"):
                    names[f"{half}.{place}.{ours}{end}"] = tuple(f"{theirs}{part}.{end}" for part in parts)
    return names


_RESIDUAL: dict[str, tuple[str, ...]] = {f"{part}.": (f".{part}",) for part in ("norm1", "norm2", "conv1", "conv2")}
_PARTS: dict[str, dict[str, tuple[str, ...]]] = {
    "plain": {"": ("",)},
    "sampling": {"conv.": (".conv",)},
    "nothing": {},
    "residual": _RESIDUAL,
    "widening": _RESIDUAL | {"shortcut.": (".nin_shortcut",)},
    "attention": {
        "norm.": (".norm",),
        "to_qkv.": tuple(f".{part}" for part in _FUSED),
        "to_out.": (".proj_out",),
    },
}
"""Kind of a module to the tensors in it: our name to the published ones."""

Module = tuple[str, str]
"""Kind of a module, and its published name."""


def _middle(half: str) -> list[Module]:
    middle = f"{half}.mid"
    return [
        ("residual", f"{middle}.block_1"),
        ("attention", f"{middle}.attn_1"),
        ("residual", f"{middle}.block_2"),
    ]


def _level(config: VqganConfig, level: int, *, name: str, width: int, blocks: int) -> list[Module]:
    """Return the blocks of a level that is entered with ``width`` times the channels of the first."""
    modules: list[Module] = []
    for block in range(blocks):
        modules.append(("widening" if width != config.multipliers[level] else "residual", f"{name}.block.{block}"))
        width = config.multipliers[level]
        if config.resolution(level) in config.attention:
            modules.append(("attention", f"{name}.attn.{block}"))
    return modules


def _encoder(config: VqganConfig) -> list[Module]:
    """Return the modules of the encoder in the order in which they run."""
    modules: list[Module] = [("plain", "encoder.conv_in")]
    width, last = 1, len(config.multipliers) - 1
    for level, multiplier in enumerate(config.multipliers):
        name = f"encoder.down.{level}"
        modules += _level(config, level, name=name, width=width, blocks=config.blocks)
        modules += [("sampling", f"{name}.downsample")] if level < last else []
        width = multiplier
    ends: list[Module] = [("plain", "encoder.norm_out"), ("nothing", ""), ("plain", "encoder.conv_out")]
    return [*modules, *_middle("encoder"), *ends, ("plain", "quant_conv")]


def _decoder(config: VqganConfig) -> list[Module]:
    """Return the modules of the decoder in the order in which they run; its last level comes first."""
    modules: list[Module] = [("plain", "post_quant_conv"), ("plain", "decoder.conv_in"), *_middle("decoder")]
    width = config.multipliers[-1]
    for level, multiplier in reversed(list(enumerate(config.multipliers))):
        name = f"decoder.up.{level}"
        modules += _level(config, level, name=name, width=width, blocks=config.blocks + 1)
        modules += [("sampling", f"{name}.upsample")] if level > 0 else []
        width = multiplier
    return [*modules, ("plain", "decoder.norm_out"), ("nothing", ""), ("plain", "decoder.conv_out")]
