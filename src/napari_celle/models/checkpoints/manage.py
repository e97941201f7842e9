"""What can be done with weights by their name, whatever kind they are: fetch, import a file, verify, delete."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from napari_celle.errors import WeightsError
from napari_celle.files.download import download, hugging_face_url
from napari_celle.models.checkpoints import catalogue, embedded, store
from napari_celle.models.checkpoints.fetch import install_language_model
from napari_celle.models.checkpoints.install import ImportOptions, fetch_model, import_model
from napari_celle.models.checkpoints.inventory import CELLPOSE, EMBEDDED
from napari_celle.models.checkpoints.record import RECORD, Record
from napari_celle.segment import cellpose_weights
from napari_celle.types import OnStep


def fetch(name: str, *, on_step: OnStep | None = None) -> str:
    """Fetch weights and install them; what an earlier call has brought is not fetched again.

    Parameters
    ----------
    name : str
        Of the list, or a repository on Hugging Face, "OWNER/REPOSITORY".
    on_step : callable or None
        Told of the bytes done and in all; what it raises stops.

    Returns
    -------
    str
        The name that was installed.

    Raises
    ------
    WeightsError, DownloadError
        If it cannot be fetched, is not what it should be, or there is no room for it.
    """
    with _readable_disk():
        if name == CELLPOSE:
            return _fetch_cellpose(on_step).name
        return fetch_model(name, by_hand=f"import them here as {name}.", on_step=on_step).name


def import_file(path: Path, name: str, *, on_step: OnStep | None = None) -> str:
    """Install weights from this computer under a name, which tells what they are; return the name.

    Parameters
    ----------
    path : Path
        A checkpoint with its yaml files beside it; any file of a model that was trained or installed here; for the
        name of a language model its file; for "cellpose" the file cpsam_v2.
    name : str
        Of the list, or a new one.
    on_step : callable or None
        Told of progress; what it raises stops, and nothing is installed.

    Raises
    ------
    WeightsError
        If the file is not what the name says, or the name is taken.
    """
    with _readable_disk():
        if name == CELLPOSE:
            return _install_cellpose(path, source=str(path.resolve()), keep=True).name
        if name in catalogue.language_models():
            return install_language_model(name, [path], source=str(path.resolve()), keep=True).name
        whole = path.parent if (path.parent / RECORD).is_file() else path
        return import_model(whole, ImportOptions(name), on_step=on_step).name


def verify(name: str, *, on_step: OnStep | None = None) -> str:
    """Check that the files of weights are those that were installed; return the SHA-256 over all of them.

    Raises
    ------
    WeightsError
        Naming the file that is missing or was changed.
    """
    with _readable_disk():
        if name == EMBEDDED:
            card = embedded.find(name)
            embedded.verify(card, on_step=on_step)
            return card.info.weights_sha256
        if name == CELLPOSE and not store.is_installed(name):
            return cellpose_weights.check_weights(cellpose_weights.find_weights(store.store_folder()))
        return store.verify_installed(name, on_step=on_step).weights_sha256


def delete(name: str) -> Path:
    """Delete weights, and what was downloaded for them; return the folder that they were in.

    Raises
    ------
    WeightsError
        If they come with the package, or there are none.
    """
    if name == EMBEDDED:
        raise WeightsError(f"{name} comes with napari-celle and cannot be deleted.")
    with _readable_disk():
        return store.remove(name)


def _fetch_cellpose(on_step: OnStep | None) -> Record:
    card, folder = catalogue.read_registry()["others"][CELLPOSE], store.download_folder(CELLPOSE)
    url, path = hugging_face_url(card["repo"], card["file"]), folder / card["file"]
    remedy = "Then import it here as cellpose."
    download(url, path, remedy=remedy, on_step=on_step)
    record = _install_cellpose(path, source=url, keep=False)
    shutil.rmtree(folder, ignore_errors=True)
    return record


def _install_cellpose(path: Path, *, source: str, keep: bool) -> Record:
    card = catalogue.read_registry()["others"][CELLPOSE]
    if store.is_installed(CELLPOSE):
        raise WeightsError("The weights of cellpose are installed already. Delete them first.")
    cellpose_weights.read_tensors(path)  # opens, so it is what it says
    with store.staging(CELLPOSE) as folder:
        (shutil.copyfile if keep else shutil.move)(path, folder / card["file"])
        return store.install(folder, Record(name=CELLPOSE, source=source, licence=card["licence"], card=CELLPOSE))


@contextmanager
def _readable_disk() -> Iterator[None]:
    """Say in our words that a file or folder cannot be read or written, for example that the disk is full."""
    try:
        yield
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        raise WeightsError(
            f"The file or folder{where} cannot be read or written: {error.strerror or error}. Make room, or choose "
            "another folder of weights with the environment variable NAPARI_CELLE_WEIGHTS."
        ) from error
