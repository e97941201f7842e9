"""Lists of proteins, as people write them."""

import pytest

from napari_celle.data.services.targets import Target, read_targets
from napari_celle.errors import CelleError


def test_names_with_commas_are_targets_each_once():
    assert read_targets("TOP1, ATL3,top1,") == (Target("TOP1"), Target("ATL3"))


def test_a_text_file_has_one_target_a_line(tmp_path):
    path = tmp_path / "targets.txt"
    path.write_text("TOP1  # nucleolus\n\n# others\nENSG00000184743\n")
    assert read_targets(str(path)) == (Target("TOP1"), Target("ENSG00000184743"))


def test_a_table_may_give_sequences(tmp_path):
    path = tmp_path / "targets.csv"
    path.write_text("sequence,target\nmsgdh,TOP1\n,ATL3\n")
    assert read_targets(str(path)) == (Target("TOP1", "MSGDH"), Target("ATL3"))


def test_a_fasta_file_gives_all_sequences(tmp_path):
    path = tmp_path / "targets.fasta"
    path.write_text(">sp|P11387|TOP1_HUMAN DNA topoisomerase 1\nMSGDH\n>ATL3\nMKRP\n")
    assert read_targets(str(path)) == (Target("P11387", "MSGDH"), Target("ATL3", "MKRP"))


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("target,sequence\nTOP1,MSG*DH\n", r"targets\.csv, line 2:"),
        ("target,sequence\nTOP1,MSGDH\n../x,\na/b,\n", r"cannot be targets: '\.\./x', 'a/b'"),
        ("target,sequence\n", "names no target"),
    ],
)
def test_what_is_no_target_is_named(tmp_path, content, word):
    path = tmp_path / "targets.csv"
    path.write_text(content)
    with pytest.raises(CelleError, match=word):
        read_targets(str(path))


@pytest.mark.parametrize("text", ["absent.csv", "some/where", " , "])
def test_a_file_that_is_not_there_is_no_name(text):
    with pytest.raises(CelleError, match=r"There is no file|names no target"):
        read_targets(text)
