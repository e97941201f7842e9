"""A whole training of CELL-E or CELL-E 2: from pairs of pictures to the folder of a model that predicts."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from napari_celle.config import Hardware, TrainConfig
from napari_celle.data.drawn_pairs import DrawnPairs
from napari_celle.data.pairs import Pairs
from napari_celle.models.checkpoints.catalogue import KINDS
from napari_celle.models.checkpoints.convert import write_model
from napari_celle.models.checkpoints.record import Record
from napari_celle.models.checkpoints.store import write_record
from napari_celle.segment import segment_nuclei, typical_diameter
from napari_celle.train.causal import CausalTraining
from napari_celle.train.checkpoints import best_weights
from napari_celle.train.crops import Crops
from napari_celle.train.masked import MaskedTraining
from napari_celle.train.masks import Masking
from napari_celle.train.published import LossWeights, PublishedTraining
from napari_celle.train.record import RunRecord
from napari_celle.train.run import RunOptions, is_first_process, run
from napari_celle.train.start import Start
from napari_celle.train.tokenizer import Told
from napari_celle.train.tokens import PublishedBatches

MODEL = "model"
"""Folder, in that of the run, of the finished model."""

_LICENCE = "whatever its training data and the weights that it began with allow"
_MEASURED = 20  # pictures whose nuclei are measured
_NUCLEUS_UM = 12.0  # typical nucleus, for pictures that do not say how large their pixels are
_DIAMETERS = (38.0, 60.0, 92.0)  # of the drawn cells, where no nucleus is found


@dataclass(frozen=True, slots=True, eq=False)
class TransformerTraining:
    """What decides the weights of a transformer.

    Attributes
    ----------
    start : Start
        The model, with its first weights.
    numbers : TrainConfig
        Steps and the like; how many batches a validation has follows from ``checks``.
    samples, checks : Pairs
        Pictures to train on and for the validation.
    weights : LossWeights
        What the parts of the loss count.
    masking : Masking
        How much is masked; means nothing for a causal model.
    learning_rate : float
        Highest learning rate.
    fixed_embedding : bool
        What gives residues their vectors stays as it is.
    """

    start: Start
    numbers: TrainConfig
    samples: Pairs
    checks: Pairs
    weights: LossWeights
    masking: Masking
    learning_rate: float = 3e-4
    fixed_embedding: bool = True


def train_transformer(
    training: TransformerTraining, *, out: Path, hardware: Hardware | None = None, told: Told | None = None
) -> RunRecord:
    """Train a transformer, or go on with it; write the model of the best validation to the folder ``model``.

    Parameters
    ----------
    training : TransformerTraining
        What decides the weights.
    out : Path
        Folder of the run, see :func:`napari_celle.train.run.run`.
    hardware : Hardware or None
        Where it computes.
    told : Told or None
        Who is told of it.

    Returns
    -------
    RunRecord
        What ``run.json`` says.

    Raises
    ------
    CelleError
        As :func:`napari_celle.train.run.run`.
    """
    told = told or Told()
    module = _module(training)
    samples, checks, numbers = _batches(training)
    options = RunOptions(
        hardware or Hardware(),
        _made_of(training),
        monitor="val/loss",
        on_step=told.on_step,
        on_record=told.on_record,
    )
    record = run(module, samples, checks, numbers, out=out, options=options)
    if is_first_process():
        _write(training, out)
    return record


def _module(training: TransformerTraining) -> PublishedTraining:
    kind = {"causal": CausalTraining, "masked": MaskedTraining}[training.start.network.decoding]
    return kind(
        training.start.network,
        steps=training.numbers.steps,
        weights=training.weights,
        learning_rate=training.learning_rate,
        fixed_embedding=training.fixed_embedding,
    )


def _batches(training: TransformerTraining) -> tuple[PublishedBatches, PublishedBatches, TrainConfig]:
    numbers, network, masking = training.numbers, training.start.network, training.masking
    size, pixels, grey = network.config.protein.image_size, network.pixels, network.grey
    batch = min(numbers.batch, len(training.checks))
    crops = Crops(training.samples, size=size, pixels=pixels, grey=grey)
    samples = PublishedBatches(crops, model=network, batch=numbers.batch, masking=masking, seed=numbers.seed)
    crops = Crops(training.checks, size=size, pixels=pixels, grey=grey, augment=False)
    checks = PublishedBatches(crops, model=network, batch=batch, masking=masking)
    return samples, checks, replace(numbers, checks=min(numbers.checks, len(training.checks) // batch))


def _made_of(training: TransformerTraining) -> dict[str, Any]:
    masked = training.start.network.decoding == "masked"
    return {
        "model": training.start.network.config.to_dict(),
        "weights": dict(training.start.made_of),
        "loss_weights": asdict(training.weights),
        "masking": asdict(training.masking) if masked else {},
        "learning_rate": training.learning_rate,
        "fixed_embedding": training.fixed_embedding,
    }


def _write(training: TransformerTraining, out: Path) -> None:
    """Write the model in our own format; the folder is complete or as it was."""
    network, part = training.start.network, out / f"{MODEL}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    state = best_weights(out)
    tensors = {key.removeprefix("model."): state.pop(key) for key in list(state) if key.startswith("model.")}
    write_model(tensors, network.config, part)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", out.resolve().name).strip("-._")[:80] or MODEL
    source = f"trained here, {training.numbers.steps:,} steps"
    embedder = "checkpoint" if any(network.embedder.state_dict()) else "none"
    write_record(part, Record(name, source, _LICENCE, embedder=embedder, info=_info(training)))
    shutil.rmtree(out / MODEL, ignore_errors=True)
    part.rename(out / MODEL)


def _info(training: TransformerTraining) -> Mapping[str, Any]:
    """Return what a user should know of the model."""
    start = training.start
    kind = KINDS[start.network.decoding]
    pairs = "drawn cells" if isinstance(training.samples, DrawnPairs) else "pairs of pictures of one's own"
    begun = f", begun as {start.source}" if start.source else ""
    diameters = nucleus_diameters(training.samples)
    sizes = training.samples.pixel_sizes_um
    return {
        "summary": f"{kind} trained on {len(training.samples):,} {pairs}{begun}.",
        "pixel_size_um": float(np.median(sizes)) if sizes else _NUCLEUS_UM / diameters[1],
        "nucleus_diameter_px": diameters,
        "sampling": asdict(start.sampling),
    }


def nucleus_diameters(pairs: Pairs) -> tuple[float, float, float]:
    """Return the smallest, typical and largest nucleus diameter in pixels of some of the pictures.

    Each picture counts with its median, as a picture does that is predicted for.
    """
    chosen = np.unique(np.linspace(0, len(pairs) - 1, _MEASURED).round().astype(int))
    measured = [typical_diameter(segment_nuclei(pairs.read(int(index))[0])) for index in chosen]
    found = [diameter for diameter in measured if diameter is not None]
    if not found:
        return _DIAMETERS
    return float(min(found)), float(np.median(found)), float(max(found))
