"""How celle-mini was made: every stage with its numbers, each written to a folder and skipped when it is there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset

from napari_celle.config import CelleConfig, ResidueEncoderConfig, TransformerConfig, VqganConfig
from napari_celle.data.proteins import Proteins, read_proteins
from napari_celle.data.simulated import SimulatedCells, draw_cells
from napari_celle.models.checkpoint import save
from napari_celle.models.masked import MaskedCelle
from napari_celle.nn.vqgan import Vqgan
from napari_celle.train.celle import CelleTraining, TokenBatches, TokenTable, tokens_of
from napari_celle.train.residues import ResidueBatches, ResidueTraining
from napari_celle.train.vqgan import Pictures, VqganTraining

_IMAGE = VqganConfig(patch=4, channels=32, multipliers=(1, 2, 3), blocks=1, norm_groups=8, embed_dim=32)


@dataclass(frozen=True, slots=True)
class MiniRecipe:
    """The numbers of a training run of celle-mini.

    Attributes
    ----------
    config : CelleConfig
        Sizes.
    learn, choose : tuple of int
        Homology folds to train on and to choose on; the last fold is for reports and never read here.
    samples : int
        Pictures to draw, a protein each.
    encoder_epochs, tokenizer_steps, transformer_steps : int
        Lengths of the stages.
    batch : int
        Pictures or samples a step.
    seed : int
        Seed of everything.
    """

    config: CelleConfig = field(
        default_factory=lambda: CelleConfig(
            nucleus=_IMAGE, protein=_IMAGE, residues=ResidueEncoderConfig(), transformer=TransformerConfig()
        )
    )
    learn: tuple[int, ...] = (0, 1, 2)
    choose: tuple[int, ...] = (3,)
    samples: int = 12_000
    encoder_epochs: int = 6
    tokenizer_steps: int = 700
    transformer_steps: int = 1_000
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
    torch.manual_seed(recipe.seed)
    model = MaskedCelle(recipe.config)
    stage = _Stage(out)
    stage(model.encoder, "encoder", lambda: _train_encoder(model, proteins, chosen_on, recipe))
    stage(model.protein, "protein", lambda: _train_tokenizer(model.protein.vqgan, cells.threshold, recipe, 0.0))
    stage(model.nucleus, "nucleus", lambda: _train_tokenizer(model.nucleus.vqgan, cells.nucleus, recipe, 0.5))
    stage(model, "model", lambda: _train_transformer(model, cells, drawn_from, recipe))
    return save(model, recipe.config, out / "weights")


def _cells(proteins: Proteins, count: int, path: Path, *, seed: int) -> SimulatedCells:
    if not path.is_file():
        draw_cells(proteins, count, seed=seed).save(path)
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
            torch.save(module.state_dict(), path)
        module.load_state_dict(torch.load(path, weights_only=True))
        module.eval()


def _train_encoder(model: MaskedCelle, proteins: Proteins, chosen_on: Proteins, recipe: MiniRecipe) -> None:
    window = recipe.config.residue_window
    batches = ResidueBatches(proteins, window=window, seed=recipe.seed)
    training = ResidueTraining(model.encoder, steps=recipe.encoder_epochs * batches.most())
    checked = ResidueBatches(chosen_on, window=window, masked=0, fragments=0, seed=recipe.seed)
    _fit(training, batches, checked, max_epochs=recipe.encoder_epochs)


def _train_tokenizer(vqgan: Vqgan, pictures: np.ndarray, recipe: MiniRecipe, absolute: float) -> None:
    training = VqganTraining(vqgan, steps=recipe.tokenizer_steps, absolute=absolute)
    _fit(training, Pictures(pictures, batch=recipe.batch, seed=recipe.seed), max_steps=recipe.tokenizer_steps)


def _train_transformer(model: MaskedCelle, cells: SimulatedCells, proteins: Proteins, recipe: MiniRecipe) -> None:
    ways = np.random.default_rng(recipe.seed).integers(8, size=len(cells))
    table = TokenTable(
        nucleus=tokens_of(model.nucleus, cells.nucleus, ways=ways),
        protein=tokens_of(model.protein, cells.threshold, ways=ways),
        sequences=[proteins.sequences[index] for index in cells.protein],
    )
    batches = TokenBatches(table, batch=recipe.batch, residue_window=recipe.config.residue_window, seed=recipe.seed)
    _fit(CelleTraining(model, steps=recipe.transformer_steps), batches, max_steps=recipe.transformer_steps)


def _fit(
    training: lightning.LightningModule,
    samples: IterableDataset[Any],
    validation: IterableDataset[Any] | None = None,
    *,
    max_epochs: int = -1,
    max_steps: int = -1,
) -> None:
    trainer = lightning.Trainer(
        max_epochs=max_epochs,
        max_steps=max_steps,
        precision="bf16-mixed",
        gradient_clip_val=1.0,
        num_sanity_val_steps=0,
        enable_checkpointing=False,
        logger=False,
    )
    loader = None if validation is None else DataLoader(validation, batch_size=None)
    trainer.fit(training, DataLoader(samples, batch_size=None), loader)
