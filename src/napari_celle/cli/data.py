"""``napari-celle data``: datasets of pictures; what they hold, and how they are split."""

import typer

from napari_celle.cli.data_services import hpa as _hpa
from napari_celle.cli.data_services import opencell as _opencell

app = typer.Typer(help="Datasets of pictures: check, split, download.", no_args_is_help=True)
app.command("opencell")(_opencell)
app.command("hpa")(_hpa)
