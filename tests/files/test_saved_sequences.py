"""Recent and favourite proteins outlive the process, and nothing in their file stops a window."""

import json
from pathlib import Path

import pytest

from napari_celle.errors import OutputError
from napari_celle.files import saved_sequences
from napari_celle.files.saved_sequences import RECENT, SavedSequences, read_saved, remember, saved_sequences_path, star
from napari_celle.types import SequenceRecord

GFP = SequenceRecord("gfp", "MSKGEELFTG")
NLS = SequenceRecord("nls", "PKKKRKV")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new folder" / "sequences.json"


def test_the_latest_protein_is_the_first_and_stands_there_once(path):
    for record in (GFP, NLS, GFP):
        remember(path, record)
    assert read_saved(path) == SavedSequences(recent=(GFP, NLS))


def test_twenty_proteins_are_remembered(path):
    records = [SequenceRecord(f"p{number}", "MSKG") for number in range(RECENT + 5)]
    for record in records:
        remember(path, record)
    assert read_saved(path).recent == tuple(records[: -RECENT - 1 : -1])


def test_a_favourite_stays_until_its_star_is_taken(path):
    star(path, GFP, is_favourite=True)
    star(path, NLS, is_favourite=True)
    for number in range(RECENT + 1):
        remember(path, SequenceRecord(f"p{number}", "MSKG"))
    assert read_saved(path).favourites == (NLS, GFP)
    star(path, NLS, is_favourite=False)
    assert read_saved(path).favourites == (GFP,)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[1, 2]",
        b"\xff\xfe",
        b'{"recent": 3, "favourites": {"name": "a"}}',
        b'{"recent": [1, null, {"name": 2, "sequence": "MSKG"}, {"name": "a", "sequence": "MS 4"}]}',
        b"[" * 100_000,
    ],
    ids=["empty", "cut off", "a list", "no text", "other types", "other entries", "deep"],
)
def test_a_damaged_file_counts_as_empty_and_is_replaced(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    assert read_saved(path) == SavedSequences()
    remember(path, GFP)
    assert read_saved(path).recent == (GFP,)


def test_a_write_that_breaks_off_leaves_the_file_as_it_was(path, monkeypatch):
    remember(path, GFP)

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saved_sequences.os, "replace", full)
    with pytest.raises(OutputError, match=r"cannot be saved in .*: No space left on device"):
        remember(path, NLS)
    assert read_saved(path).recent == (GFP,)
    assert [file.name for file in path.parent.iterdir()] == ["sequences.json"]


def test_the_file_is_in_the_folder_of_the_user_and_can_be_read_by_others(path, monkeypatch):
    assert saved_sequences_path().name == "sequences.json"
    assert "napari-celle" in Path(saved_sequences_path()).parts
    star(path, GFP, is_favourite=True)
    assert json.loads(path.read_text())["favourites"] == [{"name": "gfp", "sequence": "MSKGEELFTG"}]
