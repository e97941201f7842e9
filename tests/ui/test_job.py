"""A job ends in exactly one of three ways, and always says so."""

import subprocess
import sys
import threading

import pytest
import torch

from napari_celle.errors import CelleError, SequenceError
from napari_celle.ui.job import Job, explain


@pytest.fixture
def run(qtbot):
    """Run a call as a job; give what it told, in order, and the names of the threads of its slots."""

    def _run(call, *, meanwhile=lambda job: None):
        told = []
        job = Job(call)
        job.progressed.connect(lambda *step: told.append(("progressed", *step)))
        job.returned.connect(lambda value: told.append(("returned", value)))
        job.errored.connect(lambda error: told.append(("errored", error)))
        job.aborted.connect(lambda: told.append(("aborted",)))
        with qtbot.waitSignal(job.finished, timeout=5000):
            job.start()
            meanwhile(job)
        qtbot.wait(10)
        return told

    return _run


def test_a_call_reports_its_steps_and_then_its_answer(run):
    def call(on_step):
        on_step("Decoding", 1, 2)
        return threading.current_thread() is threading.main_thread()

    assert run(call) == [("progressed", "Decoding", 1, 2), ("returned", False)]


@pytest.mark.parametrize(
    "error", [RuntimeError("shapes"), torch.OutOfMemoryError("CUDA out of memory"), SequenceError("x"), KeyError("k")]
)
def test_an_error_of_any_kind_arrives_and_nothing_else(run, error):
    def call(on_step):
        raise error

    assert run(call) == [("errored", error)]


def test_a_cancelled_call_aborts_at_its_next_step_without_an_answer(run):
    started = threading.Event()

    def call(on_step):
        while True:
            on_step("Decoding", 0, 1)
            started.set()

    def cancel(job):
        assert started.wait(5)
        job.cancel()

    assert [kind for kind, *_ in run(call, meanwhile=cancel) if kind != "progressed"] == ["aborted"]


def test_an_answer_that_comes_after_cancel_is_dropped(run):
    go = threading.Event()

    def cancel(job):
        job.cancel()
        go.set()

    assert run(lambda on_step: go.wait(5), meanwhile=cancel) == [("aborted",)]


def test_our_own_errors_are_shown_word_for_word():
    assert (
        explain(SequenceError("'1' at position 3 is not an amino acid.")) == "'1' at position 3 is not an amino acid."
    )
    assert explain(CelleError("as it is")) == "as it is"


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
        RuntimeError("MPS backend out of memory (MPS allocated: 8.84 GB)"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        MemoryError(),
    ],
)
def test_out_of_memory_is_called_by_its_name_with_a_remedy(error):
    assert explain(error).startswith("Out of memory. Close other programs")


def test_an_unforeseen_error_keeps_its_kind_and_its_first_line():
    text = explain(RuntimeError("mat1 and mat2 shapes cannot be multiplied\nsecond line"))
    assert text == "The prediction stopped: RuntimeError: mat1 and mat2 shapes cannot be multiplied"


CODE = """
import threading, time
import napari
from napari_celle.ui.job import Job
viewer = napari.Viewer()
started = threading.Event()
def call(on_step):
    while True:
        started.set()
        on_step("working", 1, 2)
        time.sleep(0.01)
Job(call).start()
started.wait()
viewer.close()
print("end")
"""


def test_the_program_can_end_while_a_job_runs():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (0, "end\n"), done.stderr
    assert "Traceback" not in done.stderr
