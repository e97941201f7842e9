"""The table of an ablation, as CELL-E's Table S.1: models that differ in one thing each, on the same pictures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from napari_celle.analysis.images.evaluation import Dataset, drawn_dataset, evaluate_images
from napari_celle.analysis.images.report_rows import ReportRow
from napari_celle.analysis.images.samples import some
from napari_celle.analysis.simulated import draw_unseen
from napari_celle.analysis.tables import for_json
from napari_celle.data.drawn_pairs import DrawnPairs
from napari_celle.data.proteins import REPORT, read_proteins
from napari_celle.data.simulated import SimulatedCells
from napari_celle.types import OnStep

COLUMNS = {
    "nucleus_proportion_accuracy": "Nucleus Proportion Accuracy",
    "threshold_pixel_accuracy": "Predicted Threshold Pixel Accuracy",
    "pdf_pixel_accuracy_map": "Predicted 2D PDF Pixel Accuracy",
    "ssim": "SSIM",
    "frechet_distance": "Fréchet Distance (own tokenizer)",
    "nuclear_accuracy": "Nucleus Localization Prediction Accuracy",
}
"""Figures and how Table S.1 heads them; its FID needs a network of others, so a distance of our own stands there."""

NOT_RUN = "not run: weights"
TOKENIZER = "N/A (VQGAN)"


@dataclass(frozen=True, slots=True)
class AblationModel:
    """One model of an ablation.

    Attributes
    ----------
    name : str
        Of its row.
    sizes : Mapping of str to str
        What the row says of the model itself, column to text.
    folder : Path or None
        The model; None if it was not trained.
    missing : str
        Why it was not.
    """

    name: str
    sizes: Mapping[str, str]
    folder: Path | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class AblationRow:
    """A row of the table: a model on one set of pictures; ``row`` is None where there is no model."""

    split: str
    name: str
    sizes: Mapping[str, str] = field(default_factory=dict)
    row: ReportRow | None = None
    missing: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        measured = None if self.row is None else self.row.to_dict()
        about = {"split": self.split, "name": self.name, "sizes": dict(self.sizes), "missing": self.missing}
        return for_json({**about, "measured": measured})


def ablation_datasets(
    table: Path, learned: DrawnPairs, *, pictures: int, held_out: Sequence[str] = (), seed: int = 0
) -> dict[str, Dataset]:
    """Return pictures that the models learned from ("train"), and some of proteins and nuclei that they never saw.

    Parameters
    ----------
    table : Path
        Proteins with locations; those of the fold for reports are drawn ("validation"), without plants.
    learned : DrawnPairs
        What the models were trained on.
    pictures : int
        Of each split.
    held_out : sequence of str
        Sequences whose relatives are not drawn.
    seed : int
        Of the choice and the drawing.
    """
    chosen = list(some(len(learned), pictures, seed=seed))
    cells = learned.cells
    seen = SimulatedCells(cells.nucleus[chosen], cells.threshold[chosen], cells.nuclei[chosen], cells.protein[chosen])
    proteins = read_proteins(table, folds=REPORT, held_out=held_out, plants=False)
    return {
        "train": drawn_dataset(seen, learned.proteins, name="cells of the training"),
        "validation": drawn_dataset(draw_unseen(proteins, pictures, seed=seed), proteins, name="unseen cells"),
    }


def score_ablation(
    models: Sequence[AblationModel],
    datasets: Mapping[str, Dataset],
    *,
    device: str = "cpu",
    seed: int = 0,
    on_step: OnStep | None = None,
) -> tuple[AblationRow, ...]:
    """Measure all models on all pictures.

    Parameters
    ----------
    models : sequence of AblationModel
        In the order of the table.
    datasets : Mapping of str to Dataset
        Name of a split to its pictures.
    device, seed, on_step
        As for :func:`napari_celle.analysis.images.evaluation.evaluate_images`.

    Returns
    -------
    tuple of AblationRow
        Split by split: what the image tokenizer of the first model gives back, then each model.

    Raises
    ------
    WeightsError, ImageError, SequenceError
        As :func:`napari_celle.analysis.images.evaluation.evaluate_images`.
    """
    rows: list[AblationRow] = []
    folders = {model.name: str(model.folder) for model in models if model.folder is not None}
    for split, dataset in datasets.items():
        answer = evaluate_images(list(folders.values()), dataset, device=device, seed=seed, on_step=on_step)
        measured = {row.name: row for row in answer.rows if row.kind == "model"}
        tokenizers = [row for row in answer.rows if row.kind == "tokenizer"]
        rows += [AblationRow(split, TOKENIZER, row=row) for row in tokenizers[:1]]
        for model in models:
            row = measured.get(folders.get(model.name, ""))
            rows.append(AblationRow(split, model.name, model.sizes, row, model.missing))
    return tuple(rows)


def ablation_markdown(rows: Sequence[AblationRow], *, about: str = "") -> str:
    """Return the table in Markdown, a part for each split, with the means and standard deviations as papers print them.

    Parameters
    ----------
    rows : sequence of AblationRow
        From :func:`score_ablation`.
    about : str
        A sentence below the title.
    """
    sizes = list(dict.fromkeys(column for row in rows for column in row.sizes))
    parts = ["# Ablation", *([about] if about else [])]
    for split in dict.fromkeys(row.split for row in rows):
        ours = [row for row in rows if row.split == split]
        n = next((row.row.n for row in ours if row.row is not None), 0)
        heads = ["Sequence Embedding", *sizes, *COLUMNS.values()]
        lines = [_line(heads), _line(["---"] * len(heads))]
        parts += [f"## {split} ({n} pictures)", "\n".join([*lines, *(_line(_cells(row, sizes)) for row in ours)])]
    reasons = {row.name: row.missing for row in rows if row.missing}
    parts += ["\n".join(f"- {name}: {reason}" for name, reason in reasons.items())] if reasons else []
    return "\n\n".join(parts) + "\n"


def _cells(row: AblationRow, sizes: Sequence[str]) -> Iterable[str]:
    yield row.name
    yield from (row.sizes.get(column, "") for column in sizes)
    if row.row is None:
        yield from (NOT_RUN, *[""] * (len(COLUMNS) - 1))
    else:
        yield from (row.row.figures[name].printed() for name in COLUMNS)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
