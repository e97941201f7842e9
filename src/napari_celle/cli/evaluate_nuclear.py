"""``napari-celle evaluate nuclear``: nuclear or not, told from predicted pictures alone."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from napari_celle.cli.errors import readable_errors
from napari_celle.cli.evaluating import WIDE, Debug, Device, Json, Limit, Model, Seed

if TYPE_CHECKING:
    from napari_celle.analysis.nuclear_scores import NuclearScores


def nuclear(
    table: Annotated[Path, Option(help="Proteins with the columns sequence and is_nuclear (0/1).", metavar="CSV")],
    nuclei: Annotated[Path, Option(help="Folder with nucleus images named *_nucleus.*.", metavar="DIR")],
    model: Model = None,
    limit: Limit = None,
    seed: Seed = 0,
    by: Annotated[list[str] | None, Option(help="Column (0/1) whose groups are measured too; may be repeated.")] = None,
    out: Annotated[
        Path | None, Option(help="Also write a CSV with what was predicted for each protein.", metavar="CSV")
    ] = None,
    device: Device = "auto",
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Tell nuclear proteins from others by the nuclear fraction of their predicted pictures alone.

    Each protein is predicted in one window of one image. It is called nuclear when more than half of it is in the
    nuclei, and with the threshold that the model's card states.
    """
    with readable_errors(debug=debug):
        from napari_celle.analysis.nuclear import nuclear_fractions, read_nuclear_table, read_nuclei
        from napari_celle.analysis.nuclear_scores import group_scores
        from napari_celle.analysis.tables import write_table
        from napari_celle.cli.progress import progress_bar
        from napari_celle.predict import DEFAULT_MODEL, Predictor

        proteins = read_nuclear_table(table, by=by or ()).some(limit, seed=seed)
        images = read_nuclei(nuclei)
        with progress_bar(quiet=as_json) as on_step:
            predictor = Predictor.load(model or DEFAULT_MODEL, device=device, on_step=on_step)
            fractions = nuclear_fractions(predictor, proteins.sequences, images, seed=seed, on_step=on_step)
        scores = group_scores(fractions, proteins, threshold=predictor.info.nuclear_threshold, seed=seed)
        if out is not None:
            write_table(
                out, sequence=proteins.sequences, is_nuclear=proteins.is_nuclear * 1, nuclear_fraction=fractions
            )
        about = {"model": predictor.info.name, "weights_sha256": predictor.info.weights_sha256, "seed": seed}
        if as_json:
            groups = {name: each.to_dict() for name, each in scores.items() if name != "all"}
            typer.echo(json.dumps({**about, **scores["all"].to_dict(), "groups": groups}))
        else:
            _print(scores)


def _print(scores: "dict[str, NuclearScores]") -> None:
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
