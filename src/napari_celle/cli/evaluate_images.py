"""``napari-celle evaluate images``: models on the pictures of a table, or on drawn ones, beside the published rows."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer import Option

from napari_celle.cli.errors import readable_errors
from napari_celle.cli.evaluating import WIDE, Debug, Device, Fold, Json, Seed
from napari_celle.errors import CelleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_celle.analysis.images.report_rows import ReportRow

BESIDE = 5
"""Models, baselines or published rows that fit beside each other in a table."""


def images(
    table: Annotated[
        Path | None,
        Option(help="Pictures: the columns nucleus, protein, sequence, split; or the authors' layout.", metavar="CSV"),
    ] = None,
    simulated: Annotated[
        Path | None, Option(help="Instead: deeploc2_swissprot.csv.gz, to draw cells of its proteins.", metavar="CSV")
    ] = None,
    model: Annotated[list[str] | None, Option(help="Model; may be repeated. celle-mini when left out.")] = None,
    split: Annotated[str | None, Option(help="Only rows of the table with this split, for example val.")] = None,
    fold: Fold = 4,
    limit: Annotated[
        int | None, Option(min=1, help="So many pictures, drawn at random; else all, and 200 simulated ones.")
    ] = None,
    crop: Annotated[Literal["middle", "random"], Option(help="Which window of each picture is measured.")] = "middle",
    published: Annotated[
        Path | None, Option(help="JSON with the tables of the papers, to stand beside.", metavar="JSON")
    ] = None,
    fid: Annotated[bool, Option("--fid", help="FID and Inception score too; needs the Inception weights.")] = False,
    out: Annotated[Path | None, Option(help="Folder for report, tables, plots and montages.", metavar="DIR")] = None,
    seed: Seed = 0,
    device: Device = "auto",
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Measure models as the papers do, on pictures whose protein is known.

    One window of each picture is brought to the frame of the model, its protein channel to a threshold image by the
    model's own rule. Each model is followed by its image tokenizer, which is given the truth, and by baselines.
    """
    with readable_errors(debug=debug):
        from napari_celle.analysis.images.evaluation import evaluate_images
        from napari_celle.analysis.images.inputs import ImagesRequest, read_inputs
        from napari_celle.analysis.images.report import report_json, write_report
        from napari_celle.cli.progress import progress_bar
        from napari_celle.cli.training import check_writable
        from napari_celle.predict import DEFAULT_MODEL

        if (table is None) == (simulated is None):
            raise CelleError("Give the pictures: either --table, or --simulated to have them drawn.")
        if out is not None:
            check_writable(out)
        request = ImagesRequest(
            models=tuple(model or [DEFAULT_MODEL]), table=table, simulated=simulated, split=split, fold=fold,
            limit=limit, crop=crop, published=published, inception=fid, device=device, seed=seed,
        )  # fmt: skip
        with progress_bar(quiet=as_json) as on_step:
            inputs = read_inputs(request, on_step=on_step)
            answer = evaluate_images(
                request.models, inputs.dataset, device=inputs.device, seed=seed, inception=inputs.inception,
                on_step=on_step,
            )  # fmt: skip
        about = {"seed": seed, "split": split, "crop": crop}
        files = () if out is None else write_report(out, answer, inputs.published, about=about)
        if as_json:
            typer.echo(json.dumps(report_json(answer, inputs.published, about=about)))
            return
        _print(answer.rows, inputs.published)
        for path in files:
            typer.echo(f"Written: {path}")


def _print(measured: "Sequence[ReportRow]", published: "Sequence[ReportRow]") -> None:
    """Print all that was measured, and of the published rows those of validation but for the long Table S.1."""
    from rich.console import Console
    from rich.table import Table

    from napari_celle.analysis.images.report import COLUMNS, cells, columns_of
    from napari_celle.analysis.images.report_rows import PUBLISHED

    shown = {f"{measured[0].n:,} pictures of {measured[0].data}": {row.name: row for row in measured}}
    if published:
        shown[PUBLISHED] = {f"{row.name} ({row.source})": row for row in published if row.is_validation}
    console = Console(width=WIDE)
    for title, rows in shown.items():
        columns, names = columns_of(rows.values()), list(rows)
        for start in range(0, len(names), BESIDE):
            together = names[start : start + BESIDE]
            table = Table("mean ± standard deviation", *together, title=title)
            lines = zip(*(cells(rows[name], columns) for name in together), strict=True)
            for figure, line in zip(columns, lines, strict=True):
                table.add_row(COLUMNS[figure], *line)
            console.print(table)
