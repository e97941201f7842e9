"""``napari-celle data opencell`` and ``hpa``: pictures of proteins from public services."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from napari_celle.cli.errors import readable_errors

if TYPE_CHECKING:
    from napari_celle.data.services.gather import Failure, Gathered, Plan
    from napari_celle.data.services.service import Service, Terms

Targets = Annotated[
    str,
    Option(
        help="Genes, Ensembl genes or UniProt accessions with commas between; or a file: one a line, a CSV with the "
        "columns target and sequence, or FASTA. Sequences that are not given come from UniProt.",
        metavar="FILE|NAMES",
    ),
]
Out = Annotated[Path, Option(help="Folder of the dataset; what is there already is not fetched again.", metavar="DIR")]
Limit = Annotated[int | None, Option(min=1, help="So many pictures of each target at most; else all.")]
PerSecond = Annotated[float, Option(min=0.01, max=10.0, help="Requests a second at most.")]
Server = Annotated[
    list[str] | None,
    Option(help="Another address, NAME=URL, of api, images or sequences; may be repeated.", metavar="NAME=URL"),
]
DryRun = Annotated[bool, Option("--dry-run", help="Only tell how many pictures there are, and about how much.")]
Json = Annotated[bool, Option("--json", help="One JSON object on standard output, nothing else.")]
Debug = Annotated[bool, Option("--debug", help="Show the traceback of an error.")]


def opencell(
    targets: Targets,
    out: Out,
    limit: Limit = None,
    per_second: PerSecond = 2.0,
    server: Server = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Download pictures of tagged proteins from OpenCell: TIFF of 16 bits, first the nuclei, then the protein.

    The same command goes on where one ended. Licence: CC BY-SA 4.0.
    """
    with readable_errors(debug=debug):
        from napari_celle.data.services.opencell import OpenCell
        from napari_celle.data.services.service import choose_servers
        from napari_celle.files.polite import PoliteClient

        service = OpenCell(PoliteClient(per_second), choose_servers("opencell", server or ()))
        _run(service, targets, out, limit=limit, dry_run=dry_run, as_json=as_json)


def hpa(
    targets: Targets,
    out: Out,
    limit: Limit = None,
    per_second: PerSecond = 2.0,
    server: Server = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Download pictures of stained proteins from the Human Protein Atlas: gray PNG of nucleus and protein.

    The same command goes on where one ended. Licence: CC BY-SA, see https://www.proteinatlas.org/about/licence.
    """
    with readable_errors(debug=debug):
        from napari_celle.data.services.hpa import HumanProteinAtlas
        from napari_celle.data.services.service import choose_servers
        from napari_celle.files.polite import PoliteClient

        service = HumanProteinAtlas(PoliteClient(per_second), choose_servers("hpa", server or ()))
        _run(service, targets, out, limit=limit, dry_run=dry_run, as_json=as_json)


def _run(service: "Service", targets: str, out: Path, *, limit: int | None, dry_run: bool, as_json: bool) -> None:
    """Download, or only count, and show the outcome; exit with 1 if something could not be had."""
    from napari_celle.cli.progress import progress_bar
    from napari_celle.data.services.gather import gather, plan
    from napari_celle.data.services.targets import read_targets

    wanted = read_targets(targets)
    outcome: Gathered | Plan
    with progress_bar(quiet=as_json) as on_step:
        outcome = (plan if dry_run else gather)(service, wanted, out, limit=limit, on_step=on_step)
    if as_json:
        typer.echo(json.dumps(_fields(outcome, service.terms)))
    else:
        typer.echo(_summary(outcome, service.terms))
        _list_failures(outcome.failures)
    if outcome.failures:
        raise typer.Exit(1)


def _fields(outcome: "Gathered | Plan", terms: "Terms") -> dict[str, object]:
    from dataclasses import asdict

    fields = asdict(outcome)
    return {name: str(value) if isinstance(value, Path) else value for name, value in fields.items()} | {
        "licence": terms.licence,
        "licence_page": terms.page,
    }


def _summary(outcome: "Gathered | Plan", terms: "Terms") -> str:
    from napari_celle.data.services.gather import Plan

    if isinstance(outcome, Plan):
        return (
            f"{outcome.proteins:,} proteins with {outcome.pictures:,} pictures, of which {outcome.missing:,} are to be "
            f"fetched, about {outcome.size / 1e6:,.1f} MB."
        )
    more = f" {len(outcome.not_asked):,} targets were not asked for." if outcome.not_asked else ""
    return (
        f"{outcome.table}: {outcome.pictures:,} pictures, {outcome.fetched:,} of them fetched now.{more}\n"
        f"Source: {terms.service}, {terms.licence}, {terms.page}"
    )


def _list_failures(failures: "tuple[Failure, ...]") -> None:
    if failures:
        typer.echo(f"{len(failures):,} could not be had:", err=True)
    for failure in failures:
        typer.echo(f"  {failure.target}: {' '.join(failure.reason.split())}", err=True)
