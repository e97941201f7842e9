"""Opening checkpoints: what trainers write beside weights is passed over, and nothing is ever run."""

import os
import pickle
import sys
import zipfile
from argparse import Namespace
from collections import OrderedDict, defaultdict
from pathlib import PurePosixPath
from types import ModuleType

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from napari_celle.errors import WeightsError
from napari_celle.models.checkpoints.pickles import read_tensors

WEIGHTS = OrderedDict(a=torch.arange(3.0), b=torch.ones(2, 2))


class Bad:
    """Makes a file when it is unpickled by somebody careless."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.ckpt"


def _same(found):
    assert found.keys() == WEIGHTS.keys()
    for name, tensor in WEIGHTS.items():
        torch.testing.assert_close(found[name], tensor, rtol=0, atol=0)


def test_weights_of_a_trainers_checkpoint_are_found_among_its_notes(path):
    notes = {
        "epoch": 3,
        "pytorch-lightning_version": "1.9.0",
        "state_dict": WEIGHTS,
        "callbacks": {"ModelCheckpoint{'monitor': 'val'}": {"best_model_score": torch.tensor(1.0), "dirpath": "/x"}},
        "optimizer_states": [{"state": {0: {"step": torch.tensor(1.0)}}, "param_groups": [{"lr": np.float64(1e-3)}]}],
        "loops": defaultdict(list, {"fit": [np.int64(3)]}),
        "hyper_parameters": Namespace(lr=np.float32(0.1)),
        "size": torch.Size([1, 2]),
    }
    torch.save(notes, path)
    _same(read_tensors(path))


def _class_of_an_absent_package(module, name, monkeypatch):
    """Make a class that pickles as ``module.name``."""
    kind = type(name, (), {"__module__": module})
    parents = module.split(".")
    for depth in range(1, len(parents) + 1):
        monkeypatch.setitem(sys.modules, ".".join(parents[:depth]), ModuleType(parents[depth - 1]))
    setattr(sys.modules[module], name, kind)
    return kind


def test_notes_of_packages_that_are_not_installed_are_passed_over(path, monkeypatch):
    config = _class_of_an_absent_package("omegaconf.dictconfig", "DictConfig", monkeypatch)()
    config.content = {"a": 1}
    module = "pytorch_lightning.callbacks.model_checkpoint"
    callback = _class_of_an_absent_package(module, "ModelCheckpoint", monkeypatch)
    torch.save({"state_dict": WEIGHTS, "callbacks": {callback: {"best": 1}}, "config": config}, path)
    monkeypatch.undo()
    _same(read_tensors(path))


def test_files_of_all_kinds_are_read(tmp_path):
    torch.save(dict(WEIGHTS), tmp_path / "new.pt")
    torch.save(dict(WEIGHTS), tmp_path / "old.bin", _use_new_zipfile_serialization=False)
    save_file(dict(WEIGHTS), tmp_path / "safe.safetensors")
    for name in ("new.pt", "old.bin", "safe.safetensors"):
        _same(read_tensors(tmp_path / name))


@pytest.mark.parametrize("modern", [True, False])
def test_a_malicious_pickle_is_refused_by_name_and_does_not_run(path, tmp_path, modern):
    target = tmp_path / "it_ran"
    torch.save({"state_dict": WEIGHTS, "x": Bad(target)}, path, _use_new_zipfile_serialization=modern)
    with pytest.raises(WeightsError, match=r"was not opened.*posix|was not opened.*nt\.mkdir") as caught:
        read_tensors(path)
    assert "Nothing of it was run" in str(caught.value)
    assert not target.exists()
    pickle.loads(pickle.dumps(Bad(target)))
    assert target.exists(), "the pickle would have run where it is not refused"


def test_a_class_that_is_no_bookkeeping_is_refused_by_name(path):
    torch.save({"state_dict": WEIGHTS, "x": PurePosixPath("a")}, path)
    with pytest.raises(WeightsError, match=r"pathlib\S*\.PurePosixPath"):
        read_tensors(path)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "is empty|it is empty"),
        (b"just a note\n", "a text file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "git lfs pull"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (bytes(range(1, 200)), "unknown kind"),
        (b"\x80\x02cut off", "was not opened|cannot be read"),
    ],
)
def test_what_is_no_checkpoint_is_told_for_what_it_is(path, content, word):
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=word):
        read_tensors(path)


def test_a_truncated_checkpoint_is_named(path):
    torch.save({"state_dict": WEIGHTS}, path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(WeightsError, match=r"model\.ckpt is cut off"):
        read_tensors(path)


def test_truncated_safetensors_are_named(tmp_path):
    save_file(dict(WEIGHTS), tmp_path / "a.safetensors")
    (tmp_path / "a.safetensors").write_bytes((tmp_path / "a.safetensors").read_bytes()[:-3])
    with pytest.raises(WeightsError, match=r"a\.safetensors cannot be read"):
        read_tensors(tmp_path / "a.safetensors")


def test_a_zip_that_is_no_checkpoint_and_a_missing_file_are_named(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "hello")
    with pytest.raises(WeightsError, match="no checkpoint of torch"):
        read_tensors(path)
    with pytest.raises(WeightsError, match=r"none\.ckpt cannot be opened: No such file"):
        read_tensors(path.with_name("none.ckpt"))


@pytest.mark.parametrize("content", [{"state_dict": {}}, {"state_dict": 3}, [1, 2], torch.ones(2)])
def test_a_checkpoint_without_weights_is_named(path, content):
    torch.save(content, path)
    with pytest.raises(WeightsError, match="holds no weights"):
        read_tensors(path)
