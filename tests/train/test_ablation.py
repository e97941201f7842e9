"""Trainings that differ in one thing each, from one file."""

import numpy as np
import pytest

from napari_celle.config import Hardware
from napari_celle.data.drawn_pairs import DrawnPairs
from napari_celle.data.proteins import Proteins
from napari_celle.data.simulated import draw_cells
from napari_celle.errors import CelleError, WeightsError
from napari_celle.models.registry import load_model
from napari_celle.train import ablation
from napari_celle.train.ablation import read_ablation, train_rows

COMMON = """
[common]
decoding = "masked"
nucleus_vqgan = "celle-mini"
protein_vqgan = "celle-mini"
steps = 1
batch = 1
every = 1
residues = 20
dim = 16
depth = 1
heads = 1
precision = "32-true"
"""


@pytest.fixture
def config(tmp_path):
    def write(rows):
        (tmp_path / "ablation.toml").write_text(COMMON + rows)
        return tmp_path / "ablation.toml"

    return write


def test_a_row_is_what_all_have_in_common_and_what_it_says_itself(config):
    path = config('[[row]]\nname = "a"\nembedding = "one-hot"\n[[row]]\nname = "b"\ndepth = 3\nlearning_rate = 1')
    first, second = read_ablation(path)
    assert (first.name, first.request.embedding, first.request.depth) == ("a", "one-hot", 1)
    assert (second.name, second.request.embedding, second.request.depth) == ("b", None, 3)
    assert second.request.nucleus_vqgan == "celle-mini"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("", "at least one table"),
        ("[[row]]\ndepth = 2", "Row 1 has no name"),
        ('[[row]]\nname = "../a"', "Row 1 has no name that could be that of a folder"),
        ('[[row]]\nname = "a"\n[[row]]\nname = "a"', "Two rows are called 'a'"),
        ('[[row]]\nname = "a"\nlayers = 2', "Row 1: There is no option layers"),
        ('[[row]]\nname = "a"\ndepth = "two"', "Row 1: The depth 'two' is of the wrong kind"),
        ('[[row]]\nname = "a"\ndecoding = "both"', "Row 1: The decoding 'both' is of the wrong kind"),
        ('[[row]]\nname = "a"\ndepth = true', "Row 1: The depth True is of the wrong kind"),
        ("[[row]\n", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(config, rows, words):
    with pytest.raises(CelleError, match=r"ablation\.toml") as caught:
        read_ablation(config(rows))
    assert words in str(caught.value)


def test_all_problems_of_a_file_are_told_at_once(config):
    with pytest.raises(CelleError) as caught:
        read_ablation(config('[[row]]\nlayers = 2\n[[row]]\nname = "a"\nsteps = "x"'))
    assert all(words in str(caught.value) for words in ("Row 1 has no name", "option layers", "The steps 'x'"))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(CelleError, match="There is no file"):
        read_ablation(tmp_path / "none.toml")


def test_rows_are_trained_and_one_without_weights_says_so(config, tmp_path, monkeypatch):
    begin = ablation.begin

    def offline(request, **rest):
        if request.embedding == "esm2-480":
            raise WeightsError("esm2-480 is not at hand. Fetch it.")
        return begin(request, **rest)

    monkeypatch.setattr(ablation, "begin", offline)
    rows = read_ablation(
        config(
            '[[row]]\nname = "ESM-2"\nembedding = "esm2-480"\n'
            '[[row]]\nname = "No nucleus"\nnucleus_vqgan = "none"\n[[row]]\nname = "No sequence"\nembedding = "none"'
        )
    )
    proteins = Proteins(("P1", "P2"), ("MKRAP", "WDE"), np.eye(10, dtype=np.uint8)[:2])
    pairs = dict.fromkeys(("train", "val"), DrawnPairs(draw_cells(proteins, 2, seed=0), proteins))
    missing, *trained = train_rows(rows, pairs, out=tmp_path / "out", hardware=Hardware(accelerator="cpu"))
    assert (missing.model, missing.missing) == (None, "esm2-480 is not at hand. Fetch it.")
    networks = [load_model(str(each.model), device="cpu").network for each in trained]
    assert [network.config.reference is None for network in networks] == [True, False]
    assert [network.config.embedding.kind for network in networks] == ["random", "none"]


def test_a_table_is_told_the_sizes_and_whether_the_embedding_is_trained(config):
    rows = read_ablation(
        config(
            '[[row]]\nname = "a"\n[[row]]\nname = "b"\nembedding = "one-hot"\ndepth = 3\n'
            '[[row]]\nname = "c"\nembedding = "none"'
        )
    )
    assert [row.sizes()["Fixed Sequence Embedding?"] for row in rows] == ["no", "yes", ""]
    assert rows[1].sizes()["Model Depth"] == "3"
    assert rows[0].sizes()["Samples Trained"] == "1"
