"""The table of an ablation."""

from dataclasses import replace

import numpy as np
import pytest

from napari_celle.analysis.ablation import AblationModel, ablation_datasets, ablation_markdown, score_ablation
from napari_celle.data.drawn_pairs import DrawnPairs
from napari_celle.data.proteins import LOCATIONS, Proteins
from napari_celle.data.simulated import draw_cells


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ablation")
    header = ",".join(["accession", "kingdom", "gene", "partition", *LOCATIONS, "sequence"])
    rows = [
        ",".join([f"T{fold}{n}", "Metazoa", "", str(fold), "0", "1", *["0"] * 8, "MSKGEELFTG" * (fold + n + 1)])
        for fold in range(5)
        for n in range(2)
    ]
    (folder / "proteins.csv").write_text("\n".join([header, *rows]))
    proteins = Proteins(("A", "B"), ("MKRAP", "WDE"), np.eye(10, dtype=np.uint8)[:2])
    learned = DrawnPairs(draw_cells(proteins, 5, seed=0), proteins)
    return learned, ablation_datasets(folder / "proteins.csv", learned, pictures=2, seed=1)


@pytest.fixture(scope="module")
def rows(datasets):
    models = [
        AblationModel("Masked", {"Model Depth": "2"}, "tiny-celle2"),
        AblationModel("TAPE", {"Model Depth": "32"}, missing="bert.bin is not at hand. Fetch it."),
    ]
    return score_ablation(models, datasets[1])


def test_train_shows_what_was_learned_and_validation_what_was_not(datasets):
    from napari_celle.models.registry import load_model

    learned, found = datasets
    model = load_model("tiny-celle2", device="cpu")
    seen, unseen = (found[split].samples(model) for split in ("train", "validation"))
    assert {seen.read(index).sequence for index in range(2)} <= set(learned.proteins.sequences)
    assert {unseen.read(index).sequence for index in range(2)} <= {"MSKGEELFTG" * n for n in (5, 6)}  # of fold 4


def test_each_split_has_the_tokenizer_and_all_models(rows):
    assert [(row.split, row.name) for row in rows] == [
        (split, name) for split in ("train", "validation") for name in ("N/A (VQGAN)", "Masked", "TAPE")
    ]
    assert [row.row is not None for row in rows] == [True, True, False] * 2
    assert all(row.row.n == 2 for row in rows if row.row)


def test_a_row_without_weights_is_marked_and_explained(rows):
    text = ablation_markdown(rows)
    assert "| TAPE | 32 | not run: weights |" in text
    assert "- TAPE: bert.bin is not at hand. Fetch it." in text
    assert text.count("- TAPE:") == 1


def test_figures_stand_in_the_column_of_their_name(rows):
    text = ablation_markdown(rows)
    heads, *_ = [line.split("|") for line in text.splitlines() if line.startswith("| Sequence")]
    cells = next(line.split("|") for line in text.splitlines() if line.startswith("| Masked"))
    figure = rows[1].row.figures["ssim"].printed()
    assert cells[[head.strip() for head in heads].index("SSIM")].strip() == figure


def test_what_is_not_known_is_null_in_json(rows):
    unknown = replace(rows[1].row.figures["ssim"], mean=float("nan"))
    row = replace(rows[1], row=replace(rows[1].row, figures={"ssim": unknown}))
    assert row.to_dict()["measured"]["figures"]["ssim"]["mean"] is None
