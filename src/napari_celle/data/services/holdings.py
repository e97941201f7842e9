"""What the folder of a dataset holds that came from a service: written beside the pictures, read again, and listed.

Each protein has a folder with its pictures, its ``metadata.json``, and ``sources.json``: what the service offered, with
the licence and the address of every picture.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from napari_celle.data.services.service import Offer, Picture, Service, Terms
from napari_celle.data.tables.authors import NUCLEUS, STACK, AuthorsRow, write_authors_table
from napari_celle.errors import CelleError, OutputError

TABLE, SOURCES, METADATA = "data.csv", "sources.json", "metadata.json"


@dataclass(frozen=True, slots=True)
class Holding:
    """One protein: what the service has of it, the sequence, and the terms of the service."""

    offer: Offer
    sequence: str
    terms: Terms

    @property
    def folder(self) -> str:
        """Name of its folder."""
        return re.sub(r"[^\w.-]", "-", f"{self.offer.gene}_{self.offer.ensg}")


def read_known(folder: Path, service: Service) -> dict[str, Holding]:
    """Return the proteins of a dataset by gene, Ensembl gene and accession, in capitals.

    Raises
    ------
    CelleError
        If the folder holds pictures of another service.
    """
    holdings = list(_read_holdings(folder))
    others = {holding.terms.service for holding in holdings} - {service.terms.service}
    if others:
        raise CelleError(
            f"{folder} holds pictures of {', '.join(others)}. Choose another folder for {service.terms.service}."
        )
    return {
        key.upper(): holding
        for holding in holdings
        for key in (holding.offer.uniprot, holding.offer.ensg, holding.offer.gene)
        if key
    }


def _read_holdings(folder: Path) -> Iterator[Holding]:
    """Yield what the folders of a dataset say of their proteins; what cannot be read is asked for again."""
    for path in sorted(folder.glob(f"*/{SOURCES}")):
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            pictures = tuple(
                Picture(**{**each, "sources": tuple(each["sources"])}) for each in kept["offer"]["pictures"]
            )
            yield Holding(Offer(**{**kept["offer"], "pictures": pictures}), kept["sequence"], Terms(**kept["terms"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue


def is_here(service: Service, picture: Picture, folder: Path) -> bool:
    """Tell whether all files of a picture lie in the folder of its protein."""
    return all((folder / name).is_file() for name in service.files(picture))


def write_table(folder: Path, service: Service) -> int:
    """Write the table of all pictures that are here, and return how many."""
    splits = _splits(folder / TABLE)
    rows = list(_rows(_read_holdings(folder), folder, service, splits))
    if rows:
        write_authors_table(folder / TABLE, rows)
    return len(rows)


def _rows(proteins: Iterable[Holding], folder: Path, service: Service, splits: dict[str, str]) -> Iterator[AuthorsRow]:
    for protein in proteins:
        offer, terms = protein.offer, protein.terms
        about = {
            "target_name": offer.gene,
            "ensg_id": offer.ensg,
            "uniprot_id": offer.uniprot,
            "locations": offer.locations,
            "source": terms.service,
            "licence": terms.licence,
            "licence_page": terms.page,
        }
        for picture in offer.pictures:
            if is_here(service, picture, folder / protein.folder):
                first, *others = (f"{protein.folder}/{name}" for name in service.files(picture))
                yield AuthorsRow(
                    pictures=(first, others[0]) if others else (first,),
                    metadata=f"{protein.folder}/{METADATA}",
                    sequence=protein.sequence,
                    about=about,
                    split=splits.get(first, ""),
                )


def _splits(table: Path) -> dict[str, str]:
    """Return the split of each row of a table that is there, by its first picture."""
    if not table.is_file():
        return {}
    with table.open(encoding="utf-8", newline="") as file:
        return {row.get(STACK) or row.get(NUCLEUS) or "": row.get("split") or "" for row in csv.DictReader(file)}


def write_sources(holding: Holding, folder: Path) -> None:
    """Write down what a service has of a protein; ``OutputError`` if that cannot be done."""
    path = folder / holding.folder / SOURCES
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(asdict(holding), indent=2), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}. Choose another folder.") from None
