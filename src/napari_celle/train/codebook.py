"""A picture of a codebook: what each code looks like, and how often it is used (as figures S.7 and S.9 of CELL-E)."""

from math import ceil
from pathlib import Path

import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from napari_celle.nn.vqgan import Vqgan
from napari_celle.train.samples import save_png

_AROUND = 4  # codes along an edge that are decoded together, for what a code looks like among its like
_COLUMNS = 32
_SUMMARY = "{used:.0%} of {codes} codes used, as many as {evenly:.0f} used evenly"


@torch.inference_mode()
def code_pictures(vqgan: Vqgan, *, batch: int = 64) -> np.ndarray:
    """Decode each code among copies of itself.

    Returns
    -------
    np.ndarray
        (codes, P, P) float32 in [0, 1]; P is twice the pixels of a token: the middle of 4 x 4 equal tokens.
    """
    config, device = vqgan.config, vqgan.quantizer.embedding.weight.device
    pixels = config.image_size // config.grid
    found = []
    for ids in torch.arange(config.codes, device=device).split(batch):
        vectors = vqgan.quantizer.vectors(ids[:, None, None].expand(-1, _AROUND, _AROUND))
        found.append(vqgan.decode(vectors)[:, 0, pixels : 3 * pixels, pixels : 3 * pixels].float().clamp(0, 1))
    return torch.cat(found).numpy(force=True)


def draw_codebook(pictures: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Draw all codes, the most used first, over a histogram of their use.

    Parameters
    ----------
    pictures : np.ndarray
        (codes, P, P) float in [0, 1], see :func:`code_pictures`.
    counts : np.ndarray
        (codes,) how often each is used.

    Returns
    -------
    np.ndarray
        (Y, X, 3) uint8.
    """
    order = np.argsort(-counts, kind="stable")
    figure = Figure(figsize=(10, 9), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, height_ratios=(3, 1))
    above.imshow(_sheet(pictures[order]), cmap="gray", vmin=0, vmax=1)
    above.set_axis_off()
    above.set_title("Each code, the most used first")
    below.bar(np.arange(len(counts)), counts[order] / max(1, counts.sum()), width=1.0)
    below.set(xlabel="code, by use", ylabel="share of all tokens", title=_summary(counts))
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def save_codebook(vqgan: Vqgan, counts: np.ndarray, path: Path) -> None:
    """Write the picture of :func:`draw_codebook` as PNG."""
    save_png(draw_codebook(code_pictures(vqgan), counts), path)


def _sheet(pictures: np.ndarray) -> np.ndarray:
    """Lay pictures (N, P, P) out in rows, white lines between: (Y, X)."""
    columns = min(_COLUMNS, len(pictures))
    framed = np.pad(pictures, ((0, -len(pictures) % columns), (0, 1), (0, 1)), constant_values=1.0)
    rows = framed.reshape(ceil(len(pictures) / columns), columns, *framed.shape[1:])
    return rows.swapaxes(1, 2).reshape(len(rows) * framed.shape[1], -1)


def _summary(counts: np.ndarray) -> str:
    shares = counts[counts > 0] / max(1, counts.sum())
    evenly = np.exp(-(shares * np.log(shares)).sum())  # perplexity
    return _SUMMARY.format(used=(counts > 0).mean(), codes=len(counts), evenly=evenly)
