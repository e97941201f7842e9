"""``napari-celle evaluate table``: what it writes."""

import json


def test_a_fold_is_written_as_a_table_that_nuclear_reads(evaluate, folder):
    out = folder / "new" / "fold.csv"
    result = evaluate("table", "--proteins", folder / "proteins.csv", "--fold", 1, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "2 proteins, 50.0% nuclear" in result.stdout
    result = evaluate(
        "nuclear", "--table", out, "--nuclei", folder, "--model", "tiny", "--by", "one_location", "--json"
    )
    assert json.loads(result.stdout)["groups"]["one_location = 1"]["n"] == 2
