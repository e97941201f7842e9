"""What ``evaluate images`` is asked for, read and checked as a whole before anything is measured."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from torch import nn

from napari_celle.analysis.evaluate import load_inception
from napari_celle.analysis.images.evaluation import Dataset, drawn_dataset, table_dataset
from napari_celle.analysis.images.published_rows import read_published
from napari_celle.analysis.images.report_rows import ReportRow
from napari_celle.analysis.images.samples import Crop
from napari_celle.analysis.simulated import draw_unseen
from napari_celle.data.proteins import read_proteins
from napari_celle.data.tables.pair_table import read_dataset
from napari_celle.device import choose_device
from napari_celle.errors import CelleError
from napari_celle.models.registry import model_info
from napari_celle.types import OnStep

PICTURES = 200
"""Cells that are drawn where nobody says how many."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ImagesRequest:
    """What to measure on what.

    Attributes
    ----------
    models : tuple of str
        Names or folders.
    table, simulated : Path or None
        One of them: a table of pairs (see ``data.tables.pair_table.read_dataset``), or of proteins to draw.
    split : str or None
        Rows of the table that are measured; None for all.
    fold : int
        Of the proteins that are drawn.
    limit : int or None
        Pictures.
    crop : str
        Window of measured pictures.
    published : Path or None
        JSON with the tables of the papers.
    inception : bool
        Whether FID and Inception score are wanted.
    device : str
        "auto", or as torch names it.
    seed : int
        Of all that is random.
    """

    models: tuple[str, ...]
    table: Path | None = None
    simulated: Path | None = None
    split: str | None = None
    fold: int = 4
    limit: int | None = None
    crop: Crop = "middle"
    published: Path | None = None
    inception: bool = False
    device: str = "auto"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class ImagesInputs:
    """What was read.

    Attributes
    ----------
    dataset : Dataset
        Pictures.
    published : tuple of ReportRow
        Of the papers.
    inception : nn.Module or None
        The Inception network, where it is wanted.
    device : str
        As torch names it.
    """

    dataset: Dataset
    published: tuple[ReportRow, ...]
    inception: nn.Module | None
    device: str


def read_inputs(request: ImagesRequest, *, on_step: OnStep | None = None) -> ImagesInputs:
    """Read all that is asked for.

    Raises
    ------
    CelleError
        Naming all that cannot be used: models, rows of the table, files.
    """
    problems: list[str] = []
    for name in request.models:
        _noted(problems, partial(model_info, name))
    device = _noted(problems, lambda: choose_device(request.device).name)
    published = _noted(problems, lambda: read_published(request.published) if request.published else ())
    inception = _noted(problems, lambda: load_inception(device=device or "cpu") if request.inception else None)
    dataset = _noted(problems, lambda: _dataset(request, on_step))
    if problems or dataset is None or device is None:
        raise CelleError(" ".join(dict.fromkeys(problems)))
    return ImagesInputs(dataset, published or (), inception, device)


def _noted(problems: list[str], read: Callable[[], T]) -> T | None:
    """Return what was read, or note why it cannot be."""
    try:
        return read()
    except CelleError as error:
        problems.append(str(error))
        return None


def _dataset(request: ImagesRequest, on_step: OnStep | None) -> Dataset:
    if request.table is not None:
        pairs = read_dataset(request.table, split=request.split, on_step=on_step)
        name = request.table.name + (f", split {request.split}" if request.split else "")
        return table_dataset(pairs, name=name, limit=request.limit, crop=request.crop, seed=request.seed)
    if request.simulated is None:
        raise CelleError("Give a table of pictures, or one of proteins to draw.")
    proteins = read_proteins(request.simulated, folds=(request.fold,))
    if on_step is not None:
        on_step("drawing cells", 0, 1)
    cells = draw_unseen(proteins, request.limit or PICTURES, seed=request.seed)
    return drawn_dataset(cells, proteins, name=f"simulated cells, fold {request.fold}, seed {request.seed}")
