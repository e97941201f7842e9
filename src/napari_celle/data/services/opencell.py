"""OpenCell: fluorescently tagged proteins of HEK293T cells, with stained DNA (Cho et al., Science 2022).

The service's download page describes the bucket: for each of the 1,310 targets a folder
``microscopy/raw/<gene>_<ENSG>`` with four to six fields of view, ``OC-FOV_<gene>_<ENSG>_<line>_<fov>_proj.tif`` (the
maximum along z, about 1.4 MB) and ``_stack.tif``; 16 bits, first the DNA, then the protein. The bucket lists itself in
the manner of S3. Which line has which gene and UniProt accession is told by ``/lines`` of the website's API, whose
source is public (czbiohub-sf/opencell-portal-pub).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import numpy as np

from napari_celle.data.services.service import Offer, Picture, Terms, fetch_file, fetch_sequence, spoilt
from napari_celle.errors import DownloadError, ImageError
from napari_celle.files.images import count_planes, read_image
from napari_celle.files.polite import PoliteClient, ServerAway

TERMS = Terms("OpenCell", "CC BY-SA 4.0", "https://registry.opendata.aws/czb-opencell/")
_PROJECTION = re.compile(r"OC-FOV_[\w.-]+_(?P<cell_line>CID\d+)_(?P<field_of_view>FID\d+)_proj\.tif")


@dataclass(slots=True)
class OpenCell:
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
    _lines: dict[str, dict[str, Any]] = field(default_factory=dict, init=False)

    @property
    def terms(self) -> Terms:
        """What it asks for."""
        return TERMS

    def find(self, target: str) -> Offer:
        """Ask what there is of a target: a gene, Ensembl gene or UniProt accession."""
        if not self._lines:
            self._lines = self._ask_lines()
        line = self._lines.get(target.upper())
        if line is None:
            raise DownloadError(f"OpenCell has no line with the target {target}.")
        gene, ensg = line["metadata"]["target_name"], line["metadata"]["ensg_id"]
        return Offer(
            gene=gene,
            ensg=ensg,
            uniprot=line["uniprot_metadata"].get("uniprot_id") or "",
            locations=";".join((line.get("annotation") or {}).get("categories") or ()),
            pictures=self._list(f"microscopy/raw/{gene}_{ensg}/"),
        )

    def files(self, picture: Picture) -> tuple[str]:
        """Return the name of the TIFF."""
        return (f"{picture.name}.tif",)

    def save(self, picture: Picture, folder: Path) -> None:
        """Fetch the TIFF of two pages."""
        (url,), (name,) = picture.sources, self.files(picture)
        unchecked = fetch_file(url, folder / name, client=self.client)
        try:
            pages, pixels = count_planes(unchecked), read_image(unchecked, channel=0).pixels
        except ImageError as error:
            raise spoilt(unchecked, url, str(error)) from None
        if pages != 2 or pixels.dtype != np.uint16:
            raise spoilt(unchecked, url, f"it has {pages} pages of {pixels.dtype}, not two of 16 bits")
        unchecked.replace(folder / name)

    def sequence(self, accession: str) -> str:
        """Fetch the sequence of a UniProt accession."""
        return fetch_sequence(accession, client=self.client, server=self.servers["sequences"])

    def _ask_lines(self) -> dict[str, dict[str, Any]]:
        """Return all lines by gene, Ensembl gene and accession, in capitals."""
        url = f"{self.servers['api']}/lines?publication_ready=true"
        try:
            found: dict[str, dict[str, Any]] = {}
            for line in json.loads(self.client.ask(url)):
                metadata, accession = line["metadata"], line["uniprot_metadata"].get("uniprot_id")
                for key in (metadata["target_name"], metadata["ensg_id"], accession or metadata["ensg_id"]):
                    found.setdefault(key.upper(), line)
            if not found:
                raise ValueError("no lines")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ServerAway(f"{url} does not answer as it used to ({error!r}). Try --server api=URL.") from None
        except DownloadError as error:
            raise ServerAway(str(error)) from None  # without the list nothing can be found
        return found

    def _list(self, prefix: str) -> tuple[Picture, ...]:
        """Return the projections of a folder of the bucket."""
        url = f"{self.servers['images']}/?{urlencode({'list-type': 2, 'prefix': prefix})}"
        try:
            root = ElementTree.fromstring(self.client.ask(url))
        except ElementTree.ParseError as error:
            raise DownloadError(
                f"{url} does not list files as it used to ({error}). Try --server images=URL."
            ) from None
        pictures = []
        for content in root.iterfind("{*}Contents"):
            key = content.findtext("{*}Key", "")
            named = _PROJECTION.fullmatch(key.removeprefix(prefix))
            if named is not None:
                source = f"{self.servers['images']}/{quote(key)}"
                size = int(content.findtext("{*}Size", "0"))
                pictures.append(
                    Picture(key.removeprefix(prefix).removesuffix(".tif"), (source,), size, named.groupdict())
                )
        return tuple(pictures)
