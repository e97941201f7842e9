"""``napari-celle train``: train models of our own; each command has a file of its own."""

import typer

from napari_celle.cli.train_ablation import ablation as _ablation
from napari_celle.cli.train_celle import celle as _celle
from napari_celle.cli.train_mini import mini as _mini
from napari_celle.cli.train_vqgan import vqgan as _vqgan

app = typer.Typer(help="Train models of one's own (needs the extra 'train').", no_args_is_help=True)
app.command("vqgan")(_vqgan)
app.command("celle")(_celle)
app.command("ablation")(_ablation)
app.command("mini")(_mini)
