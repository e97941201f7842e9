"""``napari-celle evaluate``: how good a model is, measured; each command has a file of its own."""

import typer

from napari_celle.cli.evaluate_cycle import cycle as _cycle
from napari_celle.cli.evaluate_images import images as _images
from napari_celle.cli.evaluate_nuclear import nuclear as _nuclear
from napari_celle.cli.evaluate_simulated import simulated as _simulated
from napari_celle.cli.evaluate_table import table as _table

app = typer.Typer(help="Measure a model on proteins whose place is known.", no_args_is_help=True)
app.command("cycle")(_cycle)
app.command("images")(_images)
app.command("nuclear")(_nuclear)
app.command("simulated")(_simulated)
app.command("table")(_table)
