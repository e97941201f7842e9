"""``napari-celle data``: datasets of pictures; each command has a file of its own."""

import typer

from napari_celle.cli.data_check import check as _check
from napari_celle.cli.data_services import hpa as _hpa
from napari_celle.cli.data_services import opencell as _opencell
from napari_celle.cli.data_split import split as _split

app = typer.Typer(help="Datasets of pictures: check, split, download.", no_args_is_help=True)
app.command("check")(_check)
app.command("split")(_split)
app.command("opencell")(_opencell)
app.command("hpa")(_hpa)
