"""Fetch the files of a model from one address each."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from napari_celle.errors import DownloadError, WeightsError
from napari_celle.files.download import NotThere, download
from napari_celle.models.checkpoints import catalogue, store
from napari_celle.models.checkpoints.pickles import read_tensors
from napari_celle.models.checkpoints.record import Record
from napari_celle.types import OnStep


def fetch_files(
    addresses: Mapping[str, str], folder: Path, *, remedy: str, on_step: OnStep | None = None
) -> list[Path]:
    """Fetch files that are not in a folder yet; return their paths.

    Parameters
    ----------
    addresses : Mapping of str to str
        File name to direct address.
    folder, remedy, on_step
        As in :func:`napari_celle.files.download.download`.

    Raises
    ------
    DownloadError
        If one cannot be fetched.
    """
    for name, url in addresses.items():
        download(url, folder / name, remedy=remedy, on_step=on_step)
    return [folder / name for name in addresses]


def fetch_first_set(
    sets: Sequence[Mapping[str, str]], folder: Path, *, remedy: str, on_step: OnStep | None = None
) -> list[Path]:
    """Fetch the first set of files that the server has; arguments and errors as :func:`fetch_files`."""
    for addresses in sets:
        if all((folder / name).is_file() for name in addresses):
            return [folder / name for name in addresses]
    for addresses in sets:
        try:
            return fetch_files(addresses, folder, remedy=remedy, on_step=on_step)
        except NotThere as error:
            last: DownloadError = error
    raise last


def language_model_files(card: catalogue.LanguageModel, *, remedy: str, on_step: OnStep | None) -> list[Path]:
    """Return the files of a language model, which are fetched unless it is installed; errors as :func:`fetch_files`."""
    if store.is_installed(card.name):
        return [store.model_folder(card.name) / file for file in store.read_record(card.name).files]
    return fetch_first_set(card.addresses(), store.download_folder(card.name), remedy=remedy, on_step=on_step)


def fetch_language_model(name: str, *, by_hand: str = "", on_step: OnStep | None) -> Record:
    """Fetch a language model and install it as it is; ``by_hand`` as for a model, errors as :func:`fetch_files`."""
    if store.is_installed(name):
        return store.read_record(name)
    card = catalogue.language_models()[name]
    downloads = store.download_folder(name)
    remedy = f"Then {by_hand or 'give it to the import of the model that needs it: --language-model FILE'}"
    paths = fetch_first_set(card.addresses(), downloads, remedy=remedy, on_step=on_step)
    done = install_language_model(name, paths, source=card.repo or card.address, keep=False)
    shutil.rmtree(downloads, ignore_errors=True)
    return done


def install_language_model(name: str, paths: Sequence[Path], *, source: str, keep: bool) -> Record:
    """Install the files of a language model as they are.

    Parameters
    ----------
    name : str
        Of registry.toml.
    paths : sequence of Path
        Its files.
    source : str
        Where they are from.
    keep : bool
        They are copied, not moved.

    Raises
    ------
    WeightsError
        If it is installed already, or a file holds no tensors.
    """
    if store.is_installed(name):
        raise WeightsError(f"{name} is installed already. Delete it first.")
    for path in paths:
        read_tensors(path)  # opens, so it is what it says
    record = Record(name=name, source=source, licence=catalogue.language_models()[name].licence, card=name)
    with store.staging(name) as folder:
        for path in paths:
            (shutil.copyfile if keep else shutil.move)(path, folder / path.name)
        return store.install(folder, record)
