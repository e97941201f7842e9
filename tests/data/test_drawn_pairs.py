"""Pairs of pictures that are drawn, and kept for a run that goes on."""

from dataclasses import replace

import numpy as np
import pytest

from napari_celle.data import drawn_pairs
from napari_celle.data.drawn_pairs import DrawnPairs, draw_pairs
from napari_celle.data.proteins import LOCATIONS, Proteins
from napari_celle.data.simulated import SimulatedCells
from napari_celle.errors import CelleError

NUCLEAR = ["0", "1", *["0"] * 8]


@pytest.fixture
def table(tmp_path):
    """A table of one protein of each fold, and a plant's."""
    rows = [f"T{fold},Metazoa,,{fold},{','.join(NUCLEAR)},{'ACDEF'[fold] * 20}" for fold in range(5)]
    rows.append(f"P0,Viridiplantae,,0,{','.join(NUCLEAR)},MPPPPPPPPPPPPPPPPPPP")
    header = ",".join(["accession", "kingdom", "gene", "partition", *LOCATIONS, "sequence"])
    path = tmp_path / "proteins.csv"
    path.write_text("\n".join([header, *rows]))
    return path


@pytest.fixture
def drawn(monkeypatch):
    """Draw noise for cells, and note what was asked for."""
    asked = []

    def draw(proteins, count, *, seed, size, on_step=None):
        asked.append((proteins.accessions, count, seed, size))
        rng = np.random.default_rng(seed)
        pictures = rng.integers(0, 255, (count, size, size)).astype(np.uint8)
        return SimulatedCells(pictures, pictures > 99, pictures > 9, rng.integers(len(proteins), size=count))

    monkeypatch.setattr(drawn_pairs, "draw_cells", draw)
    return asked


def test_the_cells_carry_the_sequences_of_their_proteins():
    proteins = Proteins(("A", "B", "C"), ("MKR", "WDE", "PPP"), np.zeros((3, len(LOCATIONS)), bool))
    pictures = np.arange(128).reshape(2, 8, 8).astype(np.uint8)
    cells = SimulatedCells(pictures, pictures > 9, pictures > 99, np.array([2, 0]))
    pairs = DrawnPairs(cells, proteins)
    assert pairs.sequences == ("PPP", "MKR")
    nucleus, protein = pairs.read(1)
    np.testing.assert_array_equal(nucleus, pictures[1])
    np.testing.assert_array_equal(protein, pictures[1] > 9)
    others = (replace(cells, protein=np.array([0, 2])), replace(cells, nucleus=pictures[::-1]))
    assert len({pairs.fingerprint(), *(DrawnPairs(other, proteins).fingerprint() for other in others)}) == 3


def test_folds_to_train_on_and_to_choose_on_are_drawn_without_plants(table, tmp_path, drawn):
    pairs = draw_pairs(table, 30, folder=tmp_path / "run", size=8, seed=5)
    assert drawn == [(("T0", "T1", "T2"), 30, 5, 256), (("T3",), 3, 6, 256)]
    assert {name: len(part) for name, part in pairs.items()} == {"train": 30, "val": 3}


def test_what_was_drawn_is_read_by_the_same_command_and_not_by_another(table, tmp_path, drawn):
    first = draw_pairs(table, 2, folder=tmp_path / "run", size=8, seed=0)
    again = draw_pairs(table, 2, folder=tmp_path / "run", size=8, seed=0)
    assert len(drawn) == 2
    assert again["train"].fingerprint() == first["train"].fingerprint()
    draw_pairs(table, 2, folder=tmp_path / "run", size=257, seed=0)
    draw_pairs(table, 2, folder=tmp_path / "run", size=8, seed=1)
    draw_pairs(table, 2, folder=tmp_path / "run", size=8, seed=0, held_out=["A" * 15])
    assert drawn[2:4] == [(("T0", "T1", "T2"), 2, 0, 257), (("T3",), 1, 1, 257)]
    assert [each[2] for each in drawn[4:6]] == [1, 2]
    assert drawn[6][0] == ("T1", "T2")  # T0 is a relative
    assert all("part" not in path.name for path in (tmp_path / "run").iterdir())


def test_a_table_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CelleError, match="does not exist"):
        draw_pairs(tmp_path / "none.csv", 2, folder=tmp_path, size=8, seed=0)
