"""What the services have in common."""

import pytest

from napari_celle.data.services.service import SERVERS, choose_servers, fetch_file, fetch_sequence, spoilt
from napari_celle.errors import CelleError, DownloadError


def test_one_server_can_be_replaced():
    servers = choose_servers("hpa", ["images=http://127.0.0.1:8000/copy/"])
    assert servers == {**SERVERS["hpa"], "images": "http://127.0.0.1:8000/copy"}
    assert choose_servers("opencell", []) == SERVERS["opencell"]


@pytest.mark.parametrize(
    ("given", "word"), [("pictures=http://a", "api, images, sequences"), ("api=ftp", "no address")]
)
def test_what_is_no_server_is_an_error(given, word):
    with pytest.raises(CelleError, match=word):
        choose_servers("hpa", [given])


def test_a_sequence_comes_from_uniprot(site, client):
    assert fetch_sequence("P11387", client=client, server=f"{site.url}/uniprot") == "MSGDHLHNDSQIEADFR"


@pytest.mark.parametrize(("accession", "word"), [("", "names no UniProt accession"), ("Q00000", "no FASTA of Q00000")])
def test_without_a_sequence_the_list_of_targets_can_give_one(site, client, accession, word):
    site.pages["/uniprot/Q00000.fasta"] = b""
    with pytest.raises(DownloadError, match=f"{word}.*Give the sequence in the list of targets"):
        fetch_sequence(accession, client=client, server=f"{site.url}/uniprot")


def test_a_file_waits_to_be_checked(site, client, tmp_path):
    unchecked = fetch_file(f"{site.url}/uniprot/P11387.fasta", tmp_path / "a.tif", client=client)
    assert [path.name for path in tmp_path.iterdir()] == [unchecked.name] == ["a.tif.unchecked"]


def test_a_file_that_is_spoilt_is_deleted(tmp_path):
    path = tmp_path / "a.tif.unchecked"
    path.write_bytes(b"  <html>log in</html>")
    assert "a web page or a message" in str(spoilt(path, "http://a/b", "it is empty"))
    assert not path.exists()
    path.write_bytes(b"II")
    assert "http://a/b is not the picture that it should be: it is empty" in str(
        spoilt(path, "http://a/b", "it is empty")
    )
