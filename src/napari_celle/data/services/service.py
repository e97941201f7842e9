"""Pictures of proteins from public services: where these are, and what they have in common.

No address could be tried when this was written; docs/public-datasets.md tells what each is known from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from napari_celle.errors import CelleError, DownloadError
from napari_celle.files.download import download
from napari_celle.files.polite import PoliteClient
from napari_celle.sequence import parse

UNIPROT = "https://rest.uniprot.org/uniprotkb"
SERVERS: Mapping[str, Mapping[str, str]] = {
    "opencell": {
        "api": "https://opencell.czbiohub.org/api",
        "images": "https://czb-opencell.s3.amazonaws.com",
        "sequences": UNIPROT,
    },
    "hpa": {
        "api": "https://www.proteinatlas.org",
        "images": "https://images.proteinatlas.org",
        "sequences": UNIPROT,
    },
}
"""Address of each server of each service."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a service asks of those who use its pictures: its name, the licence, and the page that says so."""

    service: str
    licence: str
    page: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One field of view that a service has.

    Attributes
    ----------
    name : str
        What its files here begin with.
    sources : tuple of str
        Address of each of its files there.
    size : int
        Bytes of these together; an estimate where the service does not tell.
    about : Mapping of str to str
        Cell line, antibody and the like.
    """

    name: str
    sources: tuple[str, ...]
    size: int
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a service has of one protein.

    Attributes
    ----------
    gene, ensg, uniprot : str
        Name, Ensembl gene and UniProt accession; the last is "" where the service names none.
    locations : str
        Where the service says that the protein is, with semicolons between.
    pictures : tuple of Picture
        All fields of view.
    """

    gene: str
    ensg: str
    uniprot: str
    locations: str
    pictures: tuple[Picture, ...]


class Service(Protocol):
    """A public service."""

    @property
    def terms(self) -> Terms:
        """What it asks for."""

    def find(self, target: str) -> Offer:
        """Ask what there is of a target; ``DownloadError`` if there is nothing or the answer is of no use."""

    def files(self, picture: Picture) -> tuple[str] | tuple[str, str]:
        """Return the names of a picture's files here: one TIFF of two pages, or nucleus and protein."""

    def save(self, picture: Picture, folder: Path) -> None:
        """Fetch a picture that is not there, and check it; files appear when they are complete and right."""

    def sequence(self, accession: str) -> str:
        """Fetch the sequence of a UniProt accession."""


def choose_servers(service: str, given: Iterable[str]) -> dict[str, str]:
    """Return the servers of a service, some of them replaced.

    Parameters
    ----------
    service : str
        "opencell" or "hpa".
    given : iterable of str
        NAME=URL each.

    Raises
    ------
    CelleError
        If a name is unknown or an address is none.

    Examples
    --------
    >>> choose_servers("opencell", ["images=http://localhost:8000/"])["images"]
    'http://localhost:8000'
    """
    servers = dict(SERVERS[service])
    for text in given:
        name, _, url = text.partition("=")
        if name not in servers:
            raise CelleError(f"{service} has no server {name!r}. Give NAME=URL with one of {', '.join(servers)}.")
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise CelleError(f"{url!r} is no address of a server. Give for example {name}={servers[name]}.")
        servers[name] = url.rstrip("/")
    return servers


def fetch_sequence(accession: str, *, client: PoliteClient, server: str) -> str:
    """Return the sequence of a UniProt accession.

    Raises
    ------
    DownloadError
        If there is no accession, UniProt does not have it, or what comes is no FASTA.
    """
    if not accession:
        raise DownloadError("The service names no UniProt accession. Give the sequence in the list of targets.")
    text = client.ask(f"{server}/{accession}.fasta").decode("utf-8", "replace")
    if not text.startswith(">"):
        raise DownloadError(f"{server} has no FASTA of {accession}. Give the sequence in the list of targets.")
    return parse(text)[0].sequence


def fetch_file(url: str, path: Path, *, client: PoliteClient) -> Path:
    """Fetch a file that is yet to be checked, going on where an earlier try ended; return where it lies.

    Raises
    ------
    DownloadError
        If it cannot be fetched.
    """
    unchecked = path.with_name(f"{path.name}.unchecked")
    download(url, unchecked, remedy="The same command tries again.", get=client.get)
    return unchecked


def spoilt(path: Path, url: str, reason: str) -> DownloadError:
    """Delete a file that is not what it should be, and return the error that says so."""
    with path.open("rb") as file:
        page = file.read(256).lstrip()[:1] == b"<"
    path.unlink()
    what = "a web page or a message in XML" if page else reason
    return DownloadError(f"{url} is not the picture that it should be: {what}. It was deleted; try again.")
