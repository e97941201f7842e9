"""What must be there before a training begins."""

import pytest

from napari_celle.cli import training
from napari_celle.errors import CelleError, OutputError


def test_packages_that_are_missing_are_named(monkeypatch):
    monkeypatch.setattr(training, "find_spec", lambda name: None)
    with pytest.raises(
        CelleError, match=r"needs lightning and tensorboard. Install it: pip install 'napari-celle\[train\]'"
    ):
        training.check_installed()
    monkeypatch.setattr(training, "find_spec", lambda name: name)
    training.check_installed()


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path):
    training.check_writable(tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot be written to.* Choose another with --out"):
        training.check_writable(tmp_path / "file")
