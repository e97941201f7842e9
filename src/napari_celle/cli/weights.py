"""``napari-celle weights``: get, check and remove the weights of the published models."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from napari_celle.cli.errors import readable_errors

if TYPE_CHECKING:
    from napari_celle.models.checkpoints.record import Record

app = typer.Typer(help="Weights of the published models: get, check, remove.", no_args_is_help=True)

Json = Annotated[bool, Option("--json", help="One JSON object on standard output, nothing else.")]
Debug = Annotated[bool, Option("--debug", help="Show the traceback of an error.")]
LanguageModel = Annotated[
    Path | None,
    Option(help="Weights of the protein language model, for a checkpoint that lacks them; fetched when left out."),
]
Heads = Annotated[
    int | None, Option(min=1, help="Attention heads of the language model, if it is none of the published ones.")
]


@app.command("list")
def list_weights(as_json: Json = False, debug: Debug = False) -> None:
    """Show all models: those that are installed, those that can be fetched, and those that can only be imported."""
    with readable_errors(debug=debug):
        from napari_celle.models.checkpoints import catalogue, store

        records = store.records()
        rows = [_installed_row(record) for record in records.values()]
        for name, card in catalogue.published().items():
            if name not in records:
                state = "can be fetched" if card.repo else "import by hand"
                rows.append({"name": name, "state": state, "summary": card.summary, "licence": card.licence})
        for name, model in catalogue.language_models().items():
            if name not in records:
                state = "can be fetched"
                rows.append({"name": name, "state": state, "summary": model.summary, "licence": model.licence})
        for name, other in catalogue.read_registry()["others"].items():
            if name not in records:
                rows.append({"name": name, "state": "save by hand", **other})
        folder = str(store.store_folder())
        typer.echo(json.dumps({"folder": folder, "weights": rows}) if as_json else _table(rows, folder))


@app.command("fetch")
def fetch(
    model: Annotated[str, Argument(help="Name from the list, or OWNER/REPOSITORY on Hugging Face.")],
    name: Annotated[str | None, Option(help="Name that it shall have; its own when left out.")] = None,
    language_model: LanguageModel = None,
    heads: Heads = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Download a model, convert and install it; broken off, the same command goes on from there."""
    with readable_errors(debug=debug):
        from napari_celle.cli.progress import progress_bar
        from napari_celle.models.checkpoints.install import ImportOptions, fetch_model

        options = ImportOptions(name=name or "", language_model=language_model, heads=heads)
        with progress_bar(quiet=as_json) as on_step:
            record = fetch_model(model, options, on_step=on_step)
        _show(record, as_json=as_json)


@app.command("import")
def import_weights(
    path: Annotated[
        Path, Argument(help="model.ckpt with its yaml files beside it, or their folder; or that of a trained model.")
    ],
    name: Annotated[str | None, Option(help="Name that it shall have; that of its folder when left out.")] = None,
    language_model: LanguageModel = None,
    heads: Heads = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Convert and install a published checkpoint from this computer, or install a model that was trained."""
    with readable_errors(debug=debug):
        from napari_celle.cli.progress import progress_bar
        from napari_celle.models.checkpoints.install import ImportOptions, import_model

        folder = path if path.is_dir() else path.parent
        options = ImportOptions(name=name or folder.resolve().name, language_model=language_model, heads=heads)
        with progress_bar(quiet=as_json) as on_step:
            record = import_model(path, options, on_step=on_step)
        _show(record, as_json=as_json)


@app.command("verify")
def verify(
    name: Annotated[str | None, Argument(help="An installed model; all when left out.")] = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Check that the files of installed models are those that were installed."""
    with readable_errors(debug=debug):
        from napari_celle.cli.progress import progress_bar
        from napari_celle.models.checkpoints import store

        names = [name] if name is not None else list(store.records())
        with progress_bar(quiet=as_json) as on_step:
            verified = {one: store.verify_installed(one, on_step=on_step).weights_sha256 for one in names}
        if as_json:
            typer.echo(json.dumps({"verified": verified}))
        else:
            typer.echo("\n".join(f"{one}  verified, sha256 {digest}" for one, digest in verified.items()) or "Nothing.")


@app.command("remove")
def remove(
    name: Annotated[str, Argument(help="An installed model.")], as_json: Json = False, debug: Debug = False
) -> None:
    """Delete an installed model, and what was downloaded for it."""
    with readable_errors(debug=debug):
        from napari_celle.models.checkpoints import store

        folder = store.remove(name)
        typer.echo(json.dumps({"removed": str(folder)}) if as_json else f"Removed {folder}")


@app.command("path")
def path(
    name: Annotated[str | None, Argument(help="An installed model; the folder of all when left out.")] = None,
    debug: Debug = False,
) -> None:
    """Print the folder of all weights, or that of an installed model."""
    with readable_errors(debug=debug):
        from napari_celle.models.checkpoints import store

        if name is not None:
            store.read_record(name)
        typer.echo(store.store_folder() if name is None else store.model_folder(name))


def _installed_row(record: "Record") -> dict[str, Any]:
    from napari_celle.models.checkpoints import store

    folder = store.model_folder(record.name)
    size = sum((folder / file).stat().st_size for file in record.files if (folder / file).is_file())
    return {
        "name": record.name,
        "state": "installed",
        "summary": f"from {record.source}, {size / 1e9:.2f} GB",
        "licence": record.licence,
        "bytes": size,
        "sha256": record.weights_sha256,
        "path": str(folder),
        "date": record.date,
    }


def _table(rows: list[dict[str, Any]], folder: str) -> str:
    names = max(len(row["name"]) for row in rows)
    states = max(len(row["state"]) for row in rows)
    lines = [f"{row['name']:{names}}  {row['state']:{states}}  {row['summary']}" for row in rows]
    return "\n".join([*lines, f"Installed models are in {folder}"])


def _show(record: "Record", *, as_json: bool) -> None:
    from napari_celle.models.checkpoints import store

    folder = store.model_folder(record.name)
    if as_json:
        row = _installed_row(record) | {"embedder": record.embedder, "files": dict(record.files)}
        typer.echo(json.dumps(row))
        return
    typer.echo(f"{record.name} is installed in {folder}, licence: {record.licence}")
    if record.embedder not in ("checkpoint", "none"):
        typer.echo(f"The checkpoint lacked its protein language model; it was put in from {record.embedder}.")
