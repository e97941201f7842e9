"""The Human Protein Atlas: proteins of cell lines by immunofluorescence (Thul et al., Science 2017).

The service documents ``/<ENSG>.xml`` for each gene and ``/api/search_download.php`` for searches. The XML names, in
``antibody/cellExpression/subAssay/data/assayImage/image/imageUrl``, a picture of all channels,
``<antibody number>/<plate>_<well>_<field>_blue_red_green.jpg``; beside it lie those of single channels, ``_blue.jpg``
(DNA) and ``_green.jpg`` (the protein), colour JPEG of 8 bits. The authors of CELL-E 2 took these two, as here.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from napari_celle.data.services.service import Offer, Picture, Terms, fetch_file, fetch_sequence, spoilt
from napari_celle.errors import DownloadError, ImageError
from napari_celle.files.images import count_planes, read_image
from napari_celle.files.polite import PoliteClient

TERMS = Terms("Human Protein Atlas", "CC BY-SA (see the page)", "https://www.proteinatlas.org/about/licence")
CHANNEL_BYTES = 300_000
"""A JPEG of one channel, roughly: the service does not tell sizes before."""

_CHANNELS = {"blue": 2, "green": 1}  # nucleus and protein: the colour of the JPEG that holds the channel
_SOURCE = re.compile(r"(?P<number>\d+)/(?P<field>[\w.-]+?)(?:_blue)?_red_green(?:_yellow)?\.jpg")


@dataclass(frozen=True, slots=True)
class HumanProteinAtlas:
    """The service.

    Attributes
    ----------
    client : PoliteClient
        Who asks.
    servers : Mapping of str to str
        Addresses of ``api``, ``images`` and ``sequences``.
    """

    client: PoliteClient
    servers: Mapping[str, str]

    @property
    def terms(self) -> Terms:
        """What it asks for."""
        return TERMS

    def find(self, target: str) -> Offer:
        """Ask what there is of a target: a gene, Ensembl gene or UniProt accession."""
        ensg = target if target.upper().startswith("ENSG") else self._search(target)
        url = f"{self.servers['api']}/{ensg}.xml"
        try:
            entry = ElementTree.fromstring(self.client.ask(url)).find("{*}entry")
        except ElementTree.ParseError as error:
            raise DownloadError(f"{url} is not the XML that it should be ({error}). Try --server api=URL.") from None
        if entry is None:
            raise DownloadError(f"{url} has no entry.")
        xrefs = entry.iterfind("{*}identifier/{*}xref")
        pictures = tuple(self._pictures(entry))
        locations = dict.fromkeys(place for each in pictures for place in each.about["locations"].split(";") if place)
        return Offer(
            gene=entry.findtext("{*}name", ensg),
            ensg=ensg,
            uniprot=next((x.get("id", "") for x in xrefs if "uniprot" in x.get("db", "").lower()), ""),
            locations=";".join(locations),
            pictures=tuple({picture.name: picture for picture in pictures}.values()),
        )

    def files(self, picture: Picture) -> tuple[str, str]:
        """Return the names of nucleus and protein: gray PNG of 8 bits."""
        return f"{picture.name}_nucleus.png", f"{picture.name}_protein.png"

    def save(self, picture: Picture, folder: Path) -> None:
        """Fetch both channels, and write them as gray pictures."""
        shapes = []
        for url, name, colour in zip(picture.sources, self.files(picture), _CHANNELS.values(), strict=True):
            if not (folder / name).is_file():
                unchecked = fetch_file(url, folder / f"{name}.jpg", client=self.client)
                try:
                    pixels = read_image(unchecked, channel=colour if count_planes(unchecked) > 1 else None).pixels
                except ImageError as error:
                    raise spoilt(unchecked, url, str(error)) from None
                _write_gray(pixels, folder / name)
                unchecked.unlink()
            shapes.append(read_image(folder / name).pixels.shape)
        if shapes[0] != shapes[1]:
            for name in self.files(picture):
                (folder / name).unlink()
            raise DownloadError(f"Nucleus and protein of {picture.name} differ in size: {shapes[0]} and {shapes[1]}.")

    def sequence(self, accession: str) -> str:
        """Fetch the sequence of a UniProt accession."""
        return fetch_sequence(accession, client=self.client, server=self.servers["sequences"])

    def _search(self, target: str) -> str:
        """Return the Ensembl gene of a gene or accession."""
        query = urlencode({"search": target, "format": "json", "columns": "g,eg,up", "compress": "no"})
        url = f"{self.servers['api']}/api/search_download.php?{query}"
        try:
            for row in json.loads(self.client.ask(url)):
                names = {row["Gene"], *(row.get("Uniprot") or ())}
                if target.upper() in {name.upper() for name in names}:
                    return str(row["Ensembl"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DownloadError(f"{url} does not answer as it used to ({error!r}). Try --server api=URL.") from None
        raise DownloadError(f"The Human Protein Atlas has no gene {target}.")

    def _pictures(self, entry: ElementTree.Element) -> Iterator[Picture]:
        """Yield the fields of view of human cells."""
        for antibody in entry.iterfind("{*}antibody"):
            for assay in antibody.iterfind("{*}cellExpression/{*}subAssay"):
                for data in assay.iterfind("{*}data") if assay.get("type") != "mouse" else ():
                    about = {
                        "antibody": antibody.get("id", ""),
                        "cell_line": data.findtext("{*}cellLine", ""),
                        "locations": ";".join(place.text or "" for place in data.iterfind("{*}location")),
                        "release": entry.get("version", ""),
                    }
                    for url in data.iterfind("{*}assayImage/{*}image/{*}imageUrl"):
                        found = _SOURCE.search(url.text or "")
                        if found is not None:
                            yield self._picture(found["number"], found["field"], about)

    def _picture(self, number: str, field: str, about: Mapping[str, str]) -> Picture:
        sources = tuple(f"{self.servers['images']}/{number}/{field}_{channel}.jpg" for channel in _CHANNELS)
        return Picture(f"{number}_{field}", sources, 2 * CHANNEL_BYTES, about)


def _write_gray(pixels: np.ndarray, path: Path) -> None:
    part = path.with_name(f"{path.name}.part")
    Image.fromarray(pixels).save(part, format="PNG")
    part.replace(path)
