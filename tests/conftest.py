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
    folder = Path(os.environ.get("NAPARI_CELLE_SHARED") or ROOT.parent / "shared")
    if folder.is_dir():
        return folder
    reason = f"shared data not found at {folder}; set NAPARI_CELLE_SHARED to the folder that holds them"
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(reason)
    pytest.skip(reason)
