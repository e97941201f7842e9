"""``napari-celle data opencell`` and ``hpa``: what a person and a script see."""

import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import numpy as np
import pytest
import tifffile
from typer.testing import CliRunner

from napari_celle.cli import app

PREFIX = "microscopy/raw/TOP1_ENSG00000198900/"
KEY = f"{PREFIX}OC-FOV_TOP1_ENSG00000198900_CID000367_FID00030311_proj.tif"


@pytest.fixture
def server():
    file = io.BytesIO()
    tifffile.imwrite(file, np.arange(2 * 64 * 64, dtype=np.uint16).reshape(2, 64, 64), imagej=True)
    line = {
        "metadata": {"target_name": "TOP1", "ensg_id": "ENSG00000198900"},
        "uniprot_metadata": {"uniprot_id": "P11387"},
    }
    listing = f"<List><Contents><Key>{KEY}</Key><Size>1400000</Size></Contents></List>"
    pages = {
        "/api/lines?publication_ready=true": json.dumps([line]).encode(),
        f"/?list-type=2&prefix={PREFIX}": listing.encode(),
        f"/{KEY}": file.getvalue(),
        "/uniprot/P11387.fasta": b">sp|P11387|TOP1_HUMAN\nMSGDH\n",
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            content = pages.get(unquote(self.path))
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *args):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def run(server, tmp_path):
    def run(*options, service="opencell"):
        servers = [f"api={server}/api", f"images={server}", f"sequences={server}/uniprot"]
        chosen = [text for each in servers for text in ("--server", each)]
        command = ["data", service, "--out", tmp_path / "out", "--per-second", 10, *chosen, *options]
        return CliRunner().invoke(app, [str(each) for each in command], prog_name="napari-celle")

    return run


def test_a_download_tells_what_came_and_under_which_licence(run, tmp_path):
    result = run("--targets", "TOP1")
    assert result.exit_code == 0, result.stderr
    assert f"{tmp_path / 'out' / 'data.csv'}: 1 pictures, 1 of them fetched now" in result.stdout
    assert "OpenCell, CC BY-SA 4.0" in result.stdout
    assert (tmp_path / "out" / "TOP1_ENSG00000198900" / KEY.rpartition("/")[2]).is_file()


def test_what_could_not_be_had_is_listed_and_the_exit_code_says_so(run):
    result = run("--targets", "MYC,TOP1")
    assert result.exit_code == 1
    assert "1 pictures" in result.stdout
    assert "1 could not be had:\n  MYC: OpenCell has no line with the target MYC." in result.stderr


def test_json_is_one_object(run, tmp_path):
    answer = json.loads(run("--targets", "TOP1,MYC", "--json").stdout)
    assert answer["table"] == str(tmp_path / "out" / "data.csv")
    assert (answer["pictures"], answer["fetched"], answer["not_asked"]) == (1, 1, [])
    assert [failure["target"] for failure in answer["failures"]] == ["MYC"]
    assert answer["licence_page"].startswith("https://registry.opendata.aws/")


def test_a_dry_run_tells_how_much_and_writes_nothing(run, tmp_path):
    result = run("--targets", "TOP1", "--dry-run")
    assert result.exit_code == 0, result.stderr
    assert "1 proteins with 1 pictures, of which 1 are to be fetched, about 1.4 MB." in result.stdout
    assert not (tmp_path / "out").exists()


def test_the_atlas_has_a_command_too(run):
    result = run("--targets", "ENSG00000198900", service="hpa")
    assert result.exit_code == 1
    assert "has nothing at http" in result.stderr


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--targets", "none.csv"), "There is no file none.csv"),
        (("--targets", "TOP1", "--server", "api"), "is no address"),
        (("--targets", "TOP1", "--server", "x=http://a"), "no server 'x'"),
    ],
)
def test_wrong_options_are_one_readable_line(run, options, word):
    result = run(*options)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert word in result.stderr
    assert result.stderr.count("\n") == 1
