import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import lightning
import pytest
import torch
from torch import nn

from napari_celle.config import Hardware, TrainConfig
from napari_celle.errors import Cancelled, CelleError
from napari_celle.train.checkpoints import BEST, CHECKPOINTS, LAST
from napari_celle.train.order import generator
from napari_celle.train.run import RunOptions, run

CONFIG = TrainConfig(steps=10, batch=4, every=3, checks=2, accumulate=2, precision="32-true")
HERE = Hardware(accelerator="cpu", devices=1)


class Line(lightning.LightningModule):
    """A line through noisy points, with dropout, momentum and a schedule: all that a resumed run could get wrong."""

    def __init__(self):
        super().__init__()
        self.line = nn.Linear(3, 1)
        self.seen = []

    def training_step(self, batch, index):
        self.seen.append(batch[1])
        loss = (nn.functional.dropout(self.line(batch[0]), 0.5) - 1).square().mean()
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch, index):
        self.log("val/loss", (self.line(batch[0]) - 1).square().mean(), batch_size=4)

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(self.parameters(), lr=0.1)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=10)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


class Points:
    def __init__(self, seed=0):
        self.seed = seed

    def __getitem__(self, number):
        return torch.from_numpy(generator(self.seed, number).standard_normal((4, 3))).float(), number

    def fingerprint(self):
        return f"points {self.seed}"


def trained(out, config=CONFIG, *, samples=None, **options):
    torch.manual_seed(config.seed)
    module = Line()
    settings = RunOptions(**{"hardware": HERE, "monitor": "val/loss"} | options)
    return module, run(module, samples or Points(), Points(1), config, out=out, options=settings)


def stop_at(step, how):
    def on_step(stage, done, total):
        if done == step:
            how()

    return on_step


def cancel():
    raise Cancelled("stop")


def same(one, other):
    return all(torch.equal(value, other[name]) for name, value in one.items())


def test_a_run_that_was_killed_goes_on_and_gives_the_weights_of_one_that_was_not(tmp_path):
    killed = tmp_path / "killed"
    process = subprocess.run([sys.executable, __file__, str(killed)], check=False)
    assert process.returncode == -signal.SIGKILL
    module, record = trained(killed)
    whole, unbroken = trained(tmp_path / "whole")
    assert [part["from_step"] for part in record.parts] == [0, 6]
    assert module.seen == list(range(12, 20))
    assert same(module.state_dict(), whole.state_dict())
    last, other = (torch.load(out / CHECKPOINTS / LAST, weights_only=True) for out in (killed, tmp_path / "whole"))
    assert same(last["optimizer_states"][0]["state"][0], other["optimizer_states"][0]["state"][0])
    assert (record.best, record.metrics) == (unbroken.best, unbroken.metrics)


@pytest.mark.parametrize("step", [1, 3, 9])
def test_a_run_stopped_at_any_step_goes_on(tmp_path, step):
    with pytest.raises(Cancelled):
        trained(tmp_path / "run", on_step=stop_at(step, cancel))
    module, record = trained(tmp_path / "run")
    whole, _ = trained(tmp_path / "whole")
    assert same(module.state_dict(), whole.state_dict())
    assert record.steps == 10


def test_each_batch_is_taken_once_and_a_finished_run_is_not_done_again(tmp_path):
    module, record = trained(tmp_path)
    assert module.seen == list(range(20))  # two batches a step
    again, other = trained(tmp_path)
    assert again.seen == []
    assert same(again.state_dict(), module.state_dict())
    assert other == record


def test_the_record_says_what_the_weights_were_made_of(tmp_path):
    trained(tmp_path, made_of={"size": (1, 2)})
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["config"] == CONFIG.to_dict()
    assert record["made_of"] == {"size": [1, 2]}
    assert record["data"] == {"samples": "points 0", "checks": "points 1"}
    assert len(record["parts"][0]["code_sha256"]) == 64
    assert record["parts"][0]["versions"]["torch"]
    assert set(record["metrics"]) == {"train/loss", "val/loss"}
    assert record["seconds"] > 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"config": replace(CONFIG, batch=5)}, "config.batch"),
        ({"samples": Points(2)}, "data.samples"),
        ({"made_of": {"size": 3}}, "made_of.size"),
    ],
)
def test_a_folder_with_another_run_is_left_alone(tmp_path, change, named):
    trained(tmp_path, made_of={"size": (1, 2)})
    with pytest.raises(CelleError, match=named):
        trained(tmp_path, **change)


def test_a_full_disk_is_told_and_the_checkpoint_before_is_kept(tmp_path, monkeypatch):
    save = lightning.Trainer.save_checkpoint

    def full(trainer, path, weights_only=False):
        if trainer.global_step == 6:
            path.write_bytes(b"half")
            raise OSError(28, "No space left on device")
        save(trainer, path, weights_only)

    with monkeypatch.context() as patch:
        patch.setattr(lightning.Trainer, "save_checkpoint", full)
        with pytest.raises(CelleError, match="No space left"):
            trained(tmp_path / "run")
    assert set(os.listdir(tmp_path / "run" / CHECKPOINTS)) == {BEST, LAST}
    module, record = trained(tmp_path / "run")
    assert record.parts[1]["from_step"] == 3
    assert same(module.state_dict(), trained(tmp_path / "whole")[0].state_dict())


if __name__ == "__main__":
    trained(Path(sys.argv[1]), on_step=stop_at(7, lambda: os.kill(os.getpid(), signal.SIGKILL)))
