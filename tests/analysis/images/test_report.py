import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from napari_celle.analysis.images.evaluation import evaluate_images, table_dataset
from napari_celle.analysis.images.pictures import Figure
from napari_celle.analysis.images.report import write_report
from napari_celle.analysis.images.report_rows import ReportRow

PUBLISHED = (
    ReportRow(
        "CELL-E",
        "published",
        "published, other data",
        {"ssim": Figure(0.25, 0.16), "fid": Figure(156.0, np.nan), "nuclear_accuracy": Figure(0.72, 0.45)},
        source="CELL-E, Table S.2, validation",
    ),
    ReportRow(
        "MuLoc", "published", "published, other data", {"nuclear_accuracy": Figure(0.79, 0.41)}, source="Table 1"
    ),
)


@pytest.fixture(scope="module")
def report(pairs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "new"
    answer = evaluate_images(["tiny"], table_dataset(pairs, name="three.csv, split val"))
    return answer, write_report(folder, answer, PUBLISHED, about={"seed": 0})


def test_all_files_are_written(report):
    _, files = report
    names = ["report.md", "report.csv", "report.json", "pictures.csv", "figures.png", "montage-1.png"]
    assert [path.name for path in files] == names
    assert all(path.stat().st_size > 0 for path in files)
    for path in files[-2:]:
        with Image.open(path) as picture:
            assert min(picture.size) > 400


def test_people_read_means_and_deviations_and_what_was_measured_elsewhere(report):
    answer, (path, *_) = report
    text = path.read_text(encoding="utf-8")
    measured, published = text.split("## Published, other data")
    assert f"| tiny | {answer.rows[0].figures['nucleus_proportion_accuracy'].printed()} |" in measured
    assert "3 pictures of three.csv, split val" in measured
    assert "![montage](montage-1.png)" in measured
    assert "CELL-E" not in measured
    assert "### CELL-E, Table S.2, validation (published, other data)" in published
    assert "| CELL-E | 0.72 ± 0.45 | 0.25 ± 0.16 | 156 |" in published
    assert "measured on other data" in published
    assert "/" not in measured.replace("yes/no", "")  # no path of this machine


def test_programs_read_intervals_and_null_where_nothing_is_known(report):
    _, files = report
    found = json.loads(files[2].read_text(encoding="utf-8"))
    assert (found["seed"], found["data"], found["without_nuclei"]) == (0, "three.csv, split val", {"tiny": 0})
    rows = {row["name"]: row for row in found["rows"]}
    low, high = rows["tiny"]["figures"]["ssim"]["interval"]
    assert low <= rows["tiny"]["figures"]["ssim"]["mean"] <= high
    assert rows["tiny: all dark"]["figures"]["pearson_map"]["mean"] is None
    assert rows["CELL-E"]["figures"]["fid"] == {"mean": 156, "sd": None, "n": None, "interval": None}
    assert rows["MuLoc"]["data"] == "published, other data"


def test_tables_have_a_line_a_row_and_a_line_a_picture(report):
    answer, files = report
    rows, pictures = pd.read_csv(files[1]), pd.read_csv(files[3])
    assert rows["name"].tolist() == [*(row.name for row in answer.rows), "CELL-E", "MuLoc"]
    assert rows["ssim_sd"].notna().tolist() == [True] * len(answer.rows) + [True, False]
    assert len(pictures) == 3 * len(answer.rows)
    assert {"name", "kind", "picture", "residues", "true_fraction", "fraction_map", "iou"} <= set(pictures)


def test_pictures_without_a_nucleus_are_told(pairs, report, tmp_path):
    answer, _ = report
    for record in answer.measured[0].records[:2]:
        record["nuclei_share"] = 0.0
    try:
        text = write_report(tmp_path, answer)[0].read_text(encoding="utf-8")
    finally:
        for record in answer.measured[0].records[:2]:
            record["nuclei_share"] = 0.3
    assert "In 2 of the pictures of tiny no nucleus was found" in text
    assert "Published" not in text
