"""``napari-celle evaluate cycle``: from the sequence to the picture and back."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from napari_celle.cli.errors import readable_errors
from napari_celle.cli.evaluating import WIDE, Debug, Device, Json, Limit, Model, Seed

if TYPE_CHECKING:
    from napari_celle.analysis.cycle import CycleScores


def cycle(
    table: Annotated[Path, Option(help="Proteins: a table with the column sequence, or FASTA.", metavar="CSV")],
    nuclei: Annotated[
        Path | None, Option(help="Folder with nucleus images named *_nucleus.*; drawn ones when left out.")
    ] = None,
    model: Model = None,
    share: Annotated[float, Option(help="Share of each protein's residues that is masked; 1 masks all.")] = 0.15,
    limit: Limit = None,
    seed: Seed = 0,
    device: Device = "auto",
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Predict each protein's picture, mask residues, and count those that are found again from the picture.

    Beside it: found from the picture of another protein, and by chance.
    """
    with readable_errors(debug=debug):
        from napari_celle.analysis.constructs import drawn_nuclei
        from napari_celle.analysis.cycle import cycle_scores, read_cycle_sequences
        from napari_celle.analysis.nuclear.fractions import read_nuclei
        from napari_celle.cli.progress import progress_bar
        from napari_celle.predict import DEFAULT_MODEL, Predictor

        sequences = read_cycle_sequences(table, limit=limit, seed=seed)
        images = drawn_nuclei() if nuclei is None else read_nuclei(nuclei)
        with progress_bar(quiet=as_json) as on_step:
            predictor = Predictor.load(model or DEFAULT_MODEL, device=device, on_step=on_step)
            scores = cycle_scores(predictor, sequences, images, share=share, seed=seed, on_step=on_step)
        about = {"model": predictor.info.name, "weights_sha256": predictor.info.weights_sha256, "seed": seed}
        if as_json:
            typer.echo(json.dumps({**about, **scores.to_dict()}))
        else:
            _print(scores)


def _print(scores: "CycleScores") -> None:
    from rich.console import Console
    from rich.table import Table

    rows = {
        "from its own picture": scores.own_picture,
        "from another protein's picture": scores.other_picture,
        "difference: what the picture tells": scores.gain,
        f"always {scores.most_frequent_residue}, the most frequent": scores.most_frequent,
        "draws as frequent as in the table": scores.background,
    }
    shown = Table("masked residues found again", "share", "95 % interval")
    for name, each in rows.items():
        shown.add_row(name, f"{each.mean:.2%}", f"{each.low:.2%} to {each.high:.2%}")
    Console(width=WIDE).print(shown)
    typer.echo(f"{scores.n:,} proteins, {scores.residues:,} residues masked ({scores.share:.0%} of each protein).")
