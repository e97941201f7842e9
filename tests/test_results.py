"""``make results``: the commands it calls, what it keeps, and the page that it writes."""

import contextlib
import gzip
import io
import json
import sys
from importlib import import_module

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from napari_celle.cli import app
from napari_celle.data.proteins import LOCATIONS
from napari_celle.models.registry import model_info
from napari_celle.simulate import draw_field

HEADER = ",".join(["accession", "kingdom", "is_human", "gene", "partition", *LOCATIONS, "sequence"])

PUBLISHED = {
    "table_1": {"rows": [{"model": "MuLoc", "train": None, "validation": {"mean": 0.79, "sd": 0.41}}]},
    "table_s1": {"rows": []},
    "table_s2": {"rows": []},
    "talk_celle_vs_celle2": {"rows": []},
}


@pytest.fixture
def benchmark(root, monkeypatch):
    """Import a script of the folder benchmarks."""
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    return import_module


@pytest.fixture
def data(tmp_path):
    """A folder like that of the shared data, with a few proteins and one nucleus image."""
    folder = tmp_path / "data"
    (folder / "real_nuclei").mkdir(parents=True)
    rows = []
    for number in range(20):
        labels = ["0", "1", *["0"] * 8] if number % 2 else ["1", *["0"] * 9]
        cells = [f"T{number}", "Metazoa", str(number // 5 % 2), "", str(number % 5), *labels]
        rows.append(",".join([*cells, "MSKGEELFTG" * (number % 3 + 1)]))
    (folder / "deeploc2_swissprot.csv.gz").write_bytes(gzip.compress("\n".join([HEADER, *rows]).encode()))
    gfp = ['"GFP",,MKK', '"GFP + random, seed 0",,MKR', '"GFP + random, seed 1",,MRR', '"GFP + NLS",1,MRK']
    (folder / "gfp_nls.csv").write_text("\n".join(["construct,expected_nuclear,sequence", *gfp]))
    (folder / "top1_constructs.csv").write_text("construct,is_nuclear,fusion_sequence\na,1,MKRKK\nb,0,MEDED\n")
    (folder / "paper_tables.json").write_text(json.dumps(PUBLISHED))
    (folder / "nls_table_s10.csv").write_text("nls,gfp_fusion\nKRK,MKRKW\n")
    np.save(folder / "real_nuclei" / "a_nucleus.npy", draw_field(np.random.default_rng(0)).nucleus)
    return folder


class InProcess:
    """Runs the commands without a process of their own, and counts them."""

    def __init__(self, import_script):
        self.import_script, self.ran = import_script, []

    def __call__(self, words, threads):
        self.ran.append(words)
        if words[0] == "napari-celle":
            result = CliRunner().invoke(app, list(words[1:]), prog_name="napari-celle")
            assert result.exit_code == 0, result.stderr
            return result.stdout
        script = self.import_script(words[1].removeprefix("benchmarks/").removesuffix(".py"))
        with contextlib.redirect_stdout(io.StringIO()) as printed, pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", list(words[1:]))
            script.main()
        return printed.getvalue()


def test_the_page_is_made_of_commands_whose_answers_are_kept(benchmark, data, tmp_path, monkeypatch):
    monkeypatch.setattr("napari_celle.analysis.simulated.BASELINE_PICTURES", 3)
    results, run, out = benchmark("results"), InProcess(benchmark), tmp_path / "kept"
    monkeypatch.setattr(results.shutil, "which", lambda program: None)  # it would take the real MMseqs2 a while
    sizes = results.Sizes(model="tiny", fold=1, limit=4, pictures=2, seeds=2, cases=12, cycles=2)
    answers = results.measure(sizes, data=data, out=out, jobs=1, runner=run)
    page = tmp_path / "docs" / "results.md"
    results.write_results(page, sizes, answers=answers, out=out)
    text = page.read_text(encoding="utf-8")

    assert model_info("tiny").weights_sha256 in text
    assert f"| all | 4 | 50.0% | {np.mean([answers[f'nuclear-{seed}']['auc'] for seed in (0, 1)]):.3f} ±" in text
    assert "| GFP + random | 2 |" in text
    assert "| *MuLoc* (CELL-E, Table 1, validation) | published, other data |" in text
    assert f"| from its own picture | {answers['cycle']['own_picture']['mean']:.2%} |" in text
    assert "--table out/results/fold3.csv" in text  # how the threshold is chosen
    assert "$NAPARI_CELLE_SHARED/data" in text
    assert str(tmp_path) not in text
    for name in ("results-cases.png", "results-calibration.png"):
        with Image.open(page.parent / "images" / name) as picture:
            assert picture.width > 500

    before = len(run.ran)
    assert results.measure(sizes, data=data, out=out, jobs=1, runner=run) == answers
    assert [words[2] for words in run.ran[before:]] == ["table"]
    before = len(run.ran)
    fewer = results.Sizes(model="tiny", fold=1, limit=3, pictures=2, seeds=1, cases=12, cycles=2)
    assert results.measure(fewer, data=data, out=out, jobs=1, runner=run)["nuclear-0"]["n"] == 3
    assert [words[2] for words in run.ran[before:]] == ["table", "nuclear"]


@pytest.mark.parametrize(
    ("measured", "smaller", "words"), [(0.7996, False, "**no**"), (0.8, False, "yes"), (0.81, True, "**no**")]
)
def test_an_aim_is_met_by_the_figure_and_not_by_its_rounded_form(benchmark, measured, smaller, words):
    aim = benchmark("results_aims").Aim("x", measured, 0.8, smaller=smaller)
    assert aim.row()[3:] == [words, "", ""]


def test_bins_of_several_seeds_are_pooled_by_their_counts(benchmark):
    def bins(*filled):
        return [{"count": count, "predicted": 0.1 if count else None, "truth": truth} for count, truth in filled]

    pooled = benchmark("results_pictures").pooled_bins([bins((3, 0.0), (0, None)), bins((1, 1.0), (0, None))])
    np.testing.assert_allclose(pooled, [[0.1, 0.25, 4]])
