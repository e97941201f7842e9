"""``napari-celle evaluate nuclear``: nuclear or not, told from predicted pictures alone."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from napari_celle.cli.errors import readable_errors
from napari_celle.cli.evaluating import WIDE, Debug, Device, Json, Limit, Model, Seed

if TYPE_CHECKING:
    from napari_celle.analysis.nuclear.comparators import ComparatorScores
    from napari_celle.analysis.nuclear.scores import NuclearScores


def nuclear(
    table: Annotated[Path, Option(help="Proteins with the columns sequence and is_nuclear (0/1).", metavar="CSV")],
    nuclei: Annotated[Path, Option(help="Folder with nucleus images named *_nucleus.*.", metavar="DIR")],
    model: Model = None,
    limit: Limit = None,
    seed: Seed = 0,
    by: Annotated[list[str] | None, Option(help="Column (0/1) whose groups are measured too; may be repeated.")] = None,
    comparator: Annotated[
        list[str] | None,
        Option(
            help="Results of another predictor for these proteins: deeploc, mulocdeep or subcons, and its file; may be "
            "repeated. The table needs the column accession.",
            metavar="TOOL=FILE",
        ),
    ] = None,
    homologues: Annotated[
        Path | None,
        Option(help="deeploc2_swissprot.csv.gz: also call each protein as its nearest homologue is.", metavar="CSV"),
    ] = None,
    out: Annotated[
        Path | None, Option(help="Also write a CSV with what was predicted for each protein.", metavar="CSV")
    ] = None,
    device: Device = "auto",
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Tell nuclear proteins from others by the nuclear fraction of their predicted pictures alone.

    Each protein is predicted in one window of one image. It is called nuclear when more than half of it is in the
    nuclei, and with the threshold that the model's card states. Other predictors are measured on those of the proteins
    of which they say anything, and the nearest homologue (MMseqs2, training folds) on all.
    """
    with readable_errors(debug=debug):
        from napari_celle.analysis.nuclear.comparators import compared
        from napari_celle.analysis.nuclear.fractions import nuclear_fractions, read_nuclear_table, read_nuclei
        from napari_celle.analysis.nuclear.scores import group_scores
        from napari_celle.analysis.tables import write_table
        from napari_celle.cli.progress import progress_bar
        from napari_celle.predict import DEFAULT_MODEL, Predictor

        proteins = read_nuclear_table(table, by=by or ()).some(limit, seed=seed)
        others = compared(proteins, comparators=comparator or (), homologues=homologues, seed=seed)
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
            comparators = {name: each.to_dict() for name, each in others.items()}
            typer.echo(json.dumps({**about, **scores["all"].to_dict(), "groups": groups, "comparators": comparators}))
        else:
            _print(scores, others)


def _print(scores: "dict[str, NuclearScores]", others: "dict[str, ComparatorScores]") -> None:
    from rich.console import Console
    from rich.table import Table

    shown = Table("proteins", "n", "nuclear", "AUC", "right above 0.5", "right above the model's", "MCC", "MCC there")
    rows = scores | {_named(name, each): each.scores for name, each in others.items()}
    for name, each in rows.items():
        low, high = each.intervals["accuracy_chosen_threshold"]
        shown.add_row(
            name,
            f"{each.n:,}",
            f"{each.nuclear / each.n:.1%}",
            f"{each.auc:.3f}",
            f"{each.accuracy:.3f}",
            f"{each.accuracy_chosen_threshold:.3f} ({low:.3f}-{high:.3f}) {_rule(each.threshold)}",
            f"{each.mcc:.3f}",
            f"{each.mcc_chosen_threshold:.3f}",
        )
    Console(width=WIDE).print(shown)
    whole = scores["all"]
    typer.echo(
        f"Mean nuclear fraction: {whole.mean_fraction_nuclear:.3f} of nuclear proteins, "
        f"{whole.mean_fraction_other:.3f} of others. Best threshold on these proteins: {whole.best_threshold:.3f}."
    )


def _named(name: str, other: "ComparatorScores") -> str:
    return f"{name} (says nothing of {other.missing:,})" if other.missing else name


def _rule(threshold: float) -> str:
    return "by its own rule" if math.isnan(threshold) else f"above {threshold:.3f}"
