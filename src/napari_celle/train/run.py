"""One training run: on whatever computes, to a folder, and on from its last checkpoint when it was stopped."""

import logging
import signal
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.fabric.utilities.rank_zero import rank_zero_only
from lightning.pytorch.loggers import TensorBoardLogger
from torch.utils.data import DataLoader

from napari_celle.config import Hardware, TrainConfig
from napari_celle.errors import CelleError, DeviceError
from napari_celle.train.checkpoints import CHECKPOINTS, LAST, Keeper, read_checkpoint
from napari_celle.train.order import Batches, Numbers
from napari_celle.train.record import RunRecord, check_same, read_record, start
from napari_celle.types import OnStep


@dataclass(frozen=True, slots=True, eq=False)
class RunOptions:
    """How a run is done and told of; nothing here changes the weights.

    Attributes
    ----------
    hardware : Hardware
        Where it computes.
    made_of : Mapping
        What ``run.json`` shall say of model and data, plain values. A folder whose run was made of something else is
        an error.
    monitor : str
        Logged metric of the validation, lower is better, whose best checkpoint is kept as ``best.ckpt``; "" for none.
    on_step : callable or None
        Told of the steps; what it raises stops the run, which goes on from its last checkpoint later.
    on_record : callable or None
        Told what ``run.json`` says after each checkpoint.
    """

    hardware: Hardware = field(default_factory=Hardware)
    made_of: Mapping[str, Any] = field(default_factory=dict)
    monitor: str = ""
    on_step: OnStep | None = None
    on_record: Callable[[RunRecord], None] | None = None


def run(
    module: lightning.LightningModule,
    samples: Batches,
    checks: Batches,
    config: TrainConfig,
    *,
    out: Path,
    options: RunOptions | None = None,
) -> RunRecord:
    """Train a module, or go on with it; afterwards it has the weights of the last step, on the CPU.

    A run that was stopped anywhere and started again gives the weights of one that was not: which samples and which
    chance belong to a step follow from seed and number of the step, and all else is in the checkpoint. So a module
    must draw chance from torch's default generators only, have one optimiser, whose schedule counts steps, and keep
    what it must remember in parameters and buffers.

    Parameters
    ----------
    module : LightningModule
        What to train; the caller seeds torch before building it.
    samples, checks : Batches
        Training and validation batches of ``config.batch`` samples.
    config : TrainConfig
        What decides the weights.
    out : Path
        Folder of the run: ``run.json``, ``checkpoints/``, ``tensorboard/``.
    options : RunOptions or None
        How it is done.

    Returns
    -------
    RunRecord
        What ``run.json`` says.

    Raises
    ------
    CelleError
        If the folder holds another run, or a checkpoint cannot be read.
    OutputError
        If a checkpoint cannot be written.
    DeviceError
        If this computer lacks the device, or the device the precision.
    KeyboardInterrupt
        At Ctrl-C; the run goes on from its last checkpoint later.
    """
    options = options or RunOptions()
    data = {"samples": samples.fingerprint(), "checks": checks.fingerprint()}
    record = RunRecord(config=config.to_dict(), made_of=dict(options.made_of), data=data)
    record, checkpoint = _started(record, out, options)
    if record.steps >= config.steps:
        module.load_state_dict(checkpoint["state_dict"])
        return record
    keeper = Keeper(
        config,
        record,
        out=out,
        monitor=options.monitor,
        on_step=options.on_step,
        on_record=options.on_record,
    )
    trainer = _trainer(config, options.hardware, out, keeper)
    batches = _Data(samples, checks, config, workers=options.hardware.workers)
    _fit(trainer, module, batches, last=out / CHECKPOINTS / LAST if checkpoint else None)
    return keeper.record


def is_first_process() -> bool:
    """Tell whether this is the only process of a run, or the one of several that writes files and speaks."""
    return rank_zero_only.rank == 0


def _started(record: RunRecord, out: Path, options: RunOptions) -> tuple[RunRecord, dict[str, Any]]:
    """Return the record of a run that starts or goes on now, and its last checkpoint ({} at the start)."""
    found = read_record(out)
    if found is not None:
        check_same(found, record, folder=out)
        record = found
    path = out / CHECKPOINTS / LAST
    if found is None and path.exists():
        raise CelleError(f"{path} is there without run.json beside it. Train into another folder.")
    checkpoint = read_checkpoint(path) if path.exists() else {}
    steps = int(checkpoint.get("global_step", 0))
    record = replace(record, steps=steps)
    if steps < record.config["steps"]:
        part = start(steps, hardware=options.hardware.to_dict())
        record = replace(record, parts=(*record.parts, part))
    return record, checkpoint


def _trainer(config: TrainConfig, hardware: Hardware, out: Path, keeper: Keeper) -> lightning.Trainer:
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # no advertisements on standard error
    devices: int | str = hardware.devices or ("auto" if hardware.accelerator != "cpu" else 1)
    alone = hardware.nodes == 1 and (devices == 1 or (devices == "auto" and torch.cuda.device_count() < 2))
    try:
        trainer = lightning.Trainer(
            accelerator=hardware.accelerator,
            devices=1 if alone else devices,
            num_nodes=hardware.nodes,
            strategy="auto" if alone else "ddp_find_unused_parameters_true",  # parts that rest have no gradient
            precision=config.precision,
            max_steps=config.steps,
            max_epochs=-1,
            accumulate_grad_batches=config.accumulate,
            gradient_clip_val=config.clip,
            reload_dataloaders_every_n_epochs=1,  # an epoch is what lies between two checkpoints
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
            log_every_n_steps=min(10, config.every),
            logger=TensorBoardLogger(out, name="tensorboard", version=""),
            callbacks=[keeper],
            enable_checkpointing=False,
            enable_model_summary=False,
            enable_progress_bar=False,
        )
    except MisconfigurationException as error:
        raise DeviceError(
            f"This computer cannot train on {hardware.accelerator!r}: {error} Choose another accelerator, or fewer "
            "devices."
        ) from None
    if trainer.precision != config.precision:
        raise DeviceError(
            f"This device cannot compute in {config.precision}. Choose bf16-mixed or 32-true as precision."
        )
    return trainer


def _fit(trainer: lightning.Trainer, module: lightning.LightningModule, batches: "_Data", *, last: Path | None) -> None:
    """Train, from the last checkpoint where there is one; Ctrl-C is a KeyboardInterrupt."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The number of training batches .* is smaller than the logging interval")
        warnings.filterwarnings("ignore", "You're resuming from a checkpoint that ended before the epoch ended")
        warnings.filterwarnings("ignore", ".*LeafSpec.*", FutureWarning)  # lightning 2.6 under torch 2.15
        try:
            trainer.fit(module, datamodule=batches, ckpt_path=last, weights_only=True)
        except SystemExit:  # what lightning makes of Ctrl-C, after which it lets nothing else interrupt
            signal.signal(signal.SIGINT, signal.default_int_handler)
            raise KeyboardInterrupt from None


class _Data(lightning.LightningDataModule):
    """The batches of the steps up to the next checkpoint, and those of a validation."""

    def __init__(self, samples: Batches, checks: Batches, config: TrainConfig, *, workers: int) -> None:
        super().__init__()
        self.samples, self.checks, self.config, self.workers = samples, checks, config, workers

    def train_dataloader(self) -> DataLoader[Any]:
        config, done = self.config, self.trainer.global_step
        steps = min(config.every, config.steps - done)
        return self._loader(self.samples, done * config.accumulate, steps * config.accumulate)

    def val_dataloader(self) -> DataLoader[Any]:
        return self._loader(self.checks, 0, max(1, self.config.checks // self.trainer.world_size))

    def _loader(self, batches: Batches, start: int, count: int) -> DataLoader[Any]:
        numbers = Numbers(start, count, rank=self.trainer.global_rank, world=self.trainer.world_size)
        return DataLoader(
            batches,  # type: ignore[arg-type]  # it is asked for numbers only
            batch_size=None,
            sampler=numbers,
            num_workers=self.workers,
            pin_memory=torch.cuda.is_available(),
        )
