"""How celle-mini was made: every stage with its numbers, each written to a folder and skipped when it is there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset

from napari_celle.config import (
    MiniConfig,
    ResidueEncoderConfig,
    TrainConfig,
    TransformerConfig,
    VqganConfig,
    VqganLoss,
)
from napari_celle.data.proteins import Proteins, read_proteins
from napari_celle.data.simulated import SimulatedCells, draw_cells
from napari_celle.models.checkpoints.embedded import save
from napari_celle.models.mini import MiniCelle
from napari_celle.nn.vqgan import Vqgan
from napari_celle.train.celle import CelleTraining, MiniBatches, start_from_codebooks
from napari_celle.train.residues import ResidueBatches, ResidueTraining
from napari_celle.train.run import RunOptions, run
from napari_celle.train.tokens import TokenTable, tokens_of
from napari_celle.train.vqgan import Pictures, VqganTraining

_IMAGE = VqganConfig(patch=4, channels=32, multipliers=(1, 2, 3), blocks=1, norm_groups=8, z_channels=32, embed_dim=32)
_LOSS = VqganLoss(squared=1.0, perceptual=0.0, adversary=0.0, learning_rate=1.5e-3, one_cycle=True)


@dataclass(frozen=True, slots=True)
class MiniRecipe:
    """The numbers of a training run of celle-mini.

    Attributes
    ----------
    config : MiniConfig
        Sizes.
    learn, choose : tuple of int
        Homology folds to train on and to choose on; the last fold is for reports and never read here.
    samples : int
        Pictures to draw, a protein each.
    encoder_epochs, graft_epochs, tokenizer_steps, transformer_steps : int
        Lengths of the stages.
    batch : int
        Pictures or samples a step.
    seed : int
        Seed of everything.
    """

    config: MiniConfig = field(
        default_factory=lambda: MiniConfig(
            nucleus=_IMAGE, protein=_IMAGE, residues=ResidueEncoderConfig(), transformer=TransformerConfig()
        )
    )
    learn: tuple[int, ...] = (0, 1, 2)
    choose: tuple[int, ...] = (3,)
    samples: int = 12_000
    encoder_epochs: int = 6
    graft_epochs: int = 2
    tokenizer_steps: int = 700
    transformer_steps: int = 1_350
    batch: int = 16
    seed: int = 0


def train_mini(recipe: MiniRecipe, *, table: Path, held_out: Iterable[str], out: Path) -> dict[str, str]:
    """Train celle-mini from the protein table and drawn cells.

    Parameters
    ----------
    recipe : MiniRecipe
        The numbers.
    table : Path
        Proteins with locations, see :func:`napari_celle.data.proteins.read_proteins`.
    held_out : iterable of str
        Sequences that the model must never have seen relatives of.
    out : Path
        Folder of the stages' results; what is there is not made again.

    Returns
    -------
    dict of str to str
        Weight files, in ``out / "weights"``, and their SHA-256.
    """
    out.mkdir(parents=True, exist_ok=True)
    held_out = tuple(held_out)
    proteins = read_proteins(table, folds=recipe.learn, held_out=held_out)
    chosen_on = read_proteins(table, folds=recipe.choose, held_out=held_out, plants=False)
    drawn_from = read_proteins(table, folds=recipe.learn, held_out=held_out, plants=False)
    cells = _cells(drawn_from, recipe.samples, out / "cells.npz", seed=recipe.seed)
    checked = _cells(chosen_on, recipe.samples // 40 + recipe.batch, out / "checked.npz", seed=recipe.seed + 1)
    torch.manual_seed(recipe.seed)
    model = MiniCelle(recipe.config)
    stage = _Stage(out)
    stage(model.encoder, "encoder", lambda: _train_encoder(model, proteins, chosen_on, recipe))
    tokenizer = partial(_train_tokenizer, recipe=recipe)
    stage(model.protein, "protein", lambda: tokenizer(model.protein.vqgan, cells.threshold, checked.threshold, 0.0))
    stage(model.nucleus, "nucleus", lambda: tokenizer(model.nucleus.vqgan, cells.nucleus, checked.nucleus, 0.5))
    stage(model, "model", lambda: _train_transformer(model, (cells, drawn_from), (checked, chosen_on), recipe, out))
    return save(model, recipe.config, out / "weights")


def _cells(proteins: Proteins, count: int, path: Path, *, seed: int) -> SimulatedCells:
    if not path.is_file():
        part = path.with_suffix(".part.npz")  # a run that is stopped here leaves no half a file that looks done
        draw_cells(proteins, count, seed=seed).save(part)
        part.replace(path)
    return SimulatedCells.load(path)


@dataclass(frozen=True, slots=True)
class _Stage:
    """Runs a stage once: its result is a file."""

    folder: Path

    def __call__(self, module: nn.Module, name: str, train: Callable[[], None]) -> None:
        path = self.folder / f"{name}.pt"
        if not path.is_file():
            module.train()
            train()
            part = path.with_suffix(".part")
            torch.save(module.state_dict(), part)
            part.replace(path)
        module.load_state_dict(torch.load(path, weights_only=True))
        module.eval()


def _train_encoder(model: MiniCelle, proteins: Proteins, chosen_on: Proteins, recipe: MiniRecipe) -> None:
    """Learn the locations, then how pieces of proteins change them."""
    window = recipe.config.residue_window
    checked = ResidueBatches(chosen_on, window=window, masked=0, seed=recipe.seed)
    for epochs, grafts, rate in ((recipe.encoder_epochs, 0.0, 2e-3), (recipe.graft_epochs, 0.5, 5e-4)):
        batches = ResidueBatches(proteins, window=window, grafts=grafts, seed=recipe.seed)
        training = ResidueTraining(model.encoder, steps=epochs * batches.most(), learning_rate=rate)
        _fit(training, batches, checked, epochs=epochs)


def _train_tokenizer(
    vqgan: Vqgan, pictures: np.ndarray, checked: np.ndarray, absolute: float, *, recipe: MiniRecipe
) -> None:
    training = VqganTraining(vqgan, steps=recipe.tokenizer_steps, loss=replace(_LOSS, absolute=absolute))
    samples, checks = (Pictures(part, batch=recipe.batch, seed=recipe.seed) for part in (pictures, checked))
    _fit(training, samples, checks, steps=recipe.tokenizer_steps)


def _train_transformer(
    model: MiniCelle,
    learned: tuple[SimulatedCells, Proteins],
    checked: tuple[SimulatedCells, Proteins],
    recipe: MiniRecipe,
    out: Path,
) -> None:
    samples, checks = (_token_batches(model, *part, recipe) for part in (learned, checked))
    start_from_codebooks(model, seed=recipe.seed)
    model.train()
    steps = recipe.transformer_steps
    numbers = TrainConfig(steps=steps, batch=recipe.batch, seed=recipe.seed, every=max(1, steps // 10))
    options = RunOptions(made_of=recipe.config.to_dict())
    run(CelleTraining(model, steps=steps), samples, checks, numbers, out=out / "transformer", options=options)


def _token_batches(model: MiniCelle, cells: SimulatedCells, proteins: Proteins, recipe: MiniRecipe) -> MiniBatches:
    """Turn all pictures, each in a random orientation, into tokens."""
    ways = np.random.default_rng(recipe.seed).integers(8, size=len(cells))
    model.eval()
    table = TokenTable(
        nucleus=tokens_of(model.nucleus, cells.nucleus, ways=ways),
        protein=tokens_of(model.protein, cells.threshold, ways=ways),
        sequences=[proteins.sequences[index] for index in cells.protein],
    )
    return MiniBatches(table, batch=recipe.batch, residue_window=recipe.config.residue_window, seed=recipe.seed)


def _fit(
    training: lightning.LightningModule,
    samples: IterableDataset[Any],
    checks: IterableDataset[Any],
    *,
    epochs: int | None = None,
    steps: int | None = None,
) -> None:
    """Train for so many passes over samples that end, or so many steps of endless ones."""
    trainer = lightning.Trainer(
        max_epochs=-1 if epochs is None else epochs,
        max_steps=-1 if steps is None else steps,
        val_check_interval=None if steps is None else max(1, steps // 10),
        limit_val_batches=None if steps is None else 10,
        precision="bf16-mixed",
        gradient_clip_val=1.0,
        num_sanity_val_steps=0,
        enable_checkpointing=False,
        enable_model_summary=False,
        logger=False,
    )
    trainer.fit(training, DataLoader(samples, batch_size=None), DataLoader(checks, batch_size=None))
