"""What a dataset says of what came from a service."""

import pytest

from napari_celle.data.services.holdings import Holding, is_here, read_known, write_sources
from napari_celle.data.services.opencell import TERMS
from napari_celle.data.services.service import Offer, Picture
from napari_celle.errors import OutputError

PICTURE = Picture("a", ("http://b/a.tif",), 9, {"cell_line": "C"})
HOLDING = Holding(Offer("H2B/C", "ENSG1", "P1", "", (PICTURE,)), "MKRP", TERMS)


def test_what_is_written_is_read_again_by_every_name(opencell, tmp_path):
    write_sources(HOLDING, tmp_path)
    assert read_known(tmp_path, opencell) == dict.fromkeys(("P1", "ENSG1", "H2B/C"), HOLDING)
    assert (tmp_path / "H2B-C_ENSG1" / "sources.json").is_file()


def test_a_picture_is_here_when_all_its_files_are(hpa, tmp_path):
    assert not is_here(hpa, PICTURE, tmp_path)
    (tmp_path / "a_nucleus.png").touch()
    assert not is_here(hpa, PICTURE, tmp_path)
    (tmp_path / "a_protein.png").touch()
    assert is_here(hpa, PICTURE, tmp_path)


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"cannot be written.*Choose another folder"):
        write_sources(HOLDING, tmp_path / "file")
