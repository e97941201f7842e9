"""What both kinds of models give: the same questions as were asked of the authors' code, with its oddities."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from parity_compare import Value
from parity_folder import Case
from parity_inputs import nearest, noise, tokens
from torch import Tensor

from napari_celle.models.checkpoints import store
from napari_celle.models.checkpoints.install import ImportOptions, import_model
from napari_celle.models.published import PublishedCelle
from napari_celle.models.registry import load_model
from napari_celle.nn.transformer import Layer
from napari_celle.sampling.filters import published_top_k
from napari_celle.types import Faithful, SamplingOptions

Compute = Callable[[str], dict[str, Value]]
"""From the name of a file of arrays to what we make of it."""


def load(case: Case, faithful: Faithful) -> PublishedCelle:
    """Return a model, its checkpoint imported as a user does."""
    name = re.sub(r"[^A-Za-z0-9_-]", "-", case.name)
    if not store.is_installed(name):
        text = case.meta["text_model"]
        heads = text["heads"] if case.kind == "celle2" else text["num_attention_heads"]
        import_model(case.path, ImportOptions(name=name, heads=heads))
    return load_model(name, device="cpu", faithful=faithful).network


@contextmanager
def two_threads() -> Iterator[None]:
    """Draw pictures with two threads, as the authors' code did.

    The normalisation of the decoder adds up in an order that depends on the number of threads: pictures that reach 6
    move by 2e-4, twice the tolerance, and those of the authors' code are as far from what exact arithmetic gives.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@dataclass
class Inputs:
    """What is given to a model: recorded pictures as tensors, codes that are encoded of them."""

    case: Case
    network: PublishedCelle

    @cached_property
    def pictures(self) -> dict[str, Tensor]:
        """Nuclei and threshold images, each (n, 1, S, S)."""
        arrays = self.case.read("inputs")
        return {name: torch.from_numpy(arrays[name]) for name in ("nucleus", "threshold")}

    @cached_property
    def codes(self) -> dict[str, Tensor]:
        """Codes of all nuclei and threshold images, each (n, 256), encoded one by one."""
        return {
            "nucleus": torch.cat([self.network.encode_reference(each[None]) for each in self.pictures["nucleus"]]),
            "threshold": torch.cat([self.network.protein.encode(each[None]) for each in self.pictures["threshold"]]),
        }

    def nucleus(self, noted: dict[str, Any]) -> Tensor:
        """Return the codes (1, 256) of the nucleus of a recorded run: the last one with noise, the first without."""
        return self.codes["nucleus"][-1:] if "noise_seed" in noted else self.codes["nucleus"][:1]

    def closest(self, pictures: str, recorded: np.ndarray, *, mask_id: int | None = None) -> Tensor:
        """Return the codes (1, 256) of the picture that was given to the authors' code, masked where it was."""
        masked = torch.from_numpy(recorded == mask_id) if mask_id is not None else torch.tensor(False)
        candidates = [codes[None].masked_fill(masked, mask_id or 0) for codes in self.codes[pictures]]
        return torch.from_numpy(nearest(recorded, [each.numpy() for each in candidates]))

    def residues(self, recorded: np.ndarray) -> np.ndarray:
        """Return those of our residue ids (1, T) that were given to the authors' code."""
        return nearest(recorded, list(tokens(self.case).values()))


@two_threads()
def tokenizers(inputs: Inputs) -> dict[str, Value]:
    """Return what both image tokenizers make of all pictures, in one batch as in the authors' code (it rounds so)."""
    values: dict[str, Value] = {}
    for name, pictures, tokenizer in (
        ("nucleus", inputs.pictures["nucleus"], inputs.network.reference),
        ("image", inputs.pictures["threshold"], inputs.network.protein),
    ):
        codes = tokenizer.encode(pictures)
        grid = codes[:1].unflatten(1, (tokenizer.grid, tokenizer.grid))
        values |= {
            f"{name}_indices": codes.numpy(),
            f"{name}_before_quantisation": tokenizer.vqgan.features(pictures[:1]).numpy(),
            f"{name}_quantised": tokenizer.vqgan.quantizer.vectors(grid).numpy(),
            f"{name}_reconstruction": tokenizer.decode(codes)[:, None].numpy(),
        }
    return values


class Recorder:
    """Keeps what passes through the transformer: its output before the last norm, and two parts of its first layer."""

    def __init__(self, network: PublishedCelle) -> None:
        layer: Layer = network.transformer.layers[0]
        self.values: dict[str, np.ndarray] = {}

        def encoding(module: torch.nn.Module, args: tuple[Tensor, ...]) -> None:
            self.values["encoding"] = args[0].numpy()

        def branch(module: torch.nn.Module, args: tuple[Tensor, ...], out: Tensor) -> None:
            self.values["layer0_feed_forward_branch"] = (layer.feed_forward_scale * out).numpy()

        def attention(module: torch.nn.Module, args: tuple[Tensor, ...], out: Tensor) -> None:
            self.values["layer0_attention_last_row"] = layer.attention.weights(*args[:2])[:, :, -1].numpy()

        self._hooks = (
            network.transformer.norm.register_forward_pre_hook(encoding),
            layer.feed_forward.register_forward_hook(branch),
            layer.attention.register_forward_hook(attention),
        )

    def __enter__(self) -> dict[str, np.ndarray]:
        return self.values

    def __exit__(self, *error: object) -> None:
        for hook in self._hooks:
            hook.remove()


class RecordedNoise:
    """The noise that was given to the authors' code, one pass after another; none without a seed.

    Parameters
    ----------
    noted : dict
        What ``meta.json`` says of the file: "noise_seed" and "noise_shape", or neither.
    cut : tuple of slice
        The part of a pass that belongs to the scores.
    """

    def __init__(self, noted: dict, *, cut: tuple[slice, ...]) -> None:
        drawn = noise(noted["noise_seed"], tuple(noted["noise_shape"])) if "noise_seed" in noted else None
        self._passes, self._cut, self.used = drawn, cut, 0

    def __call__(self, scores: Tensor) -> Tensor:
        """Return the noise of the next pass, in the shape of the scores (B, ...)."""
        self.used += 1
        if self._passes is None:
            return torch.zeros_like(scores)
        return torch.from_numpy(self._passes[self.used - 1][self._cut].copy()).reshape(scores.shape)


def options(noted: dict, *, columns: int, filter_thres: float) -> SamplingOptions:
    """Return the options of a recorded run; ``filter_thres`` is its model's default, ``columns`` its vocabulary."""
    return SamplingOptions(
        steps=noted.get("timesteps"),
        temperature=noted.get("temperature", 1.0),
        top_k=published_top_k(noted.get("filter_thres", filter_thres), columns),
    )
