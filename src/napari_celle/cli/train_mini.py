"""``napari-celle train mini``: the model that comes with the package."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Option

from napari_celle.cli.errors import readable_errors
from napari_celle.errors import CelleError


def mini(
    table: Annotated[Path, Option(help="deeploc2_swissprot.csv.gz: proteins with locations.", metavar="CSV")],
    held_out: Annotated[
        list[Path], Option(help="CSV or FASTA of proteins whose relatives must not be learned from; may be repeated.")
    ],
    out: Annotated[Path, Option(help="Folder of the stages' results; finished stages are not done again.")],
    seed: Annotated[int, Option(min=0, help="Seed of everything.")] = 0,
    debug: Annotated[bool, Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Train celle-mini: residue encoder, both image tokenizers, transformer; prints the files of registry.toml."""
    with readable_errors(debug=debug):
        from napari_celle.analysis.constructs import read_constructs

        try:
            from napari_celle.train.mini.recipe import MiniRecipe, train_mini
        except ModuleNotFoundError as error:
            raise CelleError(f"Training needs {error.name}. Install it: pip install 'napari-celle[train]'.") from None
        sequences = [each.sequence for path in held_out for each in read_constructs(path)]
        files = train_mini(MiniRecipe(seed=seed), table=table, held_out=sequences, out=out)
        for name, digest in files.items():
            typer.echo(f'"{name}" = "{digest}"')
