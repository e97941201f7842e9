"""``napari-celle predict``: proteins and a nucleus image to files."""

import json
import math
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer import Option

from napari_celle.cli.errors import readable_errors
from napari_celle.cli.folders import why_not_writable
from napari_celle.errors import OutputError, SequenceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_celle.types import Faithful, Prediction, PredictionRequest, SequenceRecord


WIDE = 1000  # columns where there is no terminal, so that paths stay in one piece
LONGEST_STEM = 80  # letters; leaves room for a number and the kind of the file


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One prediction to make: the name it is shown by, the start of its file names, and the question."""

    name: str
    stem: str
    request: "PredictionRequest"


def predict(
    nucleus: Annotated[Path, Option(help="Nucleus image: TIFF, OME-TIFF, PNG, JPEG or npy.", metavar="IMG")],
    sequence: Annotated[str | None, Option(help="Protein in one-letter code.", metavar="SEQ")] = None,
    fasta: Annotated[Path | None, Option(help="FASTA file with one or more proteins.", metavar="FILE")] = None,
    name: Annotated[str | None, Option(help="Start of the file names of --sequence; else that of the image.")] = None,
    model: Annotated[
        str | None, Option(help="Model, or the folder of a trained one; else the one that comes along.")
    ] = None,
    out: Annotated[Path, Option(help="Folder for the results; files of the same name are replaced.")] = Path(),
    seed: Annotated[int, Option(min=0, help="Seed of the random draws; the same seed gives the same result.")] = 0,
    steps: Annotated[int | None, Option(min=1, help="Decoding passes; the model's own when left out.")] = None,
    temperature: Annotated[float | None, Option(min=0.0, help="Randomness of the draws; 0 for none.")] = None,
    top_k: Annotated[int | None, Option(min=0, help="Draw among the k best codes only; 0 for all.")] = None,
    pdf: Annotated[
        Literal["paper", "published"] | None,
        Option(help="The map: probabilities (paper), or what the authors' code draws (published)."),
    ] = None,
    faithful: Annotated[
        Literal["none", "all"],
        Option(help="all: a published model with every oddity of the authors' code, for comparison."),
    ] = "none",
    channel: Annotated[int | None, Option(min=0, help="Channel of the image, counted from 0.")] = None,
    plane: Annotated[int | None, Option(min=0, help="Plane of a stack, counted from 0.")] = None,
    centre: Annotated[
        tuple[float, float] | None, Option(help="Middle of the window, in pixels; else of the image.", metavar="Y X")
    ] = None,
    pixel_size: Annotated[float | None, Option(help="Edge of a pixel in µm; else as the file says.")] = None,
    nucleus_diameter: Annotated[float | None, Option(help="Typical nucleus diameter in pixels.")] = None,
    nuclei: Annotated[Path | None, Option(help="Label image of the nuclei; else they are found.")] = None,
    first_residue: Annotated[
        int, Option(min=1, help="First residue that is read, counted from 1, when a protein is longer than the model.")
    ] = 1,
    device: Annotated[str, Option(help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
    as_json: Annotated[bool, Option("--json", help="One JSON object on standard output, nothing else.")] = False,
    debug: Annotated[bool, Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Predict where proteins go in the cells of an image, and write the maps.

    Writes NAME_threshold.tif, NAME_pdf.tif, NAME_nuclei.tif, NAME_overlay.png and NAME_prediction.json, where NAME is
    that of the FASTA record, or of the image.
    """
    if (sequence is None) == (fasta is None):
        raise typer.BadParameter("Give one of --sequence and --fasta.")
    with readable_errors(debug=debug):
        from napari_celle.files.images import read_image
        from napari_celle.types import PredictionRequest, SamplingOptions

        records = _records(sequence, fasta, first_residue=first_residue)
        image = read_image(nucleus, channel=channel, plane=plane)
        request = PredictionRequest(
            sequence="",
            nucleus=image.pixels,
            sampling=SamplingOptions(seed=seed, steps=steps, temperature=temperature, top_k=top_k, pdf=pdf),
            centre=centre,
            pixel_size_um=image.pixel_size_um if pixel_size is None else pixel_size,
            nucleus_diameter_px=nucleus_diameter,
            nuclei=None if nuclei is None else read_image(nuclei).pixels,
            first_residue=first_residue - 1,
        )
        _check_writable(out)
        tasks = _tasks(records, request, otherwise=name or nucleus.stem.removesuffix(".ome"))
        source = {
            "nucleus_file": str(nucleus.resolve()),
            "channel": channel,
            "plane": plane,
            "nuclei_file": None if nuclei is None else str(nuclei.resolve()),
        }
        results = _run(tasks, model=model, device=device, faithful=faithful, out=out, source=source, quiet=as_json)
        _print_json(results) if as_json else _print_tables(results)


def _records(sequence: str | None, fasta: Path | None, *, first_residue: int) -> "tuple[SequenceRecord, ...]":
    """Read all proteins; a later one that is too short is an error before the first prediction."""
    from napari_celle.files.fasta import read_fasta
    from napari_celle.sequence import parse, read_part

    records = read_fasta(fasta) if fasta is not None else parse(sequence or "")
    for record in records:
        try:
            read_part(len(record.sequence), window=1, first_residue=first_residue - 1)
        except SequenceError as error:
            raise SequenceError(f"{record.name}: {error}" if record.name else str(error)) from None
    return records


def _tasks(records: "Sequence[SequenceRecord]", request: "PredictionRequest", *, otherwise: str) -> list[Task]:
    """Give each record its question and a file name of its own; a repeated one is numbered, whatever its case."""
    tasks: list[Task] = []
    taken: set[str] = set()
    for record in records:
        stem = plain = re.sub(r"[^\w.+-]+", "_", record.name or otherwise).strip("._")[:LONGEST_STEM] or "prediction"
        number = 1
        while stem.lower() in taken:
            number += 1
            stem = f"{plain}_{number}"
        taken.add(stem.lower())
        tasks.append(Task(record.name or otherwise, stem, replace(request, sequence=record.sequence)))
    return tasks


def _run(
    tasks: "Sequence[Task]",
    *,
    model: str | None,
    device: str,
    faithful: "Faithful",
    out: Path,
    source: dict[str, Any],
    quiet: bool,
) -> list[dict[str, Any]]:
    """Predict and write one task after another."""
    from napari_celle.cli.progress import progress_bar, titled
    from napari_celle.files.results import write_prediction
    from napari_celle.predict import DEFAULT_MODEL, Predictor

    results = []
    with progress_bar(quiet=quiet) as on_step:
        predictor = Predictor.load(model or DEFAULT_MODEL, device=device, faithful=faithful, on_step=on_step)
        for number, task in enumerate(tasks, start=1):
            title = f"{task.name} ({number}/{len(tasks)})"
            prediction = predictor(task.request, titled(on_step, title) if len(tasks) > 1 else on_step)
            on_step("writing the files", 0, 1)
            files = write_prediction(prediction, folder=out, stem=task.stem, extra={"name": task.name, **source})
            results.append(_result(task, prediction, files))
    return results


def _result(task: Task, prediction: "Prediction", files: dict[str, Path]) -> dict[str, Any]:
    fraction = float(prediction.nuclear_fraction)
    return {
        "name": task.name,
        "nuclear_fraction": None if math.isnan(fraction) else fraction,
        "files": {kind: str(path) for kind, path in files.items()},
        "model": prediction.model,
        "seed": prediction.sampling.seed,
        "pdf": prediction.sampling.pdf,
        "device": prediction.device,
        "seconds": round(sum(prediction.timings.values()), 3),
        "notes": list(prediction.notes),
    }


def _print_json(results: list[dict[str, Any]]) -> None:
    typer.echo(json.dumps(results[0] if len(results) == 1 else {"predictions": results}))


def _print_tables(results: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Column, Table

    width = None if sys.stdout.isatty() else WIDE
    console = Console(highlight=False, markup=False, emoji=False, width=width)
    for result in results:
        table = Table.grid(Column(), Column(overflow="fold"), padding=(0, 2))
        table.add_row("protein", result["name"])
        fraction = result["nuclear_fraction"]
        table.add_row("nuclear fraction", "not a number" if fraction is None else f"{fraction:.3f}")
        table.add_row("model", f"{result['model']}, seed {result['seed']}, {result['device']}, {result['seconds']} s")
        for kind, path in result["files"].items():
            table.add_row(kind, path)
        for note in result["notes"]:
            table.add_row("note", note)
        console.print(table)


def _check_writable(folder: Path) -> None:
    """Raise before any prediction is made when the results could not be written."""
    problem = why_not_writable(folder)
    if problem:
        raise OutputError(f"The results cannot be written to {folder}: {problem}. Choose another folder with --out.")
