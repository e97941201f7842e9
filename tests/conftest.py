"""Fixtures for all tests."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("steady", deadline=None)  # a busy machine is no failure
settings.load_profile("steady")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data: real images and protein tables that are not part of the repository."""
    return _folder("NAPARI_CELLE_SHARED", ROOT.parent / "shared", "shared data")


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder of small models of the published kinds, with what the authors' code makes of them."""
    return _folder("NAPARI_CELLE_FIXTURES", ROOT.parent / "shared/upstream/fixtures", "reference outputs")


@pytest.fixture(scope="session")
def layouts(fixtures: Path) -> Path:
    """The folder beside the fixtures with the names and shapes of all tensors of the published models."""
    return _folder("NAPARI_CELLE_LAYOUTS", fixtures.parent / "layouts", "layouts of the published checkpoints")


def _folder(variable: str, default: Path, content: str) -> Path:
    """Return a folder from outside the repository, or skip; where CI=true says that it has to be there, fail."""
    folder = Path(os.environ.get(variable) or default)
    if folder.is_dir():
        return folder
    reason = f"{content} not found at {folder}; set {variable} to the folder that holds them"
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(reason)
    pytest.skip(reason)
