"""Get models of the papers into the user's folder: from files on this computer, or from the network."""

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from torch import Tensor

from napari_celle.config import CelleConfig
from napari_celle.errors import WeightsError
from napari_celle.models.checkpoints import catalogue, store
from napari_celle.models.checkpoints.convert import convert
from napari_celle.models.checkpoints.fetch import fetch_files, fetch_language_model, language_model_files
from napari_celle.models.checkpoints.language_model import published_language_model
from napari_celle.models.checkpoints.pickles import read_tensors
from napari_celle.models.checkpoints.published_config import published_config
from napari_celle.models.checkpoints.record import Record
from napari_celle.models.checkpoints.sources import find_checkpoint, origin, read_settings
from napari_celle.types import OnStep

_REPO = re.compile(r"[\w.-]+/[\w.-]+")
_TEXT = "celle.text_emb.model."


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How files become an installed model.

    Attributes
    ----------
    name : str
        Name it shall have; "" takes that of the published model.
    source : str
        What to write down as its origin; "" for its path.
    language_model : Path or None
        File with the weights of the protein language model, for checkpoints that lack them; None fetches them.
    heads : int or None
        Attention heads of the language model; None for the published ones, whose are known.
    """

    name: str = ""
    source: str = ""
    language_model: Path | None = None
    heads: int | None = None


def import_model(path: Path, options: ImportOptions, *, on_step: OnStep | None = None) -> Record:
    """Convert a published checkpoint and install it, or install a model that was trained here.

    Parameters
    ----------
    path : Path
        The checkpoint, its yaml files beside it, or the folder of all of them; or the folder of a model of one's own,
        which is copied.
    options : ImportOptions
        Name and details.
    on_step : callable or None
        Told of the bytes done; what it raises stops, and nothing is installed.

    Raises
    ------
    WeightsError
        If the files are not those of a published model, are damaged, or the name is taken.
    """
    check_free(options.name)
    if store.is_folder(str(path)):
        return _copy(path, options.name, on_step=on_step)
    checkpoint = find_checkpoint(path)
    settings = read_settings(checkpoint.parent)
    tensors = read_tensors(checkpoint)
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    card = catalogue.published().get(options.name)
    config = published_config(shapes, **settings, heads=options.heads, pixels=card.family if card else "hpa")
    _check_row(options.name, config)
    embedder = "checkpoint"
    if not any(name.startswith(_TEXT) for name in tensors):
        text, config, embedder = _language_model(config, options, on_step=on_step)
        tensors |= text
    record = Record(
        name=options.name,
        source=options.source or str(checkpoint.resolve()),
        licence=card.licence if card else "not known; see where the weights come from",
        card=card.name if card else "",
        embedder=embedder,
        origin=origin(checkpoint, on_step=on_step),
    )
    with store.staging(options.name) as folder:
        convert(tensors, config, folder, on_step=on_step)
        return store.install(folder, record)


def fetch_model(
    name_or_repo: str, options: ImportOptions | None = None, *, by_hand: str = "", on_step: OnStep | None = None
) -> Record:
    """Fetch a published model, convert and install it; one that is installed already is left as it is.

    Parameters
    ----------
    name_or_repo : str
        A name of registry.toml, or a repository on Hugging Face, like "HuangLab/CELL-E_2_HPA_480".
    options : ImportOptions or None
        Another name, and details; None for the usual.
    by_hand : str
        What to do with files that were fetched by hand, for the text of an error; "" names the command.
    on_step : callable or None
        As in :func:`import_model`; what has been downloaded is kept.

    Raises
    ------
    WeightsError
        If there is no such model, or no address is known.
    DownloadError
        If it cannot be fetched; says what to do by hand.
    """
    if name_or_repo in catalogue.language_models():
        return fetch_language_model(name_or_repo, by_hand=by_hand, on_step=on_step)
    card = _card(name_or_repo)
    options = options or ImportOptions()
    options = replace(options, name=options.name or card.name)
    if store.is_installed(options.name):
        return store.read_record(options.name)
    check_free(options.name)
    folder = store.download_folder(options.name)
    files = ", ".join(card.files)
    then = by_hand or f"napari-celle weights import FOLDER --name {options.name}"
    remedy = f"Put the files {files} into one folder, then: {then}"
    fetch_files(card.addresses(), folder, remedy=remedy, on_step=on_step)
    record = import_model(folder, replace(options, source=f"Hugging Face {card.repo}"), on_step=on_step)
    shutil.rmtree(folder, ignore_errors=True)
    return record


def check_free(name: str) -> None:
    """Raise ``WeightsError`` if a model cannot be installed under a name."""
    store.check_name(name)
    registry = catalogue.read_registry()
    if name in {*registry, *registry["language-models"], *registry["others"], "tiny"}:
        raise WeightsError(f"The name {name!r} is taken by what comes with napari-celle. Choose another name.")
    if store.is_installed(name):
        raise WeightsError(
            f"{name} is installed already. Remove it first with 'napari-celle weights remove {name}', or choose "
            "another name."
        )


def _copy(path: Path, name: str, *, on_step: OnStep | None) -> Record:
    """Install a model that lies in a folder, as it is."""
    record = store.verify_installed(str(path), on_step=on_step)
    with store.staging(name) as folder:
        for file in record.files:
            shutil.copyfile(path / file, folder / file)
        return store.install(folder, replace(record, name=name))


def _card(name_or_repo: str) -> catalogue.PublishedCard:
    cards = catalogue.published()
    if name_or_repo in cards:
        card = cards[name_or_repo]
        if not card.repo:
            raise WeightsError(
                f"No public address of the weights of {card.name} is known. Ask its authors for {card.files[0]} and "
                f"its yaml files, then: napari-celle weights import FOLDER --name {card.name}. If you know their "
                f"repository on Hugging Face: napari-celle weights fetch OWNER/REPOSITORY --name {card.name}"
            )
        return card
    if not _REPO.fullmatch(name_or_repo):
        known = [*cards, *catalogue.language_models()]
        raise WeightsError(
            f"There are no weights {name_or_repo!r}. Known are {', '.join(known)}; or give a repository on Hugging "
            "Face, OWNER/REPOSITORY."
        )
    row = next((card for card in cards.values() if card.repo == name_or_repo), None)
    return row or catalogue.PublishedCard(name_or_repo.split("/")[1], "", "", "", "", name_or_repo)


def _check_row(name: str, config: CelleConfig) -> None:
    """Raise if a model of the papers is to be installed under the name of another."""
    size = re.fullmatch(r"celle2-.+-(\d+)", name)
    row = catalogue.published().get(name)
    if row is None:
        return
    masked = row.name != "celle"
    if masked != (config.decoding == "masked") or (size and int(size[1]) != config.transformer.dim):
        kind = "CELL-E 2" if config.decoding == "masked" else "CELL-E"
        raise WeightsError(
            f"These weights are not those of {name}: they are of a {kind} model of width {config.transformer.dim} with "
            f"{config.transformer.depth} layers. Choose another name with --name."
        )


def _language_model(
    config: CelleConfig, options: ImportOptions, *, on_step: OnStep | None
) -> tuple[dict[str, Tensor], CelleConfig, str]:
    """Return the tensors of the language model that a checkpoint lacks, the model's sizes, and where they are from."""
    kind, dim = config.embedding.kind, config.embedding.dim
    if options.language_model is not None:
        paths, source = [options.language_model], str(options.language_model.resolve())
    else:
        card = catalogue.language_model_of(kind, dim)
        if card is None:
            raise WeightsError(
                f"The checkpoint lacks its protein language model ({kind}, width {dim}). Give it with --language-model."
            )
        remedy = f"Then run the command again with --language-model FILE, or: napari-celle weights fetch {card.name}"
        paths, source = language_model_files(card, remedy=remedy, on_step=on_step), card.repo or card.address
    tensors: dict[str, Tensor] = {}
    for path in paths:
        tensors |= read_tensors(path)
    text, sizes = published_language_model(tensors, kind=kind, dim=dim, heads=options.heads)
    return text, replace(config, embedding=sizes), source
