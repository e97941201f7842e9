"""A table of pairs of pictures is checked as a whole before anything is trained."""

import numpy as np
import pytest

from napari_celle.data.tables.pair_table import read_pairs
from napari_celle.errors import CelleError

SEQUENCE = "MSKGEELFTG"


def _table(folder, *rows, columns="nucleus,protein,sequence"):
    path = folder / "table.csv"
    path.write_text("\n".join([columns, *rows]))
    return path


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "pictures").mkdir()
    for number in range(4):
        for channel in ("n", "p"):
            picture = rng.integers(0, 60000, (40, 36)).astype(np.uint16)
            np.save(tmp_path / "pictures" / f"{channel}{number}.npy", picture)
    np.save(tmp_path / "pictures" / "mask.npy", (picture > 30000) * np.uint8(255))
    np.save(tmp_path / "pictures" / "other.npy", picture[:, :20])
    return tmp_path


def _row(number, *rest, sequence=SEQUENCE, protein=None):
    return ",".join([f"pictures/n{number}.npy", protein or f"pictures/p{number}.npy", sequence, *rest])


def test_pictures_are_found_beside_the_table_and_split_as_it_says(folder):
    rows = [_row(0, "train"), _row(1, "val", sequence="mkrap*"), _row(2, "train")]
    pairs = read_pairs(_table(folder, *rows, columns="nucleus,protein,sequence,split"), size=32)
    assert pairs["train"].sequences == (SEQUENCE, SEQUENCE)
    assert pairs["val"].sequences == ("MKRAP",)
    nucleus, protein = pairs["train"].read(1)
    np.testing.assert_array_equal(nucleus, np.load(folder / "pictures/n2.npy"))
    np.testing.assert_array_equal(protein, np.load(folder / "pictures/p2.npy"))


def test_a_painted_mask_stays_what_it_is(folder):
    rows = [_row(0, protein="pictures/mask.npy"), _row(1, sequence="MKRAP")]
    pairs = read_pairs(_table(folder, *rows), size=32)
    part = next(part for part in pairs.values() if part.sequences == (SEQUENCE,))
    _, protein = part.read(0)
    assert protein.dtype == bool
    np.testing.assert_array_equal(protein, np.load(folder / "pictures/mask.npy") > 0)


def test_all_that_is_wrong_with_a_table_is_told_at_once(folder):
    rows = [
        _row(0),
        _row(7, sequence="MKR1P"),
        _row(1, protein="pictures/other.npy"),
        _row(2, protein="pictures/none.npy"),
    ]
    with pytest.raises(CelleError) as error:
        read_pairs(_table(folder, *rows), size=32)
    text = str(error.value)
    assert text.startswith("3 of 4 rows of")
    for words in ("line 3:", "n7.npy", "p7.npy", "'1'", "line 4:", "40 x 36", "40 x 20", "line 5:", "none.npy"):
        assert words in text
    assert "line 2:" not in text


def test_pictures_that_are_too_small_for_the_model_are_told(folder):
    with pytest.raises(CelleError, match=r"smaller than the 256 x 256 pixels .* 40 x 36"):
        read_pairs(_table(folder, _row(0)), size=256)


@pytest.mark.parametrize(
    ("columns", "rows", "words"),
    [
        ("nucleus,sequence", ["a,b"], "lacks the column protein"),
        ("nucleus,protein,sequence,split", [_row(0, "train")], "no row of the split val"),
        ("nucleus,protein,sequence,split", [_row(0, "holdout")], "The split 'holdout' is none of train, val"),
        ("nucleus,protein,sequence", [], "no row of the split train and val"),
        ("nucleus,protein,sequence", ['"'], "cannot be read"),
    ],
)
def test_tables_that_cannot_be_used_say_why(folder, columns, rows, words):
    with pytest.raises(CelleError, match=words):
        read_pairs(_table(folder, *rows, columns=columns), size=32)


def test_no_table_is_told(tmp_path):
    with pytest.raises(CelleError, match="There is no table"):
        read_pairs(tmp_path / "none.csv", size=32)


def test_a_protein_is_either_trained_on_or_validated_on(folder):
    names = ["MKRAP", "WDERP", SEQUENCE]
    table = _table(folder, *(_row(number % 4, sequence=names[number % 3]) for number in range(12)))
    pairs = read_pairs(table, size=32, seed=1)
    assert len(pairs["train"]) == 8
    assert set(pairs["train"].sequences).isdisjoint(pairs["val"].sequences)
    assert pairs["val"].sequences == read_pairs(table, size=32, seed=1)["val"].sequences
    chosen = {read_pairs(table, size=32, seed=seed)["val"].sequences[0] for seed in range(8)}
    assert len(chosen) > 1


def test_one_protein_alone_is_trained_and_validated_on(folder):
    pairs = read_pairs(_table(folder, _row(0), _row(1)), size=32)
    assert len(pairs["train"]) == len(pairs["val"]) == 2


def test_the_fingerprint_of_a_table_changes_with_a_picture_and_with_a_sequence(folder):
    first = read_pairs(_table(folder, _row(0)), size=32)["train"].fingerprint()
    assert read_pairs(_table(folder, _row(0)), size=32)["train"].fingerprint() == first
    assert read_pairs(_table(folder, _row(0, sequence="MKRAP")), size=32)["train"].fingerprint() != first
    path = folder / "pictures/p0.npy"
    np.save(path, np.load(path) // 2)
    assert read_pairs(_table(folder, _row(0)), size=32)["train"].fingerprint() != first
