"""Download a service's pictures of many targets into the authors' layout; the same call goes on where one ended.

What has a ``sources.json`` in the folder is not asked for again, and a picture that is there is not fetched again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from napari_celle.data.services.holdings import TABLE, Holding, is_here, read_known, write_sources, write_table
from napari_celle.data.services.service import Offer, Picture, Service
from napari_celle.data.services.targets import Target
from napari_celle.errors import Cancelled, CelleError, DownloadError, OutputError
from napari_celle.files.polite import ServerAway
from napari_celle.types import OnStep


@dataclass(frozen=True, slots=True)
class Failure:
    """A target, or one picture of it, that could not be had, and why."""

    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a download brought.

    Attributes
    ----------
    table : Path
        The table of all that the folder holds; it is there if there are pictures.
    pictures : int
        Rows of the table.
    fetched : int
        Pictures that came now.
    failures : tuple of Failure
        What could not be had.
    not_asked : tuple of str
        Targets left out because the server went away.
    """

    table: Path
    pictures: int
    fetched: int
    failures: tuple[Failure, ...]
    not_asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a download would bring: proteins found, their pictures, those not here yet, and bytes of these, roughly."""

    proteins: int
    pictures: int
    missing: int
    size: int
    failures: tuple[Failure, ...]


def plan(
    service: Service, targets: Sequence[Target], folder: Path, *, limit: int | None, on_step: OnStep | None = None
) -> Plan:
    """Ask what there is, and count; nothing is written.

    Parameters
    ----------
    service, targets, folder, limit, on_step
        As in :func:`gather`.

    Raises
    ------
    CelleError
        As in :func:`gather`.
    """
    known = read_known(folder, service)
    proteins, failures = [], []
    for number, target in enumerate(targets):
        _tell(on_step, target.name, number, len(targets))
        try:
            kept = known.get(target.name.upper())
            proteins.append(kept or Holding(_find(service, target), "", service.terms))
        except ServerAway as error:
            failures.append(Failure(target.name, str(error)))
            break
        except DownloadError as error:
            failures.append(Failure(target.name, str(error)))
    wanted = [(protein, picture) for protein in proteins for picture in protein.offer.pictures[:limit]]
    missing = [picture for protein, picture in wanted if not is_here(service, picture, folder / protein.folder)]
    return Plan(len(proteins), len(wanted), len(missing), sum(each.size for each in missing), tuple(failures))


def gather(
    service: Service, targets: Sequence[Target], folder: Path, *, limit: int | None, on_step: OnStep | None = None
) -> Gathered:
    """Fetch the pictures of targets that are not here yet, and write the table of all that is here.

    Parameters
    ----------
    service : Service
        Where they come from.
    targets : sequence of Target
        Proteins.
    folder : Path
        Of the dataset; it is made. The table ``data.csv`` keeps the ``split`` of rows that have one.
    limit : int or None
        Pictures of one protein at most; None takes all.
    on_step : callable or None
        Told of progress before each picture; what it raises stops, and what has come is kept.

    Raises
    ------
    CelleError
        If the folder holds pictures of another service.
    OutputError
        If nothing can be written there.
    """
    known = read_known(folder, service)
    failures: list[Failure] = []
    not_asked: tuple[str, ...] = ()
    fetched = 0
    try:
        for number, target in enumerate(targets):
            try:
                protein = _resolve(service, target, known, folder)
                for picture in _missing(service, protein, folder, limit):
                    _tell(on_step, f"{protein.offer.gene} {picture.name}", number, len(targets))
                    fetched += _save(service, picture, folder / protein.folder, target, failures)
            except ServerAway as error:
                failures.append(Failure(target.name, str(error)))
                not_asked = tuple(each.name for each in targets[number + 1 :])
                break
            except (Cancelled, OutputError):
                raise
            except CelleError as error:
                failures.append(Failure(target.name, str(error)))
    finally:
        pictures = write_table(folder, service)
    return Gathered(folder / TABLE, pictures, fetched, tuple(failures), not_asked)


def _tell(on_step: OnStep | None, stage: str, done: int, total: int) -> None:
    if on_step is not None:
        on_step(stage, done, total)


def _find(service: Service, target: Target) -> Offer:
    offer = service.find(target.name)
    if not offer.pictures:
        raise DownloadError(f"{service.terms.service} has no pictures of {target.name}.")
    return offer


def _resolve(service: Service, target: Target, known: dict[str, Holding], folder: Path) -> Holding:
    """Return a protein, from its folder or else from the service; the sequence of the target, if any, is taken."""
    kept = known.get(target.name.upper())
    if kept is not None and target.sequence in ("", kept.sequence):
        return kept
    offer = kept.offer if kept is not None else _find(service, target)
    protein = Holding(offer, target.sequence or service.sequence(offer.uniprot), service.terms)
    write_sources(protein, folder)
    return protein


def _missing(service: Service, protein: Holding, folder: Path, limit: int | None) -> Iterator[Picture]:
    for picture in protein.offer.pictures[:limit]:
        if not is_here(service, picture, folder / protein.folder):
            yield picture


def _save(service: Service, picture: Picture, folder: Path, target: Target, failures: list[Failure]) -> int:
    """Fetch a picture and return 1, or note why it could not be had and return 0."""
    try:
        service.save(picture, folder)
    except (Cancelled, OutputError, ServerAway):
        raise
    except CelleError as error:
        failures.append(Failure(f"{target.name}, {picture.name}", str(error)))
        return 0
    return 1
