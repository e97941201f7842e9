"""``napari-celle evaluate``: how good a model is, measured on proteins whose place is known."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from napari_celle.cli.errors import readable_errors

if TYPE_CHECKING:
    import numpy as np

    from napari_celle.analysis.nuclear import NuclearScores, NuclearTable
    from napari_celle.analysis.reconstruction import Reconstruction
    from napari_celle.analysis.simulated import SimulatedScores
    from napari_celle.data.simulated import SimulatedCells
    from napari_celle.models.registry import LoadedModel

app = typer.Typer(help="Measure a model on proteins whose place is known.", no_args_is_help=True)

WIDE = 140
"""Columns of the tables."""

BASELINE_PICTURES = 200

_Model = Annotated[str | None, Option(help="Model; the one that comes with napari-celle when left out.")]
_Limit = Annotated[int | None, Option(min=1, help="So many proteins, drawn at random; else all.")]
_Seed = Annotated[int, Option(min=0, help="Of everything random; the same seed gives the same figures.")]
_Device = Annotated[str, Option(help="auto, cpu, cuda, cuda:1, mps.")]
_Json = Annotated[bool, Option("--json", help="One JSON object on standard output, nothing else.")]
_Debug = Annotated[bool, Option("--debug", help="Show the traceback of an error.")]
_Proteins = Annotated[Path, Option(help="deeploc2_swissprot.csv.gz: proteins with locations.", metavar="CSV")]
_Fold = Annotated[int, Option(min=0, max=4, help="Homology fold: 0-2 were trained on, 3 chosen on, 4 is for reports.")]
_Out = Annotated[Path | None, Option(help="Also write a CSV with what was predicted for each protein.", metavar="CSV")]


@app.command("nuclear")
def nuclear(
    table: Annotated[Path, Option(help="Proteins with the columns sequence and is_nuclear (0/1).", metavar="CSV")],
    nuclei: Annotated[Path, Option(help="Folder with nucleus images named *_nucleus.*.", metavar="DIR")],
    model: _Model = None,
    limit: _Limit = None,
    seed: _Seed = 0,
    by: Annotated[list[str] | None, Option(help="Column (0/1) whose groups are measured too; may be repeated.")] = None,
    out: _Out = None,
    device: _Device = "auto",
    as_json: _Json = False,
    debug: _Debug = False,
) -> None:
    """Tell nuclear proteins from others by the nuclear fraction of their predicted pictures alone.

    Each protein is predicted in one window of one image. It is called nuclear when more than half of it is in the
    nuclei, and with the threshold that the model's card states.
    """
    with readable_errors(debug=debug):
        from napari_celle.analysis.nuclear import nuclear_fractions, read_nuclear_table, read_nuclei
        from napari_celle.cli.progress import progress_bar
        from napari_celle.predict import DEFAULT_MODEL, Predictor

        proteins = read_nuclear_table(table, by=by or ()).some(limit, seed=seed)
        images = read_nuclei(nuclei)
        with progress_bar(quiet=as_json) as on_step:
            predictor = Predictor.load(model or DEFAULT_MODEL, device=device, on_step=on_step)
            fractions = nuclear_fractions(predictor, proteins.sequences, images, seed=seed, on_step=on_step)
        scores = _scores(fractions, proteins, threshold=predictor.info.nuclear_threshold, seed=seed)
        if out is not None:
            _write(out, sequence=proteins.sequences, is_nuclear=proteins.is_nuclear * 1, nuclear_fraction=fractions)
        about = {"model": predictor.info.name, "weights_sha256": predictor.info.weights_sha256, "seed": seed}
        if as_json:
            groups = {name: each.to_dict() for name, each in scores.items() if name != "all"}
            typer.echo(json.dumps({**about, **scores["all"].to_dict(), "groups": groups}))
        else:
            _print_nuclear(scores)


@app.command("simulated")
def simulated(
    table: _Proteins,
    model: _Model = None,
    fold: _Fold = 4,
    limit: Annotated[int, Option(min=1, help="So many pictures are drawn.")] = 200,
    seed: _Seed = 0,
    device: _Device = "auto",
    as_json: _Json = False,
    debug: _Debug = False,
) -> None:
    """Compare predicted pictures with drawn ones, on drawn nuclei that no training has seen.

    The proteins are real ones of a fold; beside the model stand pictures that know nothing of the protein.
    """
    with readable_errors(debug=debug):
        from napari_celle.analysis.simulated import draw_unseen, learn_baselines, simulated_scores
        from napari_celle.cli.progress import progress_bar
        from napari_celle.data.proteins import LEARN, read_proteins
        from napari_celle.device import choose_device
        from napari_celle.models.registry import load_model
        from napari_celle.predict import DEFAULT_MODEL, Predictor

        proteins = read_proteins(table, folds=(fold,))
        with progress_bar(quiet=as_json) as on_step:
            chosen = choose_device(device).name
            loaded = load_model(model or DEFAULT_MODEL, device=chosen, on_step=on_step)
            on_step("drawing cells", 0, 1)
            cells = draw_unseen(proteins, limit, seed=seed)
            others = draw_unseen(read_proteins(table, folds=LEARN), BASELINE_PICTURES, seed=seed)
            scores = simulated_scores(
                Predictor(loaded, device=chosen),
                proteins,
                cells,
                seed=seed,
                baselines=learn_baselines(others),
                on_step=on_step,
            )
            tokenizers = _reconstructions(loaded, cells, device=chosen)
        about = {"model": loaded.info.name, "weights_sha256": loaded.info.weights_sha256, "fold": fold, "seed": seed}
        if as_json:
            answers = {name: each.to_dict() for name, each in tokenizers.items()}
            typer.echo(json.dumps({**about, **scores.to_dict(), **answers}))
        else:
            _print_simulated(scores, tokenizers["reconstruction"])


@app.command("table")
def table(
    proteins: _Proteins,
    out: Annotated[Path, Option(help="CSV to write.", metavar="CSV")],
    fold: _Fold = 3,
    held_out: Annotated[
        list[Path] | None, Option(help="Table whose proteins' relatives are left out; may be repeated.", metavar="CSV")
    ] = None,
    debug: _Debug = False,
) -> None:
    """Write the proteins of a fold, without plants, as a table for 'evaluate nuclear'.

    Its columns is_human and one_location are for --by.
    """
    with readable_errors(debug=debug):
        from napari_celle.analysis.constructs import read_constructs
        from napari_celle.analysis.nuclear_table import nuclear_table

        sequences = [each.sequence for path in held_out or () for each in read_constructs(path)]
        frame = nuclear_table(proteins, folds=(fold,), held_out=sequences)
        out.parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(out, index=False)
        typer.echo(f"{out}: {len(frame):,} proteins, {frame['is_nuclear'].mean():.1%} nuclear")


def _scores(
    fractions: "np.ndarray", proteins: "NuclearTable", *, threshold: float | None, seed: int
) -> "dict[str, NuclearScores]":
    """Return the scores of all proteins ("all"), and of each group that has any."""
    from napari_celle.analysis.nuclear import nuclear_scores

    chosen: dict[str, slice | np.ndarray] = {"all": slice(None)}
    chosen |= {name: members for name, members in proteins.groups.items() if members.any()}
    return {
        name: nuclear_scores(fractions[members], proteins.is_nuclear[members], threshold=threshold, seed=seed)
        for name, members in chosen.items()
    }


def _reconstructions(loaded: "LoadedModel", cells: "SimulatedCells", *, device: str) -> "dict[str, Reconstruction]":
    """Return how well the image tokenizers give drawn pictures back, by name in the answer."""
    from napari_celle.analysis.reconstruction import reconstruction
    from napari_celle.models.mini import MiniCelle

    found = {"reconstruction": reconstruction(loaded.network.protein, cells.threshold, device=device)}
    if isinstance(loaded.network, MiniCelle):  # drawn nuclei are prepared as it wants them
        gray = cells.nucleus.astype("float32") / 255
        found["reconstruction_nucleus"] = reconstruction(loaded.network.nucleus, gray, device=device)
    return found


def _write(path: Path, **columns: object) -> None:
    import pandas as pd

    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(columns).to_csv(path, index=False)


def _print_nuclear(scores: "dict[str, NuclearScores]") -> None:
    from rich.console import Console
    from rich.table import Table

    shown = Table("proteins", "n", "nuclear", "AUC", "right above 0.5", "right above the model's", "MCC", "MCC there")
    for name, each in scores.items():
        low, high = each.intervals["accuracy_chosen_threshold"]
        shown.add_row(
            name,
            f"{each.n:,}",
            f"{each.nuclear / each.n:.1%}",
            f"{each.auc:.3f}",
            f"{each.accuracy:.3f}",
            f"{each.accuracy_chosen_threshold:.3f} ({low:.3f}-{high:.3f}) above {each.threshold:.3f}",
            f"{each.mcc:.3f}",
            f"{each.mcc_chosen_threshold:.3f}",
        )
    Console(width=WIDE).print(shown)
    whole = scores["all"]
    typer.echo(
        f"Mean nuclear fraction: {whole.mean_fraction_nuclear:.3f} of nuclear proteins, "
        f"{whole.mean_fraction_other:.3f} of others. Best threshold on these proteins: {whole.best_threshold:.3f}."
    )


def _print_simulated(scores: "SimulatedScores", tokenizer: "Reconstruction") -> None:
    from rich.console import Console
    from rich.table import Table

    columns = {"the model": scores.figures, **scores.baselines}
    shown = Table(f"{scores.n} pictures, mean (sd)", *columns)
    for name in scores.figures:
        cells = (figures[name] for figures in columns.values())
        shown.add_row(name.replace("_", " "), *(f"{each.mean:.3f} ({each.sd:.3f})" for each in cells))
    Console(width=WIDE).print(shown)
    typer.echo(
        f"Calibration error of the nuclear fraction: {scores.expected_calibration_error:.3f}. The tokenizer gives back "
        f"{tokenizer.pixel_accuracy:.1%} of the pixels with {tokenizer.codes_used} of {tokenizer.codes} codes."
    )
