import json
import math

import pytest

from napari_celle.analysis.images.published_rows import READERS, read_published
from napari_celle.errors import CelleError


def known(mean, sd):
    return {"mean": mean, "sd": sd}


TABLES = {
    "table_1": {"rows": [{"model": "MuLoc", "train": known(0.71, 0.45), "validation": known(0.79, 0.41)}]},
    "table_s1": {
        "rows": [
            {
                "split": split,
                "sequence_embedding": "TAPE",
                "model_depth": 26,
                "fixed_sequence_embedding": False,
                "nucleus_proportion_accuracy": known(0.926, 0.0656),
                "predicted_threshold_pixel_accuracy": known(0.7568, 0.0664),
                "predicted_2d_pdf_pixel_accuracy": None,
                "ssim": known(0.2266, 0.1485),
                "is": known(2.3797, 0.0742),
                "fid": 140.339,
                "nucleus_localization_prediction_accuracy": known(0.873, 0.333),
            }
            for split in ("train", "validation")
        ]
    },
    "table_s2": {
        "rows": [
            {
                "metric": "Frechet Inception Distance",
                "train_celle": 107.0,
                "train_vqgan": 15.0,
                "validation_celle": 156.0,
                "validation_vqgan": 23.0,
            }
        ]
    },
    "talk_celle_vs_celle2": {
        "rows": [
            {
                "model": "CELL-E 2",
                "nucleus_proportion_mae": known(0.017, 0.016),
                "pixel_image_mae": known(0.3449, 0.1305),
                "pdf_mae": known(0.3487, 0.134),
                "ssim": known(0.1881, 0.1541),
                "fid": 19.2683,
                "is": known(3.6083, None),
            }
        ]
    },
}


def written(folder, tables):
    path = folder / "tables.json"
    path.write_text(json.dumps(tables))
    return path


def test_all_tables_become_rows_that_say_where_they_are_from(tmp_path):
    rows = read_published(written(tmp_path, TABLES))
    assert {(row.kind, row.data) for row in rows} == {("published", "published, other data")}
    assert [row.source for row in rows] == [
        *(f"CELL-E, Table 1, {split}" for split in ("train", "validation")),
        *(f"CELL-E, Table S.1, {split}" for split in ("train", "validation")),
        *(f"CELL-E, Table S.2, {split}" for split in ("train", "train", "validation", "validation")),
        "CELL-E 2, talk, OpenCell validation",
    ]
    assert [row.name for row in rows if row.is_validation] == ["MuLoc", "CELL-E", "VQGAN", "CELL-E 2"]


def test_figures_have_our_names_and_errors_become_accuracies(tmp_path):
    rows = {row.source: row for row in read_published(written(tmp_path, TABLES))}
    variant = rows["CELL-E, Table S.1, validation"]
    assert variant.name == "CELL-E TAPE, depth 26, not fixed"
    assert variant.figures["threshold_pixel_accuracy"].printed() == "0.7568 ± 0.0664"
    assert (variant.figures["fid"].mean, math.isnan(variant.figures["fid"].sd)) == (140.339, True)
    assert "pdf_pixel_accuracy_map" not in variant.figures
    talk = rows["CELL-E 2, talk, OpenCell validation"].figures
    assert talk["nucleus_proportion_accuracy"].printed() == "0.983 ± 0.016"
    assert talk["pdf_pixel_accuracy_map"].printed() == "0.6513 ± 0.134"
    assert talk["inception_score"].printed() == "3.6083"


@pytest.mark.parametrize("name", READERS)
def test_another_version_of_a_table_is_named(tmp_path, name):
    for broken in ({}, {"rows": [{"model": "x"}]}, {"rows": None}, []):
        with pytest.raises(CelleError, match=f"no table {name} that can be read"):
            read_published(written(tmp_path, TABLES | {name: broken}))


def test_a_figure_that_is_no_number_is_no_table(tmp_path):
    row = {"model": "MuLoc", "train": known("high", 0.45), "validation": known(0.79, 0.41)}
    with pytest.raises(CelleError, match="no table table_1 that can be read"):
        read_published(written(tmp_path, TABLES | {"table_1": {"rows": [row]}}))


@pytest.mark.parametrize("content", [None, "{", "[]", '"text"'])
def test_what_holds_no_tables_is_said_in_our_words(tmp_path, content):
    path = tmp_path / "tables.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CelleError, match=r"tables\.json"):
        read_published(path)


def test_the_papers_own_tables_are_read(shared):
    rows = read_published(shared / "data" / "paper_tables.json")
    main = [row for row in rows if row.source == "CELL-E, Table S.1, train" and row.name == "CELL-E TAPE, depth 32"]
    assert [row.figures["nucleus_proportion_accuracy"].printed() for row in main] == ["0.9396 ± 0.0535"]
    assert sum("S.1" in row.source for row in rows) == 30
    assert sum(row.is_validation for row in rows) == 8
