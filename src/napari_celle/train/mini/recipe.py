"""How celle-mini was made: every stage with its numbers, each written to a folder and skipped when it is there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from napari_celle.config import MiniConfig, ResidueEncoderConfig, TransformerConfig, VqganConfig
from napari_celle.data.proteins import CHOOSE, LEARN, Proteins, read_proteins
from napari_celle.data.simulated import SimulatedCells, draw_cells
from napari_celle.models.checkpoints.embedded import save
from napari_celle.models.mini import MiniCelle
from napari_celle.train.mini.beliefs import believed
from napari_celle.train.mini.parts import Lengths, train_encoder, train_tokenizer, train_transformer

_IMAGE = VqganConfig(
    patch=4, channels=32, multipliers=(1, 2, 3), blocks=1, norm_groups=8, z_channels=32, embed_dim=32, finish=8
)


@dataclass(frozen=True, slots=True)
class MiniRecipe:
    """The numbers of a training run of celle-mini.

    Attributes
    ----------
    config : MiniConfig
        Sizes.
    lengths : Lengths
        Of the stages.
    learn, choose : tuple of int
        Homology folds to train on and to choose on; the last fold is for reports and never read here.
    pictures, samples, checks : int
        Pictures to draw, a protein each: for the tokenizers, for the transformer, and for the validation of all.
    seed : int
        Seed of everything.
    """

    config: MiniConfig = field(
        default_factory=lambda: MiniConfig(
            nucleus=_IMAGE, protein=_IMAGE, residues=ResidueEncoderConfig(), transformer=TransformerConfig()
        )
    )
    lengths: Lengths = field(default_factory=Lengths)
    learn: tuple[int, ...] = LEARN
    choose: tuple[int, ...] = CHOOSE
    pictures: int = 4_000
    samples: int = 16_000
    checks: int = 256
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
    torch.manual_seed(recipe.seed)
    model = MiniCelle(recipe.config)
    stage = _Stage(out)
    stage(
        model.encoder,
        "encoder",
        partial(train_encoder, model.encoder, proteins, chosen_on, recipe.lengths, seed=recipe.seed),
    )
    _tokenizers(model, drawn_from, chosen_on, recipe, stage)
    _transformer(model, drawn_from, chosen_on, recipe, stage)
    return save(model, recipe.config, out / "weights")


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

    def draw(self, name: str, proteins: Proteins, count: int, *, seed: int) -> SimulatedCells:
        path = self.folder / f"{name}.npz"
        if not path.is_file():
            part = path.with_suffix(".part.npz")  # a run that is stopped here leaves no half a file that looks done
            draw_cells(proteins, count, seed=seed).save(part)
            part.replace(path)
        return SimulatedCells.load(path)


def _tokenizers(model: MiniCelle, drawn_from: Proteins, chosen_on: Proteins, recipe: MiniRecipe, stage: _Stage) -> None:
    """Learn pictures of proteins where their labels say they are; of threshold images the mean, which is a chance."""
    cells = stage.draw("pictures", drawn_from, recipe.pictures, seed=recipe.seed + 1)
    checked = stage.draw("checked", chosen_on, recipe.checks, seed=recipe.seed + 2)
    lengths, runs = recipe.lengths, stage.folder / "runs"
    for name, part, steps, absolute in (
        ("threshold", model.protein, lengths.threshold_steps, 0.0),
        ("nucleus", model.nucleus, lengths.nucleus_steps, 0.5),
    ):
        train = partial(train_tokenizer, part.vqgan, (getattr(cells, name), getattr(checked, name)))
        stage(part, name, partial(train, lengths.numbers(steps, seed=recipe.seed), absolute=absolute, out=runs / name))


def _transformer(
    model: MiniCelle, drawn_from: Proteins, chosen_on: Proteins, recipe: MiniRecipe, stage: _Stage
) -> None:
    """Learn where proteins are that are where the encoder believes; watched on proteins that are where they are."""
    rng = np.random.default_rng(recipe.seed)
    learned = believed(model.encoder, drawn_from, window=recipe.config.residue_window, rng=rng)
    cells = stage.draw("learned", learned, recipe.samples, seed=recipe.seed + 3)
    checked = stage.draw("checked", chosen_on, recipe.checks, seed=recipe.seed + 2)
    data = (cells, learned), (checked, chosen_on)
    out = stage.folder / "runs" / "transformer"
    numbers = recipe.lengths.numbers(recipe.lengths.transformer_steps, seed=recipe.seed)
    stage(model, "model", partial(train_transformer, model, *data, numbers, out=out))
