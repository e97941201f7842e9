"""``napari-celle train ablation``: models that differ in one thing each, as in CELL-E's Table S.1."""

import json
from pathlib import Path
from typing import Annotated

import typer
from typer import Option

from napari_celle.cli.errors import readable_errors
from napari_celle.cli.training import Accelerator, Debug, Devices, check_installed, check_writable
from napari_celle.config import Hardware

EDGE = 256
"""Of the drawn pictures in pixels, as that of celle-mini's image tokenizers."""


def ablation(
    config: Annotated[
        Path, Option(help="TOML with the rows, like examples/ablation.toml.", metavar="TOML", show_default=False)
    ],
    table: Annotated[Path, Option(help="deeploc2_swissprot.csv.gz: proteins with locations.", metavar="CSV")],
    out: Annotated[Path, Option(help="Folder of the runs, and of the table: ablation.md, .json.", metavar="DIR")],
    simulated: Annotated[int, Option(min=2, help="So many cells are drawn to learn from, folds 0-2.")] = 4_000,
    held_out: Annotated[
        list[Path] | None,
        Option(help="CSV or FASTA of proteins whose relatives are left out; may be repeated.", metavar="FILE"),
    ] = None,
    pictures: Annotated[int, Option(min=2, help="Pictures of each split that are measured.")] = 100,
    seed: Annotated[
        int, Option(min=0, help="Of the drawn cells and the measuring; each row has one of its own too.")
    ] = 0,
    accelerator: Accelerator = "auto",
    devices: Devices = 0,
    as_json: Annotated[bool, Option("--json", help="One JSON object on standard output, nothing else.")] = False,
    debug: Debug = False,
) -> None:
    """Train the rows of an ablation one after another, and measure them on learned and on unseen proteins.

    What was stopped goes on. A row whose language model is not at hand is left out, and says so.
    """
    with readable_errors(debug=debug):
        check_installed()
        from napari_celle.analysis.ablation import (
            AblationModel,
            ablation_datasets,
            ablation_markdown,
            score_ablation,
        )
        from napari_celle.analysis.constructs import read_constructs
        from napari_celle.cli.progress import progress_bar
        from napari_celle.cli.train_celle import tell
        from napari_celle.data.drawn_pairs import draw_pairs
        from napari_celle.train.ablation import read_ablation, train_rows
        from napari_celle.train.tokenizer import Told

        check_writable(out)
        rows = read_ablation(config)
        relatives = tuple(each.sequence for path in held_out or () for each in read_constructs(path))
        with progress_bar(quiet=as_json) as on_step:
            told = Told(on_step, None if as_json else tell)
            drawn = draw_pairs(table, simulated, folder=out, size=EDGE, seed=seed, held_out=relatives, on_step=on_step)
            hardware = Hardware(accelerator=accelerator, devices=devices)
            trained = train_rows(rows, drawn, out=out, hardware=hardware, told=told)
            models = [AblationModel(each.row.name, each.row.sizes(), each.model, each.missing) for each in trained]
            datasets = ablation_datasets(table, drawn["train"], pictures=pictures, held_out=relatives, seed=seed)
            scores = score_ablation(models, datasets, seed=seed, on_step=on_step)
        answer = {"config": str(config), "rows": [row.to_dict() for row in scores]}
        (out / "ablation.json").write_text(json.dumps(answer, indent=1), encoding="utf-8")
        text = ablation_markdown(scores)
        (out / "ablation.md").write_text(text, encoding="utf-8")
        typer.echo(json.dumps(answer) if as_json else text)
