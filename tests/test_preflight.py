"""A run is announced in one line, and a run that cannot work says why instead."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle import preflight
from napari_celle.models.footprint import Footprint
from napari_celle.preflight import check_run, spoken_device
from napari_celle.run_times import RunTimes
from napari_celle.types import SamplingOptions

PROTEIN = "MSKGEELFTGVVPILVELDG" * 10


def times(seconds=1.4, residues=200, steps=1):
    ran = RunTimes()
    ran.remember(
        SimpleNamespace(
            model="celle-mini",
            device="cpu",
            sampling=SamplingOptions(steps=steps),
            residues=(0, residues),
            timings={"all": seconds},
        )
    )
    return ran


def check(sequence=PROTEIN, **changes):
    return check_run(sequence, **{"model": "celle-mini", "device": "cpu", "times": times(), **changes})


def test_a_run_is_announced_in_one_line():
    found = check(windows=3, nuclei=3)
    assert found.text == "3 nuclei, CPU, about 4 s, 0.1 GB"
    assert (found.windows, found.nuclei, found.device, found.problem) == (3, 3, "cpu", "")
    assert found.seconds == pytest.approx(4.2)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "1 window, CPU, about 1 s"),
        ({"nuclei": 1}, "1 nucleus, CPU"),
        ({"windows": 1, "nuclei": 7}, "7 nuclei in 1 window, CPU"),
        ({"windows": 1200, "nuclei": 1200}, "1,200 nuclei, CPU, about 28 min"),
        ({"times": times(seconds=0.01)}, "about 1 s"),
        ({"sequence": PROTEIN * 4}, "at least 1 s"),
        ({"steps": 8}, "at least 1 s"),
        ({"times": None}, "first run: time unknown"),
        ({"times": RunTimes()}, "first run: time unknown"),
    ],
)
def test_the_line_says_how_many_how_long_and_how_sure(changes, text):
    assert text in check(**changes).text


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"sequence": ""}, "sequence is empty"),
        ({"sequence": "MK1K"}, "'1'"),
        ({"model": "none-such"}, "no model 'none-such'"),
        ({"windows": 0, "nuclei": 0}, "no nucleus"),
        ({"device": "cuda:99"}, "cuda:99"),
        ({"steps": 0}, "decoding steps"),
    ],
)
def test_a_run_that_cannot_work_says_why(changes, problem):
    found = check(**changes)
    assert problem in found.problem
    assert found.text == found.problem
    assert (found.seconds, found.memory) == (None, 0)


def test_too_little_memory_is_a_problem_and_loaded_weights_need_none(monkeypatch):
    monkeypatch.setattr(preflight, "footprint", lambda name: Footprint(weights=10**15, working=10**6))
    assert "needs about 1000000.0 GB" in check().problem
    assert check(is_loaded=True).memory == 10**6


@pytest.mark.parametrize(
    ("name", "spoken"), [("cpu", "CPU"), ("cuda:2", "graphics card 2"), ("mps", "Apple graphics processor")]
)
def test_devices_are_spoken(name, spoken):
    assert spoken_device(name) == spoken


SIZES = st.tuples(st.integers(1, 50), st.integers(1, 40), st.integers(1, 12))


@given(SIZES, SIZES)
def test_what_is_bigger_is_never_faster(first, second):
    (few, many), (short, long), (less, more) = (sorted(pair) for pair in zip(first, second, strict=True))
    ran = times(seconds=2.0, residues=500, steps=4)
    small = check(PROTEIN[:20] * short, windows=few, steps=less, times=ran)
    large = check(PROTEIN[:20] * long, windows=many, steps=more, times=ran)
    assert 0 <= small.seconds <= large.seconds
    assert 0 < small.memory <= large.memory
