import pytest

from napari_celle.errors import SequenceError
from napari_celle.files.fasta import fasta_text, read_fasta
from napari_celle.types import SequenceRecord


def test_records_come_in_the_order_of_the_file_and_names_may_repeat(tmp_path):
    path = tmp_path / "a.fasta"
    path.write_bytes(b"\xef\xbb\xbf>a first\r\nMSK\r\nGE*\r\n>a\r\nmkw\r\n")
    assert read_fasta(str(path)) == (SequenceRecord("a", "MSKGE"), SequenceRecord("a", "MKW"))


def test_a_bare_sequence_is_one_record(tmp_path):
    (tmp_path / "a.txt").write_text("MSKGE\n")
    assert read_fasta(tmp_path / "a.txt") == (SequenceRecord("", "MSKGE"),)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b" \n", "is empty", id="white space"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "not a text file", id="PNG"),
        pytest.param(b">a\0\nMK", "not a text file", id="zero bytes"),
        pytest.param(b">a\nMK\n>b\nM*K\n", r"FASTA record 2 \(b\): '\*' at position 2", id="stop codon"),
    ],
)
def test_a_bad_file_is_named(tmp_path, content, said):
    (tmp_path / "a.fasta").write_bytes(content)
    with pytest.raises(SequenceError, match=rf"a\.fasta.*{said}"):
        read_fasta(tmp_path / "a.fasta")


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(SequenceError, match=r"no file .*gone\.fasta"):
        read_fasta(tmp_path / "gone.fasta")
    with pytest.raises(SequenceError, match="cannot be read"):
        read_fasta(tmp_path)


def test_what_is_written_as_fasta_is_read_again(tmp_path):
    records = (SequenceRecord("long", "MSKGEELFTG" * 13), SequenceRecord("nls", "PKKKRKV"))
    (tmp_path / "two.fasta").write_text(fasta_text(records))
    assert read_fasta(tmp_path / "two.fasta") == records
