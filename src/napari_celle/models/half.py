"""Half precision where it costs little: the large layers of the transformers keep their weights in two bytes."""

from typing import Any

import torch
from torch import Tensor, nn

_WIDE = ("transformer", "embedder", "encoder")
"""Parts of a network that may be narrowed. The image tokenizers may not: they look for the nearest code."""

_TOLERANCE = 0.05


def half_precision(device: str) -> str | None:
    """Return the half precision that a device computes with, "bfloat16" or "float16"; None if with neither.

    It is tried, not looked up: what torch, the driver and the hardware can do together is known to none of them.
    """
    values = torch.linspace(-1, 1, 64).reshape(8, 8)
    for name in ("bfloat16", "float16"):
        dtype = getattr(torch, name)
        try:
            product = (values.to(device, dtype) @ values.to(device, dtype)).float().cpu()
        except (RuntimeError, TypeError):  # how torch says that it cannot
            continue
        if torch.allclose(product, values @ values, atol=_TOLERANCE):
            return name
    return None


def narrow(network: nn.Module, precision: str) -> None:
    """Keep the weights of the large layers in half precision, in place.

    Only matrix products of the transformers, and of the language model, are computed so. What is added up, normalised
    and chosen stays float32, as do the image tokenizers and the last layers, which give the logits.

    Parameters
    ----------
    network : nn.Module
        A network of CELL-E's family.
    precision : str
        As :func:`half_precision` returns it.
    """
    dtype = getattr(torch, precision)
    for part in _WIDE:
        for layer in getattr(network, part, nn.Module()).modules():
            if type(layer) is nn.Linear:
                layer.to(dtype)
                layer.register_forward_pre_hook(_to_weights)
                layer.register_forward_hook(_to_float)


def _to_weights(layer: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    weight: Any = layer.weight
    return tuple(values.to(weight.dtype) for values in inputs)


def _to_float(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
    return output.float()
