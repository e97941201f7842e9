"""Datasets as the authors lay them out are read as their loaders read them, and written so that these can."""

import json
import re

import numpy as np
import pandas as pd
import pytest
import tifffile
from PIL import Image

from napari_celle.data.published import load_celle2
from napari_celle.data.tables.authors import AuthorsRow, write_authors_table
from napari_celle.data.tables.pair_table import read_dataset, read_pairs
from napari_celle.errors import CelleError, OutputError

PROTEINS = ("MSKGEELFTG", "MKRAP", "WDERP")


def _picture(seed, *, bits):
    return np.random.default_rng(seed).integers(0, 2**bits, (40, 36)).astype(f"uint{bits}")


def _rows(kind, splits=("train", "train", "val")):
    for number, (sequence, split) in enumerate(zip(PROTEINS, splits, strict=True)):
        folder = f"T{number}_ENSG{number}"
        files = (f"{folder}/proj.tif",) if kind == "opencell" else (f"{folder}/nucleus.png", f"{folder}/target.png")
        about = {"target_name": f"T{number}"}
        yield AuthorsRow(files, f"{folder}/metadata.json", sequence, about=about, split=split)


def _write(folder, kind, **options):
    """Write three pairs: 16-bit TIFFs of two pages, or 8-bit files of which the protein is red in a colour picture."""
    rows = list(_rows(kind, **options))
    write_authors_table(folder / "data.csv", rows)
    for number, row in enumerate(rows):
        paths = [folder / name for name in row.pictures]
        if kind == "opencell":
            tifffile.imwrite(paths[0], np.stack([_picture(number, bits=16), _picture(number + 9, bits=16)]))
            continue
        Image.fromarray(_picture(number, bits=8)).save(paths[0])
        colours = np.stack([_picture(number + 9 * colour, bits=8) for colour in (1, 2, 3)], axis=-1)
        Image.fromarray(colours).save(paths[1])
    return folder / "data.csv"


def _edit(table, change):
    frame = pd.read_csv(table, dtype=str, keep_default_na=False)
    change(frame).to_csv(table, index=False)
    return table


@pytest.mark.parametrize(("kind", "bits"), [("opencell", 16), ("hpa", 8)])
def test_what_is_written_is_read_with_its_splits(tmp_path, kind, bits):
    pairs = read_pairs(_write(tmp_path, kind), size=32)
    assert pairs["train"].sequences == PROTEINS[:2]
    assert pairs["val"].sequences == PROTEINS[2:]
    nucleus, protein = pairs["val"].read(0)
    np.testing.assert_array_equal(nucleus, _picture(2, bits=bits))
    np.testing.assert_array_equal(protein, _picture(11, bits=bits))
    assert not list(tmp_path.rglob("*.part"))


def test_both_spellings_of_the_picture_and_of_the_sequence_are_read(tmp_path):
    table = _write(tmp_path, "hpa")
    frame = pd.read_csv(table)
    assert list(frame["protein_image_path"]) == list(frame["target_image_path"])
    first = read_pairs(table, size=32)["train"]
    _edit(table, lambda frame: frame.drop(columns="target_image_path"))
    assert read_pairs(table, size=32)["train"] == first
    names = {"protein_image_path": "target_image_path", "protein_sequence": "sequence"}
    _edit(table, lambda frame: frame.rename(columns=names))
    assert read_pairs(table, size=32)["train"] == first


@pytest.mark.parametrize("key", ["sequence", "protein_sequence"])
def test_a_sequence_that_is_not_in_the_table_is_in_the_metadata(tmp_path, key):
    table = _write(tmp_path, "opencell")
    (tmp_path / "T1_ENSG1/metadata.json").write_text(json.dumps({key: "MKWWAP", "ensg_id": "ENSG1"}))
    _edit(table, lambda frame: frame.assign(protein_sequence=["MKRAP", "", ""]))
    assert read_pairs(table, size=32)["train"].sequences == ("MKRAP", "MKWWAP")
    _edit(table, lambda frame: frame.drop(columns="protein_sequence"))
    assert read_pairs(table, size=32)["train"].sequences == (PROTEINS[0], "MKWWAP")


def test_a_table_without_splits_is_split_by_protein(tmp_path):
    table = _write(tmp_path, "opencell", splits=("", "", ""))
    assert "split" not in pd.read_csv(table)
    pairs = read_pairs(table, size=32)
    assert (len(pairs["train"]), len(pairs["val"])) == (2, 1)


def test_any_split_can_be_read_and_a_training_leaves_the_test_alone(tmp_path):
    table = _write(tmp_path, "opencell", splits=("train", "test", "val"))
    (tmp_path / "T1_ENSG1/proj.tif").write_bytes(b"II*\0")
    assert [read_pairs(table, size=32)[name].sequences for name in ("train", "val")] == [PROTEINS[:1], PROTEINS[2:]]
    assert read_dataset(table, split="val").sequences == PROTEINS[2:]
    with pytest.raises(CelleError, match=r"1 of 1 rows .* line 3: .*proj\.tif"):
        read_dataset(table, split="test")
    with pytest.raises(CelleError, match=r"no row of the split holdout. Its splits are .*val \(1\)"):
        read_dataset(table, split="holdout")


def test_all_that_is_wrong_with_a_table_is_told_at_once(tmp_path):
    table = _write(tmp_path, "hpa")
    sequences = ["MKR*AP", PROTEINS[1], ""]
    _edit(table, lambda frame: frame.assign(protein_sequence=sequences, split=["train", "trial", "val"]))
    picture = tmp_path / "T0_ENSG0/nucleus.png"
    picture.write_bytes(picture.read_bytes()[:300])  # half-downloaded
    (tmp_path / "T1_ENSG1/target.png").unlink()
    Image.fromarray(_picture(0, bits=8)[:20]).save(tmp_path / "T2_ENSG2/target.png")
    (tmp_path / "T2_ENSG2/metadata.json").write_text("{")
    with pytest.raises(CelleError) as error:
        read_pairs(table, size=16)
    lines = re.split(r" line (?=\d: )", str(error.value))[1:]
    assert str(error.value).startswith("3 of 3 rows of")
    for line, words in zip(
        lines,
        [
            ("2: ", "T0_ENSG0/nucleus.png", "damaged", "stop codon"),
            ("3: ", "There is no file", "T1_ENSG1/target.png", "'trial' is none of train, val"),
            ("4: ", "nucleus 40 x 36, protein 20 x 36", "T2_ENSG2/metadata.json cannot be read as JSON"),
        ],
        strict=True,
    ):
        assert all(word in line for word in words), line


@pytest.mark.parametrize(("pages", "words"), [(1, "holds 1 pictures"), (3, "holds 3 pictures"), (0, "damaged")])
def test_a_stack_that_does_not_have_two_pages_is_named_once(tmp_path, pages, words):
    table = _write(tmp_path, "opencell")
    path = tmp_path / "T0_ENSG0/proj.tif"
    whole = path.read_bytes()
    if pages:
        stack = np.stack([_picture(page, bits=16) for page in range(pages)])
        tifffile.imwrite(path, stack, photometric="minisblack")
    else:
        path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CelleError, match=words) as error:
        read_pairs(table, size=32)
    assert str(error.value).count("T0_ENSG0") == 1


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("image_path", "", "The column image_path is empty"),
        ("metadata_path", "", "The column metadata_path is empty"),
        ("metadata_path", "none.json", "none.json cannot be read"),
        ("metadata_path", "other.json", "other.json has no protein_sequence and no sequence"),
    ],
)
def test_what_a_row_lacks_is_named(tmp_path, column, value, words):
    table = _write(tmp_path, "opencell")
    (tmp_path / "other.json").write_text("[]")
    _edit(table, lambda frame: frame.drop(columns="protein_sequence").assign(**{column: value}))
    with pytest.raises(CelleError, match=words):
        read_pairs(table, size=32)


def test_columns_that_are_of_no_layout_are_told(tmp_path):
    table = _edit(_write(tmp_path, "opencell"), lambda frame: frame.rename(columns={"image_path": "picture"}))
    with pytest.raises(CelleError, match=r"lacks the column nucleus, protein, sequence.*Its columns are picture"):
        read_pairs(table, size=32)


@pytest.mark.parametrize("kind", ["opencell", "hpa"])
def test_the_pictures_go_to_the_published_preprocessing_as_they_are(tmp_path, kind):
    pair = read_pairs(_write(tmp_path, kind), size=32)["train"].read(0)
    dataset, bits = {"opencell": ("OpenCell", 16), "hpa": ("HPA", 8)}[kind]
    options = {"dataset": dataset, "size": 24, "shorter_edge": 50}
    made, wanted = load_celle2(*pair, **options), load_celle2(*(_picture(s, bits=bits) for s in (0, 9)), **options)
    for name in ("nucleus", "protein", "threshold"):
        np.testing.assert_array_equal(getattr(made, name), getattr(wanted, name))


def test_both_kinds_do_not_go_into_one_table(tmp_path):
    with pytest.raises(CelleError, match="two tables"):
        write_authors_table(tmp_path / "data.csv", [*_rows("hpa"), *_rows("opencell")])


def test_a_table_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        write_authors_table(tmp_path / "file" / "data.csv", list(_rows("hpa")))


@pytest.mark.parametrize("kind", ["opencell", "hpa"])
def test_a_dataset_gives_what_the_authors_loader_made_of_its_pictures(tmp_path, fixtures, kind):
    with np.load(fixtures / "preprocessing" / "preprocessing.npz") as arrays:
        known = dict(arrays)
    pages = known[f"{kind}_source"]
    if kind == "opencell":
        tifffile.imwrite(tmp_path / "proj.tif", pages)
        row, dataset = AuthorsRow(("proj.tif",), "metadata.json", "MKRAP"), "OpenCell"
    else:
        for name, page in zip(("nucleus.png", "target.png"), pages, strict=True):
            Image.fromarray(page).save(tmp_path / name)
        row, dataset = AuthorsRow(("nucleus.png", "target.png"), "metadata.json", "MKRAP"), "HPA"
    write_authors_table(tmp_path / "data.csv", [row])
    pair = read_dataset(tmp_path / "data.csv", size=256).read(0)
    for threshold in ("median", "mean", "1090_IQR", "none"):
        made = load_celle2(*pair, dataset=dataset, threshold=threshold, faithful="all")
        np.testing.assert_allclose(made.nucleus, known[f"{dataset}_nucleus"][0], atol=1e-5)
        np.testing.assert_allclose(made.protein, known[f"{dataset}_target"][0], atol=1e-5)
        differ = np.abs(made.threshold - known[f"{dataset}_threshold_{threshold}"][0]) > 1e-5
        assert differ.mean() < 1e-3, threshold  # pixels at the threshold may fall on either side


def test_two_channels_of_imagej_are_two_pages(tmp_path):
    table = _write(tmp_path, "opencell")
    pages = np.stack([_picture(0, bits=16), _picture(9, bits=16)])
    tifffile.imwrite(tmp_path / "T0_ENSG0/proj.tif", pages, imagej=True, metadata={"axes": "CYX"})
    np.testing.assert_array_equal(read_pairs(table, size=32)["train"].read(0), pages)
