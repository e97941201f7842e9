"""``napari-celle evaluate simulated``: predicted pictures against drawn ones."""

import json
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from napari_celle.cli.errors import readable_errors
from napari_celle.cli.evaluating import WIDE, Debug, Device, Fold, Json, Model, Proteins, Seed

if TYPE_CHECKING:
    from napari_celle.analysis.reconstruction import Reconstruction
    from napari_celle.analysis.simulated import SimulatedScores


def simulated(
    table: Proteins,
    model: Model = None,
    fold: Fold = 4,
    limit: Annotated[int, Option(min=1, help="So many pictures are drawn.")] = 200,
    seed: Seed = 0,
    device: Device = "auto",
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Compare predicted pictures with drawn ones, on drawn nuclei that no training has seen.

    The proteins are real ones of a fold; beside the model stand pictures that know nothing of the protein.
    """
    with readable_errors(debug=debug):
        from napari_celle.analysis.reconstruction import reconstructions
        from napari_celle.analysis.simulated import draw_unseen, drawn_baselines, simulated_scores
        from napari_celle.cli.progress import progress_bar
        from napari_celle.data.proteins import LEARN, read_proteins
        from napari_celle.device import choose_device
        from napari_celle.models.registry import load_model
        from napari_celle.predict import DEFAULT_MODEL, Predictor

        proteins = read_proteins(table, folds=(fold,))
        with progress_bar(quiet=as_json) as on_step:
            chosen = choose_device(device).name
            loaded = load_model(model or DEFAULT_MODEL, device=chosen, on_step=on_step)
            on_step("drawing cells", 0, 1)
            cells = draw_unseen(proteins, limit, seed=seed)
            baselines = drawn_baselines(read_proteins(table, folds=LEARN), seed=seed)
            scores = simulated_scores(
                Predictor(loaded, device=chosen),
                proteins,
                cells,
                seed=seed,
                baselines=baselines,
                on_step=on_step,
            )
            tokenizers = reconstructions(loaded.network, cells, device=chosen)
        about = {"model": loaded.info.name, "weights_sha256": loaded.info.weights_sha256, "fold": fold, "seed": seed}
        if as_json:
            answers = {name: each.to_dict() for name, each in tokenizers.items()}
            typer.echo(json.dumps({**about, **scores.to_dict(), **answers}))
        else:
            _print(scores, tokenizers["reconstruction"])


def _print(scores: "SimulatedScores", tokenizer: "Reconstruction") -> None:
    from rich.console import Console
    from rich.table import Table

    columns = {"the model": scores.figures, **scores.baselines}
    shown = Table(f"{scores.n} pictures, mean (sd)", *columns)
    for name in scores.figures:
        cells = (figures[name] for figures in columns.values())
        shown.add_row(name.replace("_", " "), *(f"{each.mean:.3f} ({each.sd:.3f})" for each in cells))
    Console(width=WIDE).print(shown)
    typer.echo(
        f"Calibration error of the nuclear fraction: {scores.expected_calibration_error:.3f}. The tokenizer gives back "
        f"{tokenizer.pixel_accuracy:.1%} of the pixels with {tokenizer.codes_used} of {tokenizer.codes} codes."
    )
