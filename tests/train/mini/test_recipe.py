import numpy as np
import pytest
import torch

from napari_celle.data.proteins import LOCATIONS
from napari_celle.models.mini import MiniCelle
from napari_celle.models.registry import _TINY
from napari_celle.train.mini.parts import Lengths
from napari_celle.train.mini.recipe import MiniRecipe, train_mini

LENGTHS = Lengths(encoder_epochs=1, graft_epochs=1, threshold_steps=2, nucleus_steps=2, transformer_steps=2, batch=2)
RECIPE = MiniRecipe(config=_TINY, lengths=LENGTHS, pictures=4, samples=4, checks=2, seed=1)


@pytest.fixture
def table(tmp_path):
    """Twelve made-up proteins in folds 0 to 3, every second one nuclear."""
    rng = np.random.default_rng(0)
    lines = [",".join(["accession", "kingdom", "gene", "partition", *LOCATIONS, "sequence"])]
    for number in range(12):
        labels = ["1", "0"] if number % 2 else ["0", "1"]
        sequence = "".join(rng.choice(list("ACDEFGHIKLMNPQRSTVWY"), size=int(rng.integers(20, 150))))
        lines.append(",".join([f"T{number}", "Metazoa", "", str(number % 4), *labels, *["0"] * 8, sequence]))
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines))
    return path


def test_every_stage_runs_and_changes_its_part_of_the_model(table, tmp_path):
    digests = train_mini(RECIPE, table=table, held_out=[], out=tmp_path / "run")
    assert set(digests) >= {"encoder.safetensors", "nucleus.safetensors", "protein.safetensors", "config.json"}
    trained = torch.load(tmp_path / "run" / "model.pt", weights_only=True)
    torch.manual_seed(RECIPE.seed)
    before = MiniCelle(_TINY).state_dict()
    for part in ("encoder.", "nucleus.", "protein.", "transformer.", "to_protein."):
        names = [name for name in before if name.startswith(part) and before[name].ndim > 1]
        assert any(not torch.equal(before[name], trained[name]) for name in names), part


def test_stages_that_are_done_are_not_done_again(table, tmp_path):
    out = tmp_path / "run"
    train_mini(RECIPE, table=table, held_out=[], out=out)
    first = {path.name: path.stat().st_mtime_ns for path in out.glob("*.pt")}
    (out / "model.pt").unlink()
    train_mini(RECIPE, table=table, held_out=[], out=out)
    second = {path.name: path.stat().st_mtime_ns for path in out.glob("*.pt")}
    assert {name for name in first if first[name] != second[name]} == {"model.pt"}


def test_a_stage_that_was_stopped_while_it_was_written_is_not_taken_for_done(table, tmp_path, monkeypatch):
    def stopped(state, path):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", stopped)
        with pytest.raises(KeyboardInterrupt):
            train_mini(RECIPE, table=table, held_out=[], out=tmp_path / "run")
    assert not list((tmp_path / "run").glob("*.pt"))
    assert train_mini(RECIPE, table=table, held_out=[], out=tmp_path / "run")
