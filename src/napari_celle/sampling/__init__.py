"""Logits to tokens through a ``logits_fn``; knows no model."""

from napari_celle.sampling.masked import Decoded, decode

__all__ = ["Decoded", "decode"]
