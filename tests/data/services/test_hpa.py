"""The Human Protein Atlas, as far as it is documented."""

import io

import numpy as np
import pytest
from PIL import Image

from napari_celle.errors import DownloadError
from napari_celle.files.images import read_image


@pytest.mark.parametrize("target", ["TOP1", "ENSG00000198900"])
def test_a_target_is_found_by_gene_and_ensembl(hpa, site, target):
    offer = hpa.find(target)
    assert (offer.gene, offer.ensg, offer.uniprot) == ("TOP1", "ENSG00000198900", "P11387")
    assert offer.locations == "nucleoplasm;nucleoli"
    assert [picture.name for picture in offer.pictures] == ["19039_171_C1_1", "19039_171_C1_2"]  # no mouse
    assert offer.pictures[0].sources == tuple(f"{site.url}/images/19039/171_C1_1_{c}.jpg" for c in ("blue", "green"))
    about = {"antibody": "HPA019039", "cell_line": "U2OS", "locations": "nucleoplasm;nucleoli", "release": "25.0"}
    assert offer.pictures[0].about == about


def test_both_channels_are_saved_as_gray_pictures(hpa, tmp_path):
    picture = hpa.find("TOP1").pictures[0]
    hpa.save(picture, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(hpa.files(picture))
    for name in hpa.files(picture):
        pixels = read_image(tmp_path / name).pixels
        assert (pixels.shape, pixels.dtype) == ((64, 64), np.uint8)
        assert abs(int(pixels[12, 12]) - 200) < 8
        assert pixels[40, 40] < 8


def test_channels_of_two_sizes_are_an_error_and_neither_is_kept(hpa, site, tmp_path):
    file = io.BytesIO()
    Image.new("RGB", (32, 64)).save(file, format="JPEG")
    site.pages["/images/19039/171_C1_1_green.jpg"] = file.getvalue()
    with pytest.raises(DownloadError, match=r"19039_171_C1_1 differ in size: \(64, 64\) and \(64, 32\)"):
        hpa.save(hpa.find("TOP1").pictures[0], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_channel_is_fetched_again_and_the_other_is_not(hpa, site, tmp_path):
    green = "/images/19039/171_C1_1_green.jpg"
    whole, site.pages[green] = site.pages[green], site.pages[green][:300]
    picture = hpa.find("TOP1").pictures[0]
    with pytest.raises(DownloadError, match="not the picture that it should be"):
        hpa.save(picture, tmp_path)
    site.pages[green] = whole
    hpa.save(picture, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(hpa.files(picture))
    assert site.paths().count(green) == 2
    assert site.paths().count(green.replace("green", "blue")) == 1


def test_a_gene_that_is_not_there_is_an_error(hpa, site):
    site.pages["/atlas/api/search_download.php?search=NONE1&format=json&columns=g%2Ceg%2Cup&compress=no"] = b"[]"
    with pytest.raises(DownloadError, match="no gene NONE1"):
        hpa.find("NONE1")


@pytest.mark.parametrize("answer", [b"sorry", b"[1]", b'[{"Gene": "TOP1"}]'])
def test_another_answer_of_the_search_is_an_error(hpa, site, answer):
    (path,) = (path for path in site.pages if "search_download" in path)
    site.pages[path] = answer
    with pytest.raises(DownloadError, match="does not answer as it used to"):
        hpa.find("TOP1")


@pytest.mark.parametrize(("answer", "word"), [(b"<a>", "not the XML"), (b"<a/>", "has no entry")])
def test_another_answer_about_a_gene_is_an_error(hpa, site, answer, word):
    site.pages["/atlas/ENSG00000198900.xml"] = answer
    with pytest.raises(DownloadError, match=word):
        hpa.find("TOP1")
