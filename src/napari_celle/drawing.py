"""Residues and reference pixels to the pictures that a network draws, in its own frame."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from napari_celle.models.heatmap import HEATMAPS
from napari_celle.models.network import Network
from napari_celle.models.tokenizer import ImageTokenizer
from napari_celle.stages import Stages
from napari_celle.types import SamplingOptions

PRESENT = 0.5
"""Threshold images are drawn between 0 and 1: the protein is where they are above this."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What a network drew in its own frame of (size, size) model pixels.

    Attributes
    ----------
    tokens : np.ndarray
        (grid, grid) int64 codes.
    threshold : np.ndarray
        (size, size) uint8, 0 and 1.
    heatmap : np.ndarray
        (size, size) float32 in [0, 1]; NaN where a faithful model gives NaN.
    image : np.ndarray or None
        (size, size) float32 in [0, 1], of a network that draws grey pictures.
    """

    tokens: np.ndarray
    threshold: np.ndarray
    heatmap: np.ndarray
    image: np.ndarray | None


@torch.inference_mode()
def draw(
    network: Network,
    residues: np.ndarray,
    pixels: np.ndarray,
    *,
    options: SamplingOptions,
    device: str,
    stages: Stages,
    on_sketch: Callable[[np.ndarray], None] | None = None,
) -> Drawn:
    """Draw where the protein goes.

    Parameters
    ----------
    network : Network
        On ``device``.
    residues : np.ndarray
        (T,) int64 residue ids, or (L, D) float vectors of the residues.
    pixels : np.ndarray
        (size, size) float32 reference image, prepared for this network.
    options : SamplingOptions
        Without None.
    device : str
        As torch names it.
    stages : Stages
        Told of each stage.
    on_sketch : callable or None
        Shown the picture, (size, size) float32 in [0, 1], before each pass but the first; NaN where nothing is drawn.
    """

    def show(codes: Tensor, known: Tensor) -> None:
        if on_sketch is not None:
            on_sketch(_sketch(network.protein, codes, known))

    stages.enter("encoding the nucleus")
    reference = network.encode_reference(torch.from_numpy(pixels).to(device)[None, None])  # (1, 256)
    stages.enter("reading the protein")
    read = torch.from_numpy(residues).to(device)[None]
    embedded = network.embed(read) if residues.ndim == 1 else network.embed_vectors(read)  # (1, T, dim)
    stages.enter("placing the protein")
    noise = network.noise([torch.Generator().manual_seed(options.seed)])
    decoded = network.generate(
        embedded,
        reference,
        sampling=options,
        noise=noise,
        on_layer=stages.tell,
        on_codes=None if on_sketch is None else show,
    )
    stages.enter("drawing the picture")
    picture = network.protein.decode(decoded.tokens)[0]  # (S, S)
    heatmap = HEATMAPS[network.decoding, options.pdf or "paper"](network.protein, decoded, faithful=network.faithful)
    grid, image = network.protein.grid, picture.clamp(0, 1) if network.grey else None
    threshold = picture > PRESENT if image is None else image > image.mean()
    return Drawn(
        tokens=decoded.tokens[0].reshape(grid, grid).cpu().numpy(),
        threshold=threshold.to(torch.uint8).cpu().numpy(),
        heatmap=heatmap[0].float().cpu().numpy(),
        image=None if image is None else image.float().cpu().numpy(),
    )


def _sketch(tokenizer: ImageTokenizer, codes: Tensor, known: Tensor) -> np.ndarray:
    """Return the picture (size, size) of the known ones of the codes (1, N); NaN where the others lie."""
    common = codes[known].mode().values  # what is unknown looks like most of the rest, as its neighbours see it
    picture = tokenizer.decode(torch.where(known, codes, common))[0].clamp(0, 1)  # (S, S)
    block = len(picture) // tokenizer.grid
    drawn = known[0].reshape(tokenizer.grid, -1).repeat_interleave(block, 0).repeat_interleave(block, 1)
    return picture.float().masked_fill(~drawn, float("nan")).cpu().numpy()
