"""The command line: one file per command; it parses and prints, and computes nothing."""

import typer

from napari_celle.cli.constructs import constructs as _constructs
from napari_celle.cli.data import app as _data
from napari_celle.cli.doctor import doctor as _doctor
from napari_celle.cli.evaluate import app as _evaluate
from napari_celle.cli.predict import predict as _predict
from napari_celle.cli.train import app as _train
from napari_celle.cli.weights import app as _weights

app = typer.Typer(
    help="See where in these cells a protein goes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("predict")(_predict)
app.command("constructs")(_constructs)
app.command("doctor")(_doctor)
app.add_typer(_data, name="data")
app.add_typer(_evaluate, name="evaluate")
app.add_typer(_train, name="train")
app.add_typer(_weights, name="weights")
