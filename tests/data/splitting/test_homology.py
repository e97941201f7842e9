"""Families of proteins: what programs are asked, how their answers are read, and what they make of real proteins."""

import shutil
import sys

import numpy as np
import pytest

from napari_celle.data.splitting.homology import find_families, highest_identity
from napari_celle.errors import CelleError
from napari_celle.sequence import AMINO_ACIDS

GFP = (
    "MSKGEELFTGVVPILVELDGDVNGHKFSVSGEGEGDATYGKLTLKFICTTGKLPVPWPTLVTTFSYGVQCFSRYPDHMKRHDFFKSAMPEGYVQERTIFFKDDGNYKTRAEV"
    "KFEGDTLVNRIELKGIDFKEDGNILGHKLEYNYNSHNVYIMADKQKNGIKVNFKIRHNIEDGSVQLADHYQQNTPIGDGPVLLPDNHYLSTQSALSKDPNEKRDHMVLLEFV"
    "TAAGITHGMDELYK"
)
FAKE = f"""#!{sys.executable}
import sys
from pathlib import Path
arguments = sys.argv[1:]
Path(sys.argv[0]).with_suffix(".said").write_text(" ".join(arguments))
after = lambda option: Path(arguments[arguments.index(option) + 1])
fasta = after("-i") if "-i" in arguments else Path(arguments[1])
lines = fasta.read_text().split()
proteins = [(name[1:], letters) for name, letters in zip(lines[::2], lines[1::2])]
"""
CD_HIT = (
    FAKE
    + """
text = ""
for number, letter in enumerate(sorted({letters[0] for _, letters in proteins if len(letters) > 4})):
    text += f">Cluster {number}\\n"
    for place, name in enumerate(name for name, letters in proteins if letters[0] == letter and len(letters) > 4):
        text += f"{place}\\t9aa, >{name}... " + ("at 95.00%\\n" if place else "*\\n")
Path(f"{after('-o')}.clstr").write_text(text)
"""
)
MMSEQS = (
    FAKE
    + """
if arguments[0] == "easy-cluster":
    first = {letters[0]: name for name, letters in proteins}
    text = "".join(f"{first[letters[0]]}\\t{name}\\n" for name, letters in proteins)
    Path(f"{arguments[2]}_cluster.tsv").write_text(text)
else:
    text = "".join(f"{one}\\t{other}\\t0.{one}{other}\\n" for one, _ in proteins for other, _ in proteins)
    Path(arguments[3]).write_text(text)
"""
)


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a program on a search path that is otherwise empty."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def put(name, text):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
        return (tmp_path / name).with_suffix(".said")

    return put


def test_families_of_cd_hit_are_read_and_short_proteins_stand_alone(install):
    install("cd-hit", CD_HIT)
    found = find_families(["MKRAP", "MKRAPW", "WDERPA", "MK", "MKR", "MKRAP"], identity=0.9)
    assert found.program == "cd-hit"
    numbers = found.number_of
    assert numbers["MKRAP"] == numbers["MKRAPW"]
    assert len(set(numbers.values())) == 4
    assert len(numbers) == 5


@pytest.mark.parametrize(
    ("identity", "words"), [(0.95, 5), (0.7, 5), (0.69, 4), (0.6, 4), (0.59, 3), (0.5, 3), (0.49, 2), (0.4, 2)]
)
def test_cd_hit_is_asked_with_the_word_length_of_the_identity(install, identity, words):
    said = install("cd-hit", CD_HIT)
    find_families(["MKRAP", "WDERP"], identity=identity)
    assert f"-c {identity} -n {words} -l {words - 1} " in said.read_text()


def test_families_of_mmseqs_are_read_also_below_what_cd_hit_can(install):
    install("cd-hit", CD_HIT)
    said = install("mmseqs", MMSEQS)
    found = find_families(["MKRAP", "MKR", "WDERP"], identity=0.15)
    assert found.program == "mmseqs"
    assert found.number_of["MKRAP"] == found.number_of["MKR"] != found.number_of["WDERP"]
    assert "--min-seq-id 0.15 -c 0.8 " in said.read_text()


def test_the_highest_identity_is_that_between_splits(install):
    assert highest_identity(["MKRAP"], {"MKRAP": "train"}) is None
    install("mmseqs", MMSEQS)
    splits = dict(zip(["AAA", "CCC", "DDD", "EEE"], ["train", "val", "train", "train"], strict=True))
    assert highest_identity(splits, splits) == 0.31  # of 0.32 and 0.33, both are trained on
    assert highest_identity(splits, dict.fromkeys(splits, "train")) == 0


@pytest.mark.parametrize(
    ("identity", "programs", "words"),
    [
        (0.5, (), r"Neither MMseqs2 nor CD-HIT .* apt install mmseqs2.*apt install cd-hit"),
        (0.3, ("cd-hit",), r"CD-HIT goes down to 40%, not to 30%. Install MMseqs2"),
        (0.1, ("mmseqs",), r"0.1 is not from 0.15 to 0.95"),
        (0.96, ("mmseqs",), r"0.96 is not from 0.15 to 0.95"),
    ],
)
def test_what_cannot_be_done_is_told(install, identity, programs, words):
    for name in programs:
        install(name, "")
    with pytest.raises(CelleError, match=words):
        find_families(["MKRAP"], identity=identity)


@pytest.mark.parametrize("name", ["mmseqs", "cd-hit"])
def test_a_program_that_fails_or_gives_nothing_is_told(install, name):
    install(name, f"#!{sys.executable}\nprint('No space left')\nprint('====')\nraise SystemExit(3)")
    with pytest.raises(CelleError, match=f"{name} stopped with code 3: No space left"):
        find_families(["MKRAP"], identity=0.5)
    install(name, f"#!{sys.executable}")
    with pytest.raises(CelleError, match=f"{name} ended without a result"):
        find_families(["MKRAP"], identity=0.5)


def _relative(share, seed):
    """Return GFP of which a share of the residues is another."""
    rng = np.random.default_rng(seed)
    letters = list(GFP)
    for place in rng.permutation(len(GFP))[: round(share * len(GFP))]:
        letters[place] = rng.choice([letter for letter in AMINO_ACIDS if letter != GFP[place]])
    return "".join(letters)


def _stranger(seed):
    return "".join(np.random.default_rng(seed).choice(list(AMINO_ACIDS), 200))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("cd-hit", marks=pytest.mark.skipif(not shutil.which("cd-hit"), reason="CD-HIT is not installed")),
        pytest.param(
            "mmseqs",
            marks=[
                pytest.mark.skipif(not shutil.which("mmseqs"), reason="MMseqs2 is not installed"),
                pytest.mark.slow,
            ],
        ),
    ],
)
def test_relatives_of_a_protein_are_one_family_and_strangers_are_not(tmp_path, monkeypatch, name):
    (tmp_path / name).symlink_to(shutil.which(name))
    others = "" if name == "cd-hit" else ":/usr/bin:/bin"  # MMseqs2 is a shell script in part
    monkeypatch.setenv("PATH", f"{tmp_path}{others}")
    near, far, strangers = [_relative(0.05, 0), _relative(0.1, 1)], _relative(0.5, 2), [_stranger(3), _stranger(4)]
    found = find_families([GFP, *near, far, *strangers, "MKRAP"], identity=0.8)
    assert found.program == name
    numbers = found.number_of
    assert len({numbers[protein] for protein in (GFP, *near)}) == 1
    assert len({numbers[protein] for protein in (GFP, far, *strangers, "MKRAP")}) == 5
    if name == "mmseqs":
        splits = dict.fromkeys([GFP, *near], "train") | dict.fromkeys([far, *strangers], "test")
        assert 0.4 < highest_identity(splits, splits) < 0.6
