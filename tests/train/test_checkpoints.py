"""What is kept of a run while it is on; how it goes on from there is in test_run.py."""

from types import SimpleNamespace

import pytest
import torch

from napari_celle.config import TrainConfig
from napari_celle.errors import CelleError, OutputError
from napari_celle.train.checkpoints import BEST, CHECKPOINTS, LAST, Keeper, best_weights, read_checkpoint
from napari_celle.train.record import RunRecord, read_record

CONFIG = TrainConfig(steps=10, batch=4, every=3, accumulate=2)


class FakeTrainer(SimpleNamespace):
    """A trainer after some steps, whose only weight is the number of them."""

    def __init__(self, step, loss, *, first=True):
        super().__init__(global_step=step, callback_metrics={"val/loss": torch.tensor(loss)}, is_global_zero=first)
        self.global_rank = int(not first)

    def save_checkpoint(self, path, weights_only):
        torch.save({"global_step": self.global_step, "state_dict": {"step": torch.tensor(self.global_step)}}, path)


class FullDisk(FakeTrainer):
    def save_checkpoint(self, path, weights_only):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")


def keeper(out, **options):
    return Keeper(CONFIG, RunRecord(config=CONFIG.to_dict(), made_of={}, data={}), out=out, **options)


def last_step(out):
    return read_checkpoint(out / CHECKPOINTS / LAST)["global_step"]


def test_the_last_and_the_best_checkpoint_are_kept(tmp_path):
    kept = keeper(tmp_path, monitor="val/loss")
    for step, loss in ((3, 0.5), (6, 0.25), (9, 0.75)):
        kept.on_train_epoch_end(FakeTrainer(step, loss), None)
    assert last_step(tmp_path) == 9
    assert best_weights(tmp_path)["step"] == 6
    assert kept.record.best == {"step": 6, "metric": "val/loss", "value": 0.25}
    assert kept.record.metrics == {"val/loss": 0.75}
    assert read_record(tmp_path) == kept.record
    assert {path.name for path in (tmp_path / CHECKPOINTS).iterdir()} == {BEST, LAST}


def test_no_best_checkpoint_is_kept_where_nothing_says_what_is_good(tmp_path):
    kept = keeper(tmp_path)
    kept.on_train_epoch_end(FakeTrainer(3, 0.5), None)
    assert {path.name for path in (tmp_path / CHECKPOINTS).iterdir()} == {LAST}
    assert kept.record.best == {}


def test_the_checkpoint_that_a_run_goes_on_from_is_not_written_again(tmp_path):
    told = []
    kept = keeper(tmp_path, on_record=told.append)
    kept.on_train_epoch_end(FakeTrainer(0, 0.5), None)
    assert not (tmp_path / CHECKPOINTS).exists()
    kept.on_train_epoch_end(FakeTrainer(3, 0.5), None)
    assert [record.steps for record in told] == [3]


def test_a_full_disk_is_told_and_the_checkpoint_before_is_kept(tmp_path):
    kept = keeper(tmp_path)
    kept.on_train_epoch_end(FakeTrainer(3, 0.5), None)
    with pytest.raises(OutputError, match=r"No space left .* make room on the disk"):
        kept.on_train_epoch_end(FullDisk(6, 0.5), None)
    assert last_step(tmp_path) == read_record(tmp_path).steps == 3
    assert {path.name for path in (tmp_path / CHECKPOINTS).iterdir()} == {LAST}


def test_only_the_first_of_several_processes_writes_and_speaks(tmp_path):
    told = []
    other = keeper(tmp_path, on_step=lambda *step: told.append(step), on_record=told.append)
    trainer = FakeTrainer(3, 0.5, first=False)
    other.on_train_start(trainer, None)
    other.on_train_batch_end(trainer, None, None, None, 0)
    other.on_train_epoch_end(trainer, None)
    assert (told, read_record(tmp_path)) == ([], None)
    assert not (tmp_path / CHECKPOINTS / LAST).exists()


def test_the_chance_of_a_batch_follows_from_its_number_wherever_the_run_was_stopped(tmp_path):
    def drawn(hook, index):
        hook(trainer, None, None, index)
        return torch.rand(1).item()

    kept, trainer = keeper(tmp_path), FakeTrainer(3, 0.5)
    whole = [drawn(kept.on_train_batch_start, index) for index in range(8)]
    checks = drawn(kept.on_validation_batch_start, 0)
    assert len({*whole, checks}) == 9
    kept.on_train_epoch_end(trainer, None)
    assert [drawn(kept.on_train_batch_start, index) for index in range(2)] == whole[6:]  # two batches a step
    assert drawn(kept.on_validation_batch_start, 0) == checks
    trainer = FakeTrainer(3, 0.5, first=False)
    assert drawn(kept.on_train_batch_start, 0) != whole[6]  # each process has its own


def test_a_damaged_checkpoint_is_told(tmp_path):
    (tmp_path / CHECKPOINTS).mkdir()
    (tmp_path / CHECKPOINTS / BEST).write_bytes(b"half")
    with pytest.raises(CelleError, match=r"best\.ckpt cannot be read"):
        best_weights(tmp_path)
