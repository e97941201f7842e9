"""Pairs of pictures as a model sees them: crops, flipped and turned, prepared as for a prediction."""

import numpy as np

from napari_celle.data.pairs import Pairs
from napari_celle.preprocess import RECIPES, THRESHOLDS
from napari_celle.train.views import draw_view, middle


class Crops:
    """Samples for :class:`napari_celle.train.tokens.PublishedBatches`, made into tokens by the training itself.

    What is seen of a pair differs from pass to pass, so its tokens do, too: the image tokenizers encode every batch.
    With tokenizers of the published size that is about a fifth of a training step, with those of celle-mini nothing.

    Parameters
    ----------
    pairs : Pairs
        Pictures of at least the model's size.
    size : int
        Edge of the model in pixels.
    pixels : str
        How the pictures are prepared: a name in ``preprocess.RECIPES``.
    grey : bool
        The protein image stays grey; otherwise it becomes the recipe's threshold image.
    augment : bool
        Crops from anywhere in one of eight orientations, as the papers have it; otherwise the middle as it is.
    """

    def __init__(self, pairs: Pairs, *, size: int, pixels: str, grey: bool = False, augment: bool = True) -> None:
        self.pairs, self.size, self.recipe = pairs, size, RECIPES[pixels]
        self.grey, self.augment = grey, augment
        self.sequences = tuple(pairs.sequences)

    def __len__(self) -> int:
        return len(self.sequences)

    def fingerprint(self) -> str:
        """Return the SHA-256 over pictures and sequences."""
        return self.pairs.fingerprint()

    def pictures(self, chosen: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return nucleus and protein pixels, each (B, 1, S, S) float32, of the pairs ``chosen`` (B,)."""
        pairs = [self._seen(*self.pairs.read(int(index)), rng) for index in chosen]
        nucleus, protein = (np.stack(pictures)[:, None] for pictures in zip(*pairs, strict=True))
        return nucleus, protein

    def _seen(
        self, nucleus: np.ndarray, protein: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        view = draw_view(nucleus.shape, self.size, rng) if self.augment else middle(nucleus.shape, self.size)
        return self._prepared(view.of(nucleus)), self._protein(view.of(protein))

    def _prepared(self, picture: np.ndarray) -> np.ndarray:
        return self.recipe.prepare(picture.astype(np.float32), dtype=picture.dtype)

    def _protein(self, picture: np.ndarray) -> np.ndarray:
        if self.grey:
            return self._prepared(picture)
        pixels = picture.astype(np.float32)
        return pixels if picture.dtype == bool else THRESHOLDS[self.recipe.threshold](pixels)
