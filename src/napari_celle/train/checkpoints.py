"""The checkpoints of a training run: kept while it is on, with its record, and read when it goes on."""

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning
import torch

from napari_celle.config import TrainConfig
from napari_celle.errors import CelleError, OutputError
from napari_celle.train.order import chance
from napari_celle.train.record import RunRecord, write_record
from napari_celle.types import OnStep

CHECKPOINTS, LAST, BEST = "checkpoints", "last.ckpt", "best.ckpt"
_VALIDATION = 2**32  # numbers of validation batches start here, for their chance


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Return what :class:`Keeper` wrote, on the CPU.

    Raises
    ------
    CelleError
        If it cannot be read.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # noqa: BLE001 - torch raises whatever a damaged pickle makes it raise
        raise CelleError(f"The checkpoint {path} cannot be read: {error}. Train into another folder.") from None


def best_weights(out: Path) -> dict[str, torch.Tensor]:
    """Return the state of the module at the best validation of the run in ``out``, which must have had a monitor."""
    return read_checkpoint(out / CHECKPOINTS / BEST)["state_dict"]


class Keeper(lightning.Callback):
    """Seeds each step, tells of progress, keeps checkpoints and the record.

    Parameters
    ----------
    config : TrainConfig
        Of the run.
    record : RunRecord
        What is known when the run starts or goes on; afterwards what ``run.json`` says.
    out : Path
        Folder of the run.
    monitor : str
        Logged metric of the validation, lower is better, whose best checkpoint is kept, too; "" for none.
    on_step, on_record : callable or None
        As in ``RunOptions``.
    """

    def __init__(
        self,
        config: TrainConfig,
        record: RunRecord,
        *,
        out: Path,
        monitor: str = "",
        on_step: OnStep | None = None,
        on_record: Callable[[RunRecord], None] | None = None,
    ) -> None:
        self.config, self.record, self.out, self.monitor = config, record, out, monitor
        self.on_step, self.on_record = on_step, on_record
        self.began = time.monotonic()

    def on_train_start(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        """Write ``run.json``: from now on the folder is this run's."""
        if trainer.is_global_zero:
            self.out.mkdir(parents=True, exist_ok=True)
            write_record(self.out, self.record)

    def on_train_batch_start(
        self, trainer: lightning.Trainer, module: lightning.LightningModule, batch: object, index: int
    ) -> None:
        """Seed torch by the number of the batch."""
        number = self.record.steps * self.config.accumulate + index  # an epoch starts at a checkpoint
        torch.manual_seed(chance(self.config.seed, number, trainer.global_rank))

    def on_train_batch_end(
        self,
        trainer: lightning.Trainer,
        module: lightning.LightningModule,
        outputs: object,
        batch: object,
        index: int,
    ) -> None:
        """Tell of the step."""
        if self.on_step is not None and trainer.is_global_zero:
            self.on_step("training", trainer.global_step, self.config.steps)

    def on_validation_batch_start(
        self, trainer: lightning.Trainer, module: lightning.LightningModule, batch: object, index: int
    ) -> None:
        """Seed torch by the number of the batch."""
        torch.manual_seed(chance(self.config.seed, _VALIDATION + index, trainer.global_rank))

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        """Write the checkpoint and the record, after the validation."""
        if trainer.global_step == self.record.steps:
            return  # a run that goes on first ends the epoch whose checkpoint it has read
        improved = self._note(trainer)
        try:
            self._save(trainer, improved=improved)
        except (OSError, RuntimeError) as error:
            last = self.out / CHECKPOINTS / LAST
            with suppress(OSError):
                _unfinished(last).unlink(missing_ok=True)
            raise OutputError(
                f"The checkpoint {last} cannot be written: {error}. The one before is kept: make room on the disk, "
                "then give the same command again, and the run goes on from there."
            ) from error
        if self.on_record is not None and trainer.is_global_zero:
            self.on_record(self.record)

    def _note(self, trainer: lightning.Trainer) -> bool:
        """Note in the record what was reached; tell whether it is the best so far."""
        now, before = time.monotonic(), self.record
        seconds, self.began = before.seconds + now - self.began, now
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        self.record = replace(before, steps=trainer.global_step, seconds=seconds, metrics=metrics)
        if not self.monitor:
            return False
        value = metrics[self.monitor]
        if before.best and value >= before.best["value"]:
            return False
        best = {"step": trainer.global_step, "metric": self.monitor, "value": value}
        self.record = replace(self.record, best=best)
        return True

    def _save(self, trainer: lightning.Trainer, *, improved: bool) -> None:
        """Write the checkpoint; a run that is killed meanwhile finds the one before."""
        last, best = (self.out / CHECKPOINTS / name for name in (LAST, BEST))
        last.parent.mkdir(parents=True, exist_ok=True)
        trainer.save_checkpoint(_unfinished(last), weights_only=False)
        if not trainer.is_global_zero:
            return
        if improved:
            shutil.copyfile(_unfinished(last), _unfinished(best))
            _unfinished(best).replace(best)
        write_record(self.out, self.record)  # first, since the steps done are those of the checkpoint
        _unfinished(last).replace(last)


def _unfinished(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")
