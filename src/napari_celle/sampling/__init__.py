"""Logits to tokens through a ``logits_fn``; knows no model."""

from napari_celle.sampling.masked import Decoded, OnCodes, decode

__all__ = ["Decoded", "OnCodes", "decode"]
