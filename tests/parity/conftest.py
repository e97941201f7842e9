"""The parity suite: every array that the authors' code gave, against ours."""

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))  # the modules beside this file; tests are no package

LARGEST: dict[str, tuple[float, float]] = {}
"""Array to the largest difference and what is allowed."""


@pytest.fixture(scope="session", autouse=True)
def _weights(tmp_path_factory):
    """Install the models in a folder of this run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path_factory.mktemp("weights")))
        yield


@pytest.fixture(autouse=True)
def _one_thread():
    """Compute with one thread: more do not help networks as small as these, and wait for each other when it is busy."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def largest() -> dict[str, tuple[float, float]]:
    """Where tests put the largest difference of each array, for the table at the end."""
    return LARGEST


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    if not LARGEST:
        return
    terminalreporter.section("largest differences to the authors' code")
    for name, (difference, allowed) in LARGEST.items():
        terminalreporter.write_line(f"{difference:9.2g}  of {allowed:7.1g}  {name}")
