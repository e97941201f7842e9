"""What was measured is remembered, and what is bigger is never expected to be faster."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.run_times import RunTime, RunTimes, run_times_path
from napari_celle.types import SamplingOptions

RUNS = st.lists(st.tuples(st.integers(1, 20), st.integers(0, 2000), st.floats(0, 1e4)), min_size=1, max_size=8)
SIZE = st.tuples(st.integers(1, 20), st.integers(0, 2000))


def run(steps=1, residues=200, seconds=2.0, *, model="m", device="cpu"):
    return SimpleNamespace(
        model=model,
        device=device,
        sampling=SamplingOptions(steps=steps),
        residues=(50, 50 + residues),
        timings={"reading": seconds / 2, "drawing": seconds / 2},
    )


def expect(times, steps=1, residues=200, *, model="m", device="cpu"):
    return times.expect(model, device=device, steps=steps, residues=residues)


def test_a_run_of_the_same_size_is_expected_to_take_as_long():
    times = RunTimes()
    times.remember(run(seconds=9.0))
    times.remember(run(seconds=2.0))
    assert expect(times) == expect(times, residues=150) == RunTime(2.0, is_known=True)


@pytest.mark.parametrize("other", [{"model": "n"}, {"device": "cuda:0"}])
def test_another_model_or_device_is_unknown(other):
    times = RunTimes()
    times.remember(run())
    assert expect(times, **other) is None


def test_what_is_larger_than_all_runs_takes_at_least_as_long():
    times = RunTimes()
    times.remember(run(seconds=2.0))
    assert expect(times, residues=900) == expect(times, steps=4) == RunTime(2.0, is_known=False)


def test_what_is_smaller_is_scaled_down():
    times = RunTimes()
    times.remember(run(steps=4, residues=1000, seconds=8.0))
    assert expect(times, steps=2, residues=500) == RunTime(2.0, is_known=True)


@given(RUNS, SIZE, SIZE)
def test_what_is_bigger_is_never_faster(runs, first, second):
    times = RunTimes()
    for steps, residues, seconds in runs:
        times.remember(run(steps, residues, seconds))
    steps, residues = (sorted(pair) for pair in zip(first, second, strict=True))
    less, more = expect(times, steps[0], residues[0]), expect(times, steps[1], residues[1])
    assert 0 <= less.seconds <= more.seconds


def test_run_times_outlive_the_process(tmp_path):
    path = tmp_path / "cache" / "run_times.json"
    RunTimes(path).remember(run(model="a|b"))
    assert expect(RunTimes(path), model="a|b") == RunTime(2.0, is_known=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"m|cpu|1": 2}',
        '{"m|cpu|1|0": 2}',
        '{"m|cpu|x|1": 2}',
        '{"m|cpu|1|1": "2"}',
        '{"m|cpu|1|1": -1}',
    ],
)
def test_a_damaged_file_counts_as_empty(tmp_path, text):
    path = tmp_path / "run_times.json"
    path.write_text(text)
    times = RunTimes(path)
    assert expect(times) is None
    times.remember(run())
    assert expect(RunTimes(path)).seconds == 2.0


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path):
    (tmp_path / "file").touch()
    times = RunTimes(tmp_path / "file" / "run_times.json")
    times.remember(run())
    assert expect(times).seconds == 2.0


def test_run_times_are_kept_in_the_cache():
    assert run_times_path().name == "run_times.json"
