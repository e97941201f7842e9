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
def _two_threads():
    """Compute with two threads, as the authors' code did.

    Its group normalisation adds up in an order that depends on the number of threads: pictures of one of the decoders
    move by 2e-4, twice the tolerance, and are as far from what exact arithmetic gives.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
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
