"""``napari-celle data check``: what a table of pairs holds, and all that is wrong with it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from napari_celle.cli.errors import readable_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_celle.data.tables.contents import Contents

_SHOWN = 5


def check(
    table: Annotated[
        Path, Option(help="Table of pairs, ours or of the authors' layout (image_path, ...).", metavar="CSV")
    ],
    size: Annotated[
        int, Option(min=1, help="Edge of the model, in pixels: smaller pictures are a problem. 256: the papers'.")
    ] = 256,
    as_json: Annotated[bool, Option("--json", help="One JSON object on standard output, nothing else.")] = False,
    debug: Annotated[bool, Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Open all pictures of a table and say what it holds; the exit code is 1 if anything cannot be used."""
    with readable_errors(debug=debug):
        from napari_celle.cli.progress import progress_bar
        from napari_celle.data.tables.contents import read_contents

        with progress_bar(quiet=as_json) as on_step:
            contents = read_contents(table, size=size, on_step=on_step)
        if as_json:
            typer.echo(json.dumps(contents.to_dict()))
        else:
            _print(contents)
        if contents.problems:
            raise typer.Exit(1)


def _print(contents: "Contents") -> None:
    shortest, longest = contents.residues
    typer.echo(f"Layout: {contents.layout}")
    typer.echo(
        f"{contents.pairs:,} of {contents.rows:,} pairs can be used: {contents.proteins:,} proteins of {shortest:,} to "
        f"{longest:,} residues"
    )
    typer.echo(f"Pixels: {_counted(contents.sizes)}; {_counted(contents.dtypes)}")
    for name, each in contents.splits.items():
        typer.echo(f"{name or 'no split'}: {each.pairs:,} pairs, {each.proteins:,} proteins")
    if contents.shared:
        typer.echo(
            f"{contents.shared:,} proteins are in several splits: what is measured there is too good. Split anew with "
            "'napari-celle data split'.",
            err=True,
        )
    for problem in contents.problems:
        typer.echo(problem, err=True)
    if contents.problems:
        typer.echo(f"{len(contents.problems):,} of {contents.rows:,} rows cannot be used.", err=True)


def _counted(counts: "Mapping[str, int]") -> str:
    shown = [f"{name} ({count:,})" for name, count in list(counts.items())[:_SHOWN]]
    return ", ".join([*shown, "..."] if len(counts) > _SHOWN else shown) or "none"
