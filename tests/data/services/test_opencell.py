"""OpenCell, as far as it is documented."""

import io

import numpy as np
import pytest
import tifffile

from napari_celle.errors import DownloadError
from napari_celle.files.polite import ServerAway

NAME = "OC-FOV_TOP1_ENSG00000198900_CID000367_FID00030310_proj"


def tiff(pages=2, dtype=np.uint16):
    file = io.BytesIO()
    tifffile.imwrite(file, np.ones((pages, 64, 64), dtype), photometric="minisblack")
    return file.getvalue()


@pytest.mark.parametrize("target", ["TOP1", "top1", "ENSG00000198900", "P11387"])
def test_a_target_is_found_by_any_of_its_names(opencell, site, target):
    offer = opencell.find(target)
    assert (offer.gene, offer.ensg, offer.uniprot) == ("TOP1", "ENSG00000198900", "P11387")
    assert offer.locations == "er_3;nucleoplasm_1"
    assert [picture.name for picture in offer.pictures] == [NAME, NAME.replace("310_", "311_")]
    assert offer.pictures[0].sources == (f"{site.url}/bucket/microscopy/raw/TOP1_ENSG00000198900/{NAME}.tif",)
    assert offer.pictures[0].about == {"cell_line": "CID000367", "field_of_view": "FID00030310"}
    (content,) = (content for path, content in site.pages.items() if path.endswith(f"{NAME}.tif"))
    assert offer.pictures[0].size == len(content)


def test_the_list_of_lines_is_asked_for_once(opencell, site):
    opencell.find("TOP1")
    opencell.find("ATL3")
    assert site.paths().count("/api/lines?publication_ready=true") == 1


def test_a_target_that_is_not_tagged_is_an_error(opencell):
    with pytest.raises(DownloadError, match="no line with the target MYC"):
        opencell.find("MYC")


@pytest.mark.parametrize("answer", [b"[]", b"{}", b"[1]", b'[{"metadata": {}}]', b"sorry", b"[null]"])
def test_another_list_of_lines_ends_everything(opencell, site, answer):
    site.pages["/api/lines?publication_ready=true"] = answer
    with pytest.raises(ServerAway, match="does not answer as it used to"):
        opencell.find("TOP1")


def test_a_web_page_instead_of_the_lines_ends_everything(opencell, site):
    site.kinds["/api/lines?publication_ready=true"] = "text/html"
    with pytest.raises(ServerAway, match="answered with a web page"):
        opencell.find("TOP1")


def test_a_bucket_that_does_not_list_is_an_error(opencell, site):
    for path in site.pages:
        if "list-type" in path:
            site.pages[path] = b"sorry"
    with pytest.raises(DownloadError, match="does not list files as it used to"):
        opencell.find("TOP1")


def test_a_tiff_of_two_pages_is_kept_as_it_is(opencell, site, tmp_path):
    picture = opencell.find("TOP1").pictures[0]
    opencell.save(picture, tmp_path)
    (path,) = tmp_path.iterdir()
    assert path.name == f"{NAME}.tif"
    assert path.read_bytes() == site.pages[f"/bucket/microscopy/raw/TOP1_ENSG00000198900/{NAME}.tif"]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (tiff(pages=1), "1 pages of uint16"),
        (tiff(pages=3), "3 pages of uint16"),
        (tiff(dtype=np.uint8), "2 pages of uint8"),
        (tiff()[:5000], "cannot be read as an image|pages"),
        (b"<html>log in</html>", "a web page"),
    ],
    ids=["one page", "three pages", "8 bits", "cut", "a web page that says it is a picture"],
)
def test_another_file_is_an_error_and_not_kept(opencell, site, tmp_path, content, word):
    site.pages[f"/bucket/microscopy/raw/TOP1_ENSG00000198900/{NAME}.tif"] = content
    with pytest.raises(DownloadError, match=f"not the picture that it should be: .*({word})"):
        opencell.save(opencell.find("TOP1").pictures[0], tmp_path)
    assert list(tmp_path.iterdir()) == []
