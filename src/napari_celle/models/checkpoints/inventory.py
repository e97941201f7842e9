"""All weights that are here or can be had, one row each: models, language models, and cellpose's file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from napari_celle.errors import CelleError
from napari_celle.files.download import hugging_face_url
from napari_celle.models.checkpoints import catalogue, embedded, store
from napari_celle.models.checkpoints.installed import installed_info
from napari_celle.models.checkpoints.record import Record
from napari_celle.segment import cellpose_weights
from napari_celle.types import ModelInfo

Kind = Literal["model", "language model", "nuclei"]
State = Literal["embedded", "installed", "damaged", "can be fetched", "not known where"]

CELLPOSE = "cellpose"
EMBEDDED = "celle-mini"
_CELLPOSE_BYTES = 1_200_000_000


@dataclass(frozen=True, slots=True)
class Weights:
    """What is known of some weights, here or not.

    Attributes
    ----------
    name, summary, licence : str
        As in :class:`ModelInfo`; a licence of "" is not known.
    kind : str
        "model" predicts; a "language model" is put into models that lack theirs; "nuclei" finds nuclei.
    state : str
        "embedded" comes with the package; "damaged" cannot be read, and ``problem`` says why.
    size : int
        Bytes: on the disk if it is here, else about what is to be fetched; 0 if that is not known.
    sha256 : str
        Hash over all its files; "" if it is not here, or nobody wrote it down.
    residues : int
        Longest part of a sequence that it reads; 0 if none, or it is no model.
    window_um : float
        Edge of its window in micrometres; 0 if it is no model.
    folder : Path or None
        Where its files lie; None if it is not here.
    addresses : Mapping of str to str
        File name to direct address, of what can be fetched.
    arrived : int
        Bytes of it that an unfinished download has brought.
    is_ours : bool
        It lies in the folder of weights, so it may be deleted.
    problem : str
        Why it cannot be used; "" if it can.
    """

    name: str
    kind: Kind
    state: State
    summary: str
    licence: str
    size: int = 0
    sha256: str = ""
    residues: int = 0
    window_um: float = 0.0
    folder: Path | None = None
    addresses: Mapping[str, str] | None = None
    arrived: int = 0
    is_ours: bool = False
    problem: str = ""

    @property
    def is_here(self) -> bool:
        """Whether it is on this computer."""
        return self.folder is not None


def list_weights() -> tuple[Weights, ...]:
    """Return all weights: models that are here, models that are not, language models, cellpose's file.

    What is damaged is one of the rows and no error; nothing is loaded, and no server is asked.

    Raises
    ------
    WeightsError
        If the list of weights that comes with the package cannot be read.
    """
    store.recover()
    rows = [*_models(), *_language_models(), _cellpose()]
    return tuple(replace(row, arrived=_arrived(row.name)) if not row.is_here else row for row in rows)


def _models() -> Iterator[Weights]:
    yield _embedded()
    cards, others = catalogue.published(), {*catalogue.language_models(), CELLPOSE}
    here = [name for name in store.names() if name not in others]
    yield from (_installed(name, "model") for name in here)
    absent = [_published(card) for name, card in cards.items() if name not in here]
    yield from sorted(absent, key=lambda row: row.state == "not known where")


def _language_models() -> Iterator[Weights]:
    for name, model in catalogue.language_models().items():
        if store.is_installed(name):
            yield replace(_installed(name, "language model"), summary=model.summary)
        else:
            yield Weights(
                name=name,
                kind="language model",
                state="can be fetched",
                summary=model.summary,
                licence=model.licence,
                size=model.size,
                addresses=model.addresses()[0],
            )


def _embedded() -> Weights:
    card = embedded.find(EMBEDDED)
    row = Weights(EMBEDDED, "model", "embedded", card.info.summary, card.info.licence, folder=card.folder)
    return _told(replace(row, size=_size(card.folder, card.files)), card.info)


def _installed(name: str, kind: Kind) -> Weights:
    folder = store.model_folder(name)
    try:
        record = store.read_record(name)
        row = _of_record(record, kind, folder)
        return _told(row, installed_info(name)) if kind == "model" else row
    except CelleError as error:
        return Weights(name, kind, "damaged", "", "", folder=folder, is_ours=True, problem=str(error))


def _of_record(record: Record, kind: Kind, folder: Path) -> Weights:
    return Weights(
        name=record.name,
        kind=kind,
        state="installed",
        summary=f"From {record.source}.",
        licence=record.licence,
        size=_size(folder, record.files),
        sha256=record.weights_sha256,
        folder=folder,
        is_ours=True,
    )


def _told(row: Weights, info: ModelInfo) -> Weights:
    """Return a row with what a user should know of the model."""
    return replace(
        row,
        summary=info.summary,
        sha256=info.weights_sha256,
        residues=info.residues,
        window_um=info.image_size * info.pixel_size_um,
    )


def _published(card: catalogue.PublishedCard) -> Weights:
    row = Weights(
        name=card.name,
        kind="model",
        state="can be fetched" if card.repo else "not known where",
        summary=card.summary,
        licence=card.licence,
        size=round(card.size_gb * 1e9),
        addresses=card.addresses() if card.repo else None,
    )
    return replace(_told(row, catalogue.info_of_card(card)), sha256="")


def _cellpose() -> Weights:
    card, folder = catalogue.read_registry()["others"][CELLPOSE], store.store_folder()
    row = Weights(
        name=CELLPOSE,
        kind="nuclei",
        state="can be fetched",
        summary="Cellpose-SAM, which finds nuclei.",
        licence=card["licence"],
        size=_CELLPOSE_BYTES,
        addresses={card["file"]: hugging_face_url(card["repo"], card["file"])},
    )
    try:
        path = cellpose_weights.find_weights(folder)
    except CelleError:
        return row
    own, size = path.parent == folder / CELLPOSE, path.stat().st_size
    row = replace(row, state="installed", folder=path.parent, size=size, is_ours=own)
    try:
        return replace(row, sha256=cellpose_weights.recorded_sha256(path) or "")
    except CelleError as error:
        return replace(row, state="damaged", problem=str(error))


def _size(folder: Path, names: Mapping[str, str]) -> int:
    return sum((folder / name).stat().st_size for name in names if (folder / name).is_file())


def _arrived(name: str) -> int:
    folder = store.download_folder(name)
    return sum(path.stat().st_size for path in folder.glob("*") if path.is_file()) if folder.is_dir() else 0
