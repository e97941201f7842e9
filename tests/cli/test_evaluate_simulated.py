"""``napari-celle evaluate simulated``: what a person and a script see."""

import json


def test_simulated_compares_with_baselines_and_measures_the_tokenizer(evaluate, folder, monkeypatch):
    monkeypatch.setattr("napari_celle.analysis.simulated.BASELINE_PICTURES", 3)
    options = ("simulated", "--table", folder / "proteins.csv", "--model", "tiny", "--fold", 4, "--limit", 2)
    result = evaluate(*options, "--json")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert (answer["n"], answer["fold"]) == (2, 4)
    assert {"nucleus_proportion_accuracy", "threshold_pixel_accuracy", "ssim"} <= set(answer["figures"])
    assert set(answer["baselines"]) == {"all dark", "mean picture", "label-blind"}
    assert answer["reconstruction"]["codes"] == answer["reconstruction_nucleus"]["codes"] == 16
    shown = evaluate(*options)
    assert "label-blind" in shown.stdout
    assert "of 16 codes" in shown.stdout
