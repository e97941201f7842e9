"""How well an image tokenizer gives back the pictures that it was given, and how many of its codes it uses."""

from dataclasses import asdict, dataclass

import numpy as np
import torch

from napari_celle.data.simulated import SimulatedCells
from napari_celle.drawing import PRESENT
from napari_celle.metrics import threshold_pixel_accuracy
from napari_celle.models.mini import MiniCelle
from napari_celle.models.network import Network
from napari_celle.models.tokenizer import ImageTokenizer

AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """Figures of a tokenizer.

    Attributes
    ----------
    pixel_accuracy : float
        Of threshold images the share of pixels that come back as they were; of gray ones, one minus the mean absolute
        difference.
    codes, codes_used : int
        Size of the codebook, and codes that occurred.
    """

    pixel_accuracy: float
    codes: int
    codes_used: int

    @property
    def codebook_usage(self) -> float:
        """Part of the codes that occurred."""
        return self.codes_used / self.codes

    def to_dict(self) -> dict[str, float]:
        """Return plain values for JSON."""
        return {**asdict(self), "codebook_usage": self.codebook_usage}


@torch.inference_mode()
def reconstruction(tokenizer: ImageTokenizer, pictures: np.ndarray, *, device: str) -> Reconstruction:
    """Encode and decode pictures.

    Parameters
    ----------
    tokenizer : ImageTokenizer
        On ``device``.
    pictures : np.ndarray
        (N, S, S), one or more; the more, the more codes occur. Threshold images are bool, gray ones float in [0, 1].
    device : str
        As torch names it.
    """
    used, right = set[int](), []
    for start in range(0, len(pictures), AT_ONCE):
        batch = pictures[start : start + AT_ONCE]
        ids = tokenizer.encode(torch.from_numpy(batch).to(device, torch.float32).unsqueeze(1))
        used |= set(ids.flatten().tolist())
        decoded = tokenizer.decode(ids).clamp(0, 1).cpu().numpy()
        right += [_accuracy(*pair) for pair in zip(decoded, batch, strict=True)]
    return Reconstruction(pixel_accuracy=float(np.mean(right)), codes=tokenizer.codes, codes_used=len(used))


def reconstructions(network: Network, cells: SimulatedCells, *, device: str) -> dict[str, Reconstruction]:
    """Measure the image tokenizers of a network on drawn cells.

    Returns
    -------
    dict
        ``reconstruction``, of the protein's threshold images, and of celle-mini ``reconstruction_nucleus`` too.
    """
    found = {"reconstruction": reconstruction(network.protein, cells.threshold, device=device)}
    if isinstance(network, MiniCelle):  # drawn nuclei are prepared as it wants them
        gray = cells.nucleus.astype(np.float32) / 255
        found["reconstruction_nucleus"] = reconstruction(network.nucleus, gray, device=device)
    return found


def _accuracy(decoded: np.ndarray, picture: np.ndarray) -> float:
    if picture.dtype == bool:
        return threshold_pixel_accuracy(decoded > PRESENT, picture)
    return float(1 - np.abs(decoded - picture).mean())
