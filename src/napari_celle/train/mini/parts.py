"""The parts of celle-mini, each trained as it was: residue encoder, image tokenizers, transformer."""

from dataclasses import dataclass, replace
from pathlib import Path

import lightning
import numpy as np
from lightning.pytorch.callbacks import EMAWeightAveraging
from torch.utils.data import DataLoader

from napari_celle.config import TrainConfig, VqganLoss
from napari_celle.data.proteins import Proteins
from napari_celle.data.simulated import SimulatedCells
from napari_celle.models.mini import MiniCelle
from napari_celle.nn.residues import ResidueEncoder
from napari_celle.nn.vqgan import Vqgan
from napari_celle.train.mini.celle import CelleTraining, MiniBatches, start_from_codebooks
from napari_celle.train.mini.residues import ResidueBatches, ResidueTraining
from napari_celle.train.run import RunOptions, run
from napari_celle.train.tokens import TokenTable, tokens_of
from napari_celle.train.vqgan import PictureBatches, VqganTraining

_LOSS = VqganLoss(squared=1.0, perceptual=0.0, adversary=0.0, learning_rate=1.5e-3, one_cycle=True)
_RESIDUE_WINDOW = 1000


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long each part is trained.

    Attributes
    ----------
    encoder_epochs, graft_epochs : int
        Passes over the proteins: as they are, then half of the cytoplasmic ones with a piece of another
        (``data.grafts``).
    threshold_steps, nucleus_steps, transformer_steps : int
        Steps of ``batch`` pictures or samples.
    batch : int
        Pictures or samples a step.
    """

    encoder_epochs: int = 10
    graft_epochs: int = 2
    threshold_steps: int = 1_000
    nucleus_steps: int = 600
    transformer_steps: int = 2_000
    batch: int = 16

    def numbers(self, steps: int, *, seed: int) -> TrainConfig:
        """Return the numbers of a run of so many steps."""
        return TrainConfig(steps=steps, batch=self.batch, seed=seed, every=max(1, steps // 10))


def train_encoder(
    encoder: ResidueEncoder, proteins: Proteins, chosen_on: Proteins, lengths: Lengths, *, seed: int
) -> None:
    """Learn the locations, then how pieces of proteins change them; the weights are a running mean."""
    checked = ResidueBatches(chosen_on, window=_RESIDUE_WINDOW, masked=0, seed=seed)
    stages = ((lengths.encoder_epochs, 0.0, 2e-3), (lengths.graft_epochs, 0.5, 4e-4))
    for number, (epochs, grafts, rate) in enumerate(stages):
        batches = ResidueBatches(proteins, window=_RESIDUE_WINDOW, grafts=grafts, seed=seed + number)
        trainer = lightning.Trainer(
            max_epochs=epochs,
            precision="bf16-mixed",
            gradient_clip_val=1.0,
            num_sanity_val_steps=0,
            enable_checkpointing=False,
            enable_model_summary=False,
            logger=False,
            callbacks=[EMAWeightAveraging(decay=0.998)],
        )
        training = ResidueTraining(encoder, steps=epochs * batches.most(), learning_rate=rate)
        trainer.fit(training, DataLoader(batches, batch_size=None), DataLoader(checked, batch_size=None))


def train_tokenizer(
    vqgan: Vqgan, pictures: tuple[np.ndarray, np.ndarray], numbers: TrainConfig, *, absolute: float, out: Path
) -> None:
    """Learn to redraw pictures (N, Y, X), of training and of validation; ``absolute`` is the weight of that error."""
    samples, checks = (PictureBatches(part, batch=numbers.batch, seed=numbers.seed) for part in pictures)
    loss = replace(_LOSS, absolute=absolute)
    options = RunOptions(made_of={"vqgan": vqgan.config.to_dict(), "loss": loss.to_dict()})
    run(VqganTraining(vqgan, steps=numbers.steps, loss=loss), samples, checks, numbers, out=out, options=options)


def train_transformer(
    model: MiniCelle,
    learned: tuple[SimulatedCells, Proteins],
    checked: tuple[SimulatedCells, Proteins],
    numbers: TrainConfig,
    *,
    out: Path,
) -> None:
    """Learn the protein tokens from residues and nucleus tokens, and residues from the rest."""
    samples, checks = (_token_batches(model, *part, numbers) for part in (learned, checked))
    model.train()
    start_from_codebooks(model, seed=numbers.seed)
    options = RunOptions(made_of=model.config.to_dict())
    run(CelleTraining(model, steps=numbers.steps), samples, checks, numbers, out=out, options=options)


def _token_batches(model: MiniCelle, cells: SimulatedCells, proteins: Proteins, numbers: TrainConfig) -> MiniBatches:
    """Turn all pictures, each in a random orientation, into tokens."""
    ways = np.random.default_rng(numbers.seed).integers(8, size=len(cells))
    model.eval()
    table = TokenTable(
        nucleus=tokens_of(model.nucleus, cells.nucleus, ways=ways),
        protein=tokens_of(model.protein, cells.threshold, ways=ways),
        sequences=[proteins.sequences[index] for index in cells.protein],
    )
    return MiniBatches(table, batch=numbers.batch, residue_window=model.config.residue_window, seed=numbers.seed)
