import os
import shutil
import sys

import numpy as np
import pytest

from napari_celle.analysis.nuclear.comparator_files import Call
from napari_celle.analysis.nuclear.homologues import best_hits, nearest_homologues
from napari_celle.data.proteins import LOCATIONS
from napari_celle.errors import CelleError

HEADER = ",".join(["accession", "kingdom", "is_human", "gene", "partition", *LOCATIONS, "sequence"])
needs_a_shell = pytest.mark.skipif(os.name == "nt", reason="the stand-in for mmseqs is a script of Unix")
STAND_IN = """#!{python}
import sys
_, command, queries, targets, hits, folder, *options = sys.argv
assert command == "easy-search", command
assert options[options.index("--format-output") + 1] == "query,target,fident,bits"
{body}
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Put a script in the place of mmseqs."""

    def install(body):
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "mmseqs").write_text(STAND_IN.format(python=sys.executable, body=body))
        (folder / "mmseqs").chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))

    return install


def proteins(tmp_path, rows):
    """Write a table like DeepLoc's of (fold, nuclear, sequence)."""
    lines = [HEADER]
    for number, (fold, nuclear, sequence) in enumerate(rows):
        labels = [str(int(nuclear)) if name == "Nucleus" else "0" for name in LOCATIONS]
        lines.append(",".join([f"K{number}", "Metazoa", "1", "", str(fold), *labels, sequence]))
    (tmp_path / "proteins.csv").write_text("\n".join(lines))
    return tmp_path / "proteins.csv"


@needs_a_shell
def test_the_hit_with_most_bits_counts_and_the_first_of_equals(stand_in):
    stand_in('open(hits, "w").write("0\\t1\\t0.3\\t50\\n0\\t2\\t0.9\\t80\\n0\\t3\\t0.8\\t80\\n2\\t0\\t1.0\\t9e1\\n")')
    assert best_hits(["MK", "MR", "ML"], ["M"] * 4) == {0: (2, 0.9), 2: (0, 1.0)}


@needs_a_shell
def test_each_protein_is_called_as_its_homologue_of_the_training_folds_and_else_as_most_are(stand_in, tmp_path):
    known = proteins(
        tmp_path, [(0, 1, "MAAA"), (1, 0, "MCCC"), (2, 1, "MDDD"), (3, 0, "MEEE"), (4, 0, "MFFF"), (0, 0, "MKKK")]
    )
    stand_in(
        'assert open(targets).read() == ">0\\nMAAA\\n>1\\nMCCC\\n>2\\nMDDD\\n", open(targets).read()\n'
        'open(hits, "w").write("0\\t1\\t0.5\\t40\\n2\\t2\\t0.75\\t60\\n")'
    )  # MKKK is asked for itself, MEEE and MFFF are in folds that are not for training
    calls = nearest_homologues(["MKKK", "MWWW", "MYYY"], known)
    assert calls == (Call(False, 0.25), Call(True, 0.5), Call(True, 0.875))


@needs_a_shell
@pytest.mark.parametrize(
    ("body", "words"),
    [('sys.exit("Error: no space")', "no space"), ("pass", "without a result")],
)
def test_a_program_that_fails_is_said(stand_in, body, words):
    stand_in(body)
    with pytest.raises(CelleError, match=words):
        best_hits(["MK"], ["MK"])


def test_without_mmseqs_it_is_said_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CelleError, match="apt install mmseqs2"):
        nearest_homologues(["MK"], tmp_path / "proteins.csv")


@needs_a_shell
def test_a_table_without_other_proteins_is_said(stand_in, tmp_path):
    stand_in("pass")
    with pytest.raises(CelleError, match="no proteins in folds 0 to 2 that are not in the table"):
        nearest_homologues(["MKKK"], proteins(tmp_path, [(0, 1, "MKKK"), (3, 1, "MLLL")]))


@pytest.mark.skipif(shutil.which("mmseqs") is None, reason="mmseqs is not installed (apt install mmseqs2)")
def test_the_real_program_finds_the_relative():
    rng = np.random.default_rng(0)
    first, second = ("".join(rng.choice(list("ACDEFGHIKLMNPQRSTVWY"), size=200)) for _ in range(2))
    changed = list(second)
    for place in rng.choice(200, size=40, replace=False):
        changed[place] = "A"
    found = best_hits(["".join(changed), "GGGGGSGGGGSGGGGSGGGGS"], [first, second])
    assert list(found) == [0]
    assert found[0][0] == 1
    assert 0.75 < found[0][1] < 0.9
