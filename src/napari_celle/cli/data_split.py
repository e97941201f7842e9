"""``napari-celle data split``: which pairs are trained on, validated on and tested on."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer
from typer import Option

from napari_celle.cli.errors import readable_errors
from napari_celle.errors import CelleError

_IDENTITY = 0.5


def split(
    table: Annotated[
        Path, Option(help="Table of pairs, ours or of the authors' layout (image_path, ...).", metavar="CSV")
    ],
    out: Annotated[Path, Option(help="The same table with the column split, in the same folder.", metavar="CSV")],
    by: Annotated[
        Literal["protein", "homology"],
        Option(help="What stays together: all pictures of a protein; or of all similar proteins too."),
    ] = "protein",
    identity: Annotated[
        float | None,
        Option(help="With --by homology: proteins so similar stay together, 0.15 to 0.95; 0.5 when left out."),
    ] = None,
    train: Annotated[float, Option(help="Share of the proteins to train on.")] = 0.8,
    val: Annotated[float, Option(help="Share for the validation.")] = 0.1,
    test: Annotated[float, Option(help="Share for reports; no training looks at it.")] = 0.1,
    seed: Annotated[int, Option(min=0, help="Of the choice; the same seed gives the same split.")] = 0,
    as_json: Annotated[bool, Option("--json", help="One JSON object on standard output, nothing else.")] = False,
    debug: Annotated[bool, Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Share the proteins of a table out at random, and write it with the column split.

    Similar proteins are found by MMseqs2, or by CD-HIT from 40 % on; one of them has to be installed.
    """
    with readable_errors(debug=debug):
        from napari_celle.data.splitting.split_table import split_table

        if identity is not None and by != "homology":
            raise CelleError("--identity is for --by homology. Leave it out, or add --by homology.")
        alike = None if by == "protein" else _IDENTITY if identity is None else identity
        shares = {"train": train, "val": val, "test": test}
        report = split_table(table, out, shares, seed=seed, identity=alike)
        if as_json:
            typer.echo(json.dumps({"table": str(out), "by": by, "identity": alike, "seed": seed, **asdict(report)}))
            return
        for name, each in report.splits.items():
            families = f" of {each.families:,} families" if report.program else ""
            typer.echo(f"{name}: {each.pairs:,} pairs, {each.proteins:,} proteins{families}")
        if report.program:
            typer.echo(f"Families were found by {report.program}.")
        if report.highest_identity is not None:
            typer.echo(f"Highest identity of proteins in different splits: {report.highest_identity:.0%}.")
        typer.echo(f"Wrote {out}.")
