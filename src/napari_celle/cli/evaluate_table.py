"""``napari-celle evaluate table``: proteins of a fold for ``evaluate nuclear``."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Option

from napari_celle.cli.errors import readable_errors
from napari_celle.cli.evaluating import Debug, Fold, Proteins


def table(
    proteins: Proteins,
    out: Annotated[Path, Option(help="CSV to write.", metavar="CSV")],
    fold: Fold = 3,
    held_out: Annotated[
        list[Path] | None, Option(help="Table whose proteins' relatives are left out; may be repeated.", metavar="CSV")
    ] = None,
    debug: Debug = False,
) -> None:
    """Write the proteins of a fold, without plants, as a table for 'evaluate nuclear'.

    Its columns is_human and one_location are for --by.
    """
    with readable_errors(debug=debug):
        from napari_celle.analysis.constructs import read_constructs
        from napari_celle.analysis.nuclear.table import nuclear_table

        sequences = [each.sequence for path in held_out or () for each in read_constructs(path)]
        frame = nuclear_table(proteins, folds=(fold,), held_out=sequences)
        out.parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(out, index=False)
        typer.echo(f"{out}: {len(frame):,} proteins, {frame['is_nuclear'].mean():.1%} nuclear")
