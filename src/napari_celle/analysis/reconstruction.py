"""How well a model's image tokenizer gives back the pictures that it was given, and how many of its codes it uses."""

from dataclasses import asdict, dataclass

import numpy as np
import torch

from napari_celle.drawing import PRESENT
from napari_celle.metrics import threshold_pixel_accuracy
from napari_celle.models.tokenizer import ImageTokenizer

AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """Figures of the tokenizer of protein images.

    Attributes
    ----------
    pixel_accuracy : float
        Share of pixels of threshold images that come back as they were.
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
    """Encode and decode threshold images.

    Parameters
    ----------
    tokenizer : ImageTokenizer
        On ``device``.
    pictures : np.ndarray
        (N, S, S) bool, one or more; the more, the more codes occur.
    device : str
        As torch names it.
    """
    used, right = set[int](), []
    for start in range(0, len(pictures), AT_ONCE):
        batch = pictures[start : start + AT_ONCE]
        ids = tokenizer.encode(torch.from_numpy(batch).to(device, torch.float32).unsqueeze(1))
        used |= set(ids.flatten().tolist())
        decoded = (tokenizer.decode(ids) > PRESENT).cpu().numpy()
        right += [threshold_pixel_accuracy(*pair) for pair in zip(decoded, batch, strict=True)]
    return Reconstruction(pixel_accuracy=float(np.mean(right)), codes=tokenizer.codes, codes_used=len(used))
