"""Public services on this machine: what they have, what they answer, and a clock that nobody waits for."""

import io
import json
import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_celle.data.services.hpa import HumanProteinAtlas
from napari_celle.data.services.opencell import OpenCell
from napari_celle.files.polite import PoliteClient

RNG = np.random.default_rng(0)
OPENCELL = {"ATL3": ("ENSG00000184743", "Q6DD88", 3), "TOP1": ("ENSG00000198900", "P11387", 2)}
XML = """<?xml version="1.0"?><proteinAtlas><entry version="25.0"><name>TOP1</name>
<identifier id="ENSG00000198900" db="Ensembl"><xref id="7150" db="NCBI GeneID"/>
<xref id="P11387" db="Uniprot/SWISSPROT"/></identifier>
<antibody id="HPA019039"><tissueExpression/><cellExpression technology="ICC/IF">
<subAssay type="human"><data><cellLine>U2OS</cellLine><location>nucleoplasm</location><location>nucleoli</location>
<assayImage><image imageType="sampleImage"><channel color="blue">nucleus</channel>
<imageUrl>http://images.proteinatlas.org/19039/171_C1_1_blue_red_green.jpg</imageUrl></image>
<image><imageUrl>http://images.proteinatlas.org/19039/171_C1_2_blue_red_green.jpg</imageUrl></image></assayImage>
</data></subAssay><subAssay type="mouse"><data><cellLine>NIH 3T3</cellLine><assayImage>
<image><imageUrl>http://images.proteinatlas.org/19039/9_A1_1_blue_red_green.jpg</imageUrl></image>
</assayImage></data></subAssay></cellExpression></antibody></entry></proteinAtlas>"""


def tiff(edge=64):
    file = io.BytesIO()
    tifffile.imwrite(file, RNG.integers(0, 200, (2, edge, edge), np.uint16), imagej=True)
    return file.getvalue()


def jpeg(channel):
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[8:24, 8:24, channel] = 200
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="JPEG", quality=95, subsampling=0)
    return file.getvalue()


@dataclass
class Site:
    """Content by path, other answers that come first, and what was asked.

    An answer is a status, headers, and how many bytes are sent before the connection breaks off (None: all).
    """

    pages: dict[str, bytes] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    answers: dict[str, deque] = field(default_factory=lambda: defaultdict(deque))
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    url: str = ""

    def paths(self):
        return [path for path, _ in self.asked]


@dataclass
class Clock:
    """Time that only passes when somebody waits."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds


def _handler(site):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            span = self.headers["Range"]
            site.asked.append((self.path, span))
            status, headers, cut = site.answers[self.path].popleft() if site.answers[self.path] else (200, {}, None)
            if status != 200:
                return self._send(status, headers, b"")
            if self.path not in site.pages:
                return self._send(404, {}, b"")
            content = site.pages[self.path]
            start = int(span.removeprefix("bytes=").rstrip("-")) if span else 0
            if start:
                headers = {**headers, "Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
            return self._send(206 if start else 200, headers, content[start:], cut)

        def _send(self, status, headers, content, cut=None):
            self.send_response(status)
            kind = site.kinds.get(self.path, "application/octet-stream")
            for name, value in ({"Content-Type": kind, "ETag": '"1"'} | headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:cut])

        def log_message(self, *args):
            """Say nothing."""

    return Handler


@pytest.fixture
def site():
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}"
    site.pages["/uniprot/Q6DD88.fasta"] = b">sp|Q6DD88|ATLA3_HUMAN Atlastin-3\nMLSPQRVAAA\n"
    site.pages["/uniprot/P11387.fasta"] = b">sp|P11387|TOP1_HUMAN DNA topoisomerase 1\nMSGDHLHNDS\nQIEADFR\n"
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def large_tiff():
    """A picture of OpenCell's own size: large enough to break off in the middle."""
    return tiff(600)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def client(clock):
    return PoliteClient(per_second=1e9, clock=lambda: clock.now, sleep=clock.sleep)


@pytest.fixture
def opencell(site, client):
    """OpenCell with two proteins."""
    lines = []
    for gene, (ensg, uniprot, count) in OPENCELL.items():
        prefix = f"microscopy/raw/{gene}_{ensg}/"
        keys = [
            f"{prefix}OC-FOV_{gene}_{ensg}_CID000367_FID0003031{i}_{kind}.tif"
            for i in range(count)
            for kind in ("proj", "stack")
        ]
        contents = "".join(f"<Contents><Key>{key}</Key><Size>{len(tiff())}</Size></Contents>" for key in keys)
        listing = f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{contents}</ListBucketResult>'
        site.pages[f"/bucket/?list-type=2&prefix={quote(prefix, safe='')}"] = listing.encode()
        site.pages |= {f"/bucket/{key}": tiff() for key in keys if "proj" in key}
        lines.append(
            {
                "metadata": {"target_name": gene, "ensg_id": ensg, "cell_line_id": 367},
                "uniprot_metadata": {"uniprot_id": uniprot},
                "annotation": {"categories": ["er_3", "nucleoplasm_1"]},
            }
        )
    site.pages["/api/lines?publication_ready=true"] = json.dumps(lines).encode()
    servers = {"api": f"{site.url}/api", "images": f"{site.url}/bucket", "sequences": f"{site.url}/uniprot"}
    return OpenCell(client, servers)


@pytest.fixture
def hpa(site, client):
    """The Human Protein Atlas with one protein in two fields of view."""
    query = "search=TOP1&format=json&columns=g%2Ceg%2Cup&compress=no"
    rows = [
        {"Gene": "TOP1MT", "Ensembl": "ENSG00000184428", "Uniprot": ["Q969P6"]},
        {"Gene": "TOP1", "Ensembl": "ENSG00000198900", "Uniprot": ["P11387"]},
    ]
    site.pages[f"/atlas/api/search_download.php?{query}"] = json.dumps(rows).encode()
    site.pages["/atlas/ENSG00000198900.xml"] = XML.encode()
    for field_of_view in (1, 2):
        site.pages[f"/images/19039/171_C1_{field_of_view}_blue.jpg"] = jpeg(2)
        site.pages[f"/images/19039/171_C1_{field_of_view}_green.jpg"] = jpeg(1)
    servers = {"api": f"{site.url}/atlas", "images": f"{site.url}/images", "sequences": f"{site.url}/uniprot"}
    return HumanProteinAtlas(client, servers)
