"""What one prediction costs, measured in this fresh process: ``python benchmarks/prediction.py [--json]``.

It imports, loads the model, and predicts a short and a long protein on a drawn nucleus image. ``OMP_NUM_THREADS`` says
how many cores to use. Peak memory is that of the whole process, Python and torch included (Linux and macOS).
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path

LENGTHS = (250, 1000)
REPEATS = 5


def measure(model: str | None) -> dict[str, object]:
    """Return seconds, bytes and how they were measured, for JSON."""
    start = time.perf_counter()
    import numpy as np
    import torch

    from napari_celle.predict import DEFAULT_MODEL, Predictor
    from napari_celle.sequence import AMINO_ACIDS
    from napari_celle.simulate import draw_field
    from napari_celle.types import PredictionRequest

    imported = time.perf_counter()
    predictor = Predictor.load(model or DEFAULT_MODEL, device="cpu")
    loaded = time.perf_counter()
    rng = np.random.default_rng(0)
    nucleus = draw_field(rng).nucleus
    lengths: dict[str, dict[str, float]] = {}
    for length in LENGTHS:
        request = PredictionRequest("M" + "".join(rng.choice(list(AMINO_ACIDS), length - 1)), nucleus)
        seconds = []
        for _ in range(1 + REPEATS):
            before = time.perf_counter()
            predictor(request)
            seconds.append(time.perf_counter() - before)
        lengths[str(length)] = {"first_seconds": seconds[0], "median_seconds": statistics.median(seconds[1:])}
    return {
        "model": predictor.info.name,
        "weights_sha256": predictor.info.weights_sha256,
        "steps": predictor.info.sampling.steps,
        "threads": torch.get_num_threads(),
        "import_seconds": imported - start,
        "load_seconds": loaded - imported,
        "residues": lengths,
        "peak_bytes": peak_bytes(),
        **sizes(predictor.info.name),
    }


def peak_bytes() -> int:
    """Return the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def sizes(model: str) -> dict[str, int]:
    """Return the bytes of all weights of an embedded model, and of its largest file; 0 of a model that is not."""
    from napari_celle.models.checkpoints.catalogue import weights_folder

    files = [path.stat().st_size for path in Path(weights_folder(), model).glob("*") if path.is_file()]
    return {"weights_bytes": sum(files), "largest_file_bytes": max(files, default=0)}


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="the one that comes with napari-celle when left out")
    parser.add_argument("--json", action="store_true", help="one JSON object, nothing else")
    options = parser.parse_args()
    found = measure(options.model)
    if options.json:
        print(json.dumps(found))
        return
    print(f"{found['model']}, {found['threads']} of {os.cpu_count()} cores")
    for name, value in found.items():
        print(f"  {name:20} {value}")


if __name__ == "__main__":
    main()
