"""Distances between many predicted and many real pictures, by what a network sees in them."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.special import softmax
from torch import Tensor, nn

from napari_celle.analysis.tables import for_json
from napari_celle.errors import CelleError, WeightsError
from napari_celle.files.hashing import file_sha256
from napari_celle.metrics import frechet_distance, inception_score
from napari_celle.models.checkpoints.store import store_folder
from napari_celle.models.tokenizer import ImageTokenizer

INCEPTION_FILE = "weights-inception-2015-12-05-6726825d.pth"
"""Weights of the Inception network of the FID; the end of the name is the beginning of the file's SHA-256."""

AT_ONCE = 16


@dataclass(frozen=True, slots=True, eq=False)
class InceptionOutputs:
    """What the Inception network of the FID makes of N pictures.

    Attributes
    ----------
    features : np.ndarray
        (N, 2048) float64, of its last pooling layer.
    probabilities : np.ndarray
        (N, 1008) float64 class probabilities, without the bias of the last layer, as the Inception score is computed.
    """

    features: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True, slots=True)
class InceptionFigures:
    """Figures of predicted pictures; NaN where there are too few.

    Attributes
    ----------
    n : int
        Predicted pictures.
    frechet_distance : float
        FID of predicted and real pictures.
    score, score_sd : float
        Inception score of the predicted pictures over ten parts.
    """

    n: int
    frechet_distance: float
    score: float
    score_sd: float

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON; None instead of NaN."""
        return for_json(asdict(self))


def inception_figures(
    predicted: np.ndarray, truth: np.ndarray, *, weights: Path | None = None, device: str = "cpu", seed: int = 0
) -> InceptionFigures:
    """Measure predicted pictures with the Inception network, as papers print FID and IS.

    The network knows photographs, 299 pixels wide: figures of cells can be compared with each other, for equally many
    pictures (see :func:`napari_celle.metrics.frechet_distance`), and not with those of photographs.

    Parameters
    ----------
    predicted, truth : np.ndarray
        (N, Y, X) and (M, Y, X) grey pictures in [0, 1], or threshold images.
    weights, device
        As for :func:`inception_outputs`.
    seed : int
        Deals the pictures out to the parts of the Inception score.

    Raises
    ------
    CelleError
        As :func:`inception_outputs`.
    """
    network = load_inception(weights, device=device)
    ours, theirs = (inception_outputs(pictures, network, device=device) for pictures in (predicted, truth))
    score, deviation = inception_score(ours.probabilities, rng=np.random.default_rng(seed))
    return InceptionFigures(
        n=len(ours.features),
        frechet_distance=frechet_distance(ours.features, theirs.features),
        score=score,
        score_sd=deviation,
    )


@torch.inference_mode()
def inception_outputs(pictures: np.ndarray, network: nn.Module, *, device: str = "cpu") -> InceptionOutputs:
    """Show pictures to the Inception network.

    Parameters
    ----------
    pictures : np.ndarray
        (N, Y, X) grey pictures in [0, 1], or threshold images.
    network : nn.Module
        From :func:`load_inception`.
    device : str
        Where it lies, as torch names it.

    Raises
    ------
    CelleError
        If these are no such pictures.
    """
    grey = torch.from_numpy((_grey(pictures) * 255).round().astype(np.uint8)).unsqueeze(1)  # (N, 1, Y, X)
    batches = [network(batch.expand(-1, 3, -1, -1).to(device)) for batch in _batches(grey)]
    features = torch.cat(batches).double()  # (N, 2048)
    logits = features @ network.get_parameter("fc.weight").double().T  # (N, 1008)
    return InceptionOutputs(features.cpu().numpy(), softmax(logits.cpu().numpy(), axis=1))


def load_inception(weights: Path | None = None, *, device: str = "cpu") -> nn.Module:
    """Load the Inception network of the FID, of which torchmetrics knows the layers; nothing is downloaded.

    Parameters
    ----------
    weights : Path or None
        ``weights-inception-2015-12-05-6726825d.pth``; None looks for it in the user's folder of weights, then where
        torch keeps what it downloads.
    device : str
        As torch names it.

    Raises
    ------
    CelleError
        If torchmetrics is not installed with what it needs for pictures.
    WeightsError
        If the file is missing or another one.
    """
    try:
        from torchmetrics.image.fid import NoTrainInceptionV3

        path = _inception_file(weights)
        torch.load(path, map_location="cpu", weights_only=True)  # refuses code; torch-fidelity would run it
        network: nn.Module = NoTrainInceptionV3("inception-v3-compat", ["2048"], str(path))
    except ImportError:  # torchmetrics raises it of torch-fidelity, too
        raise CelleError(
            "The Inception network needs torchmetrics. Install it with: pip install 'napari-celle[evaluate]'. "
            "The Fréchet distance over our own image tokenizer works without."
        ) from None
    return network.to(device)


def vqgan_frechet_distance(
    predicted: np.ndarray, truth: np.ndarray, tokenizer: ImageTokenizer, *, device: str = "cpu"
) -> float:
    """Return the Fréchet distance of two sets of pictures, by the features of a protein tokenizer; needs no download.

    Distances by different tokenizers cannot be compared, nor those of differently many pictures: with fewer pictures
    than features (celle-mini: 32) the distance is mostly that of the small numbers.

    Parameters
    ----------
    predicted, truth : np.ndarray
        (N, S, S) and (M, S, S) protein pictures, float in [0, 1] or threshold images, of the tokenizer's size.
    tokenizer : ImageTokenizer
        The model's protein tokenizer, on ``device``.
    device : str
        As torch names it.

    Returns
    -------
    float
        0 or more; NaN for fewer than two pictures on a side.
    """
    return frechet_distance(*(vqgan_features(each, tokenizer, device=device) for each in (predicted, truth)))


@torch.inference_mode()
def vqgan_features(pictures: np.ndarray, tokenizer: ImageTokenizer, *, device: str = "cpu") -> np.ndarray:
    """Return what a tokenizer's encoder sees in pictures, before quantisation, averaged over the places.

    Parameters
    ----------
    pictures : np.ndarray
        (N, S, S) float in [0, 1] or bool, of the tokenizer's size.
    tokenizer : ImageTokenizer
        On ``device``.
    device : str
        As torch names it.

    Returns
    -------
    np.ndarray
        (N, D) float64; D is the length of the codebook's vectors.
    """
    grey = torch.from_numpy(_grey(pictures).astype(np.float32)).unsqueeze(1)  # (N, 1, S, S)
    maps = [tokenizer.vqgan.features(batch.to(device)).mean((2, 3)) for batch in _batches(grey)]
    return torch.cat(maps).double().cpu().numpy()


def _batches(pixels: Tensor) -> list[Tensor]:
    return [pixels[start : start + AT_ONCE] for start in range(0, len(pixels), AT_ONCE)]


def _grey(pictures: np.ndarray) -> np.ndarray:
    """Return pictures as float64, checked."""
    grey = np.asarray(pictures, np.float64)
    if grey.ndim != 3 or grey.size == 0 or not np.isfinite(grey).all() or grey.min() < 0 or grey.max() > 1:
        raise CelleError(
            f"Pictures of shape {grey.shape} cannot be shown to a network. Give one or more, (N, Y, X), of finite "
            "numbers from 0 to 1."
        )
    return grey


def _inception_file(weights: Path | None) -> Path:
    """Return where the weights of the Inception network are, checked."""
    places = (store_folder() / INCEPTION_FILE, Path(torch.hub.get_dir()) / "checkpoints" / INCEPTION_FILE)
    path = weights or next((place for place in places if place.is_file()), None)
    if path is None or not path.is_file():
        raise WeightsError(
            f"The weights of the Inception network are not at {path or places[0]}. Get the file {INCEPTION_FILE} "
            "(95 MB) from release v0.2.0 of toshas/torch-fidelity on GitHub and put it there. The Fréchet distance "
            "over our own image tokenizer works without."
        )
    if not file_sha256(path).startswith(INCEPTION_FILE.removesuffix(".pth").rsplit("-", 1)[1]):
        raise WeightsError(f"{path} is damaged, or another file than {INCEPTION_FILE}. Get it anew.")
    return path
