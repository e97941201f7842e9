"""``napari-celle data``: datasets of pictures; what they hold, and how they are split."""

import typer

app = typer.Typer(help="Datasets of pictures: check, split, download.", no_args_is_help=True)
