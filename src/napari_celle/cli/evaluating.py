"""What the commands of ``napari-celle evaluate`` have in common: their options, and how wide they print."""

from pathlib import Path
from typing import Annotated

from typer import Option

WIDE = 140
"""Columns of the tables."""

Model = Annotated[str | None, Option(help="Model; the one that comes with napari-celle when left out.")]
Limit = Annotated[int | None, Option(min=1, help="So many proteins, drawn at random; else all.")]
Seed = Annotated[int, Option(min=0, help="Of everything random; the same seed gives the same figures.")]
Device = Annotated[str, Option(help="auto, cpu, cuda, cuda:1, mps.")]
Json = Annotated[bool, Option("--json", help="One JSON object on standard output, nothing else.")]
Debug = Annotated[bool, Option("--debug", help="Show the traceback of an error.")]
Proteins = Annotated[Path, Option(help="deeploc2_swissprot.csv.gz: proteins with locations.", metavar="CSV")]
Fold = Annotated[int, Option(min=0, max=4, help="Homology fold: 0-2 were trained on, 3 chosen on, 4 is for reports.")]
