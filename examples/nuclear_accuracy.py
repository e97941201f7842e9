"""How well the nuclear fraction of predicted pictures tells nuclear proteins from others, on real nucleus images.

Run it with ``python examples/nuclear_accuracy.py --table deeploc2_swissprot.csv.gz --nuclei FOLDER``. Each protein is
placed in one seeded window of one of the files ``*_nucleus.*``. Choose a threshold on fold 3, report on fold 4.
"""

import argparse
from pathlib import Path

import numpy as np

from napari_celle.data.proteins import LOCATIONS, read_proteins
from napari_celle.files.images import read_image
from napari_celle.metrics import auc
from napari_celle.predict import DEFAULT_MODEL, Predictor
from napari_celle.types import PredictionRequest

NUCLEUS = LOCATIONS.index("Nucleus")


def fractions(predictor: Predictor, sequences: list[str], images: list[np.ndarray], *, seed: int) -> np.ndarray:
    """Return the nuclear fraction (N,) of each protein, in a random image around a random place."""
    rng = np.random.default_rng(seed)
    results = []
    for sequence in sequences:
        image = images[rng.integers(len(images))]
        centre = tuple(float(rng.uniform(0, edge - 1)) for edge in image.shape)
        results.append(predictor(PredictionRequest(sequence, image, centre=centre)).nuclear_fraction)
    return np.array(results)


def best_threshold(values: np.ndarray, truth: np.ndarray) -> float:
    """Return the threshold above which most proteins are right when called nuclear."""
    return float(max(values, key=lambda threshold: ((values > threshold) == truth).mean()))


def main() -> None:
    """Print the figures of one fold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, required=True, help="proteins with locations and folds")
    parser.add_argument("--nuclei", type=Path, required=True, help="folder with the files *_nucleus.*")
    parser.add_argument("--fold", type=int, default=4)
    parser.add_argument("--limit", type=int, default=400, help="so many proteins, drawn at random")
    parser.add_argument("--threshold", type=float, help="nuclear above this; the best of these proteins when left out")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    proteins = read_proteins(arguments.table, folds=(arguments.fold,), plants=False)
    rng = np.random.default_rng(arguments.seed)
    chosen = rng.permutation(len(proteins))[: arguments.limit]
    images = [read_image(path).pixels for path in sorted(arguments.nuclei.glob("*_nucleus.*"))]
    sequences = [proteins.sequences[index] for index in chosen]
    values = fractions(Predictor.load(arguments.model), sequences, images, seed=arguments.seed)
    truth = proteins.locations[chosen, NUCLEUS]
    threshold = best_threshold(values, truth) if arguments.threshold is None else arguments.threshold
    print(f"fold {arguments.fold}: {len(truth)} proteins, {truth.mean():.1%} nuclear")
    print(
        f"mean nuclear fraction: {values[truth].mean():.3f} of nuclear proteins, {values[~truth].mean():.3f} of others"
    )
    print(f"area under the curve: {auc(values, truth):.3f}")
    for limit in (0.5, threshold):
        print(f"accuracy of 'nuclear above {limit:.3f}': {((values > limit) == truth).mean():.3f}")


if __name__ == "__main__":
    main()
