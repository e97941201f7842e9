"""Work on large files is told in steps that a bar can count, and in bytes and speed."""

import pytest

from napari_celle.errors import Cancelled
from napari_celle.ui.models import tasks
from napari_celle.ui.models.tasks import Teller


@pytest.fixture
def clock(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(tasks, "monotonic", lambda: clock[0])
    return clock


def test_bytes_of_a_large_file_are_steps_that_a_bar_can_count(clock):
    steps, words = [], []
    teller = Teller(lambda *step: steps.append(step), words.append)
    teller("downloading a", 1_000_000_000, 14_000_000_000)
    clock[0] += 10
    teller("downloading a", 7_000_000_000, 14_000_000_000)
    assert steps == [("downloading a", 71, 1000), ("downloading a", 500, 1000)]
    assert words == ["1.0 GB of 14.0 GB", "7.0 GB of 14.0 GB, 600.0 MB/s"]


def test_a_server_that_keeps_the_size_to_itself_only_gives_the_bytes(clock):
    steps, words = [], []
    Teller(lambda *step: steps.append(step), words.append)("downloading a", 5_000_000_000, 0)
    assert steps == [("downloading a", 0, 0)], "a signal of Qt counts to two billion"
    assert words == ["5.0 GB"]


def test_words_change_a_few_times_a_second_but_each_step_can_cancel(clock):
    words, steps = [], []
    teller = Teller(lambda *step: steps.append(step), words.append)
    for done in range(1, 100):
        clock[0] += 0.01
        teller("downloading a", done * 1000, 1_000_000)
    assert len(steps) == 99
    assert 3 <= len(words) <= 6

    def cancel(*step):
        raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        Teller(cancel, words.append)("downloading a", 1, 2)


def test_other_stages_clear_the_words_of_the_download(clock):
    words = []
    teller = Teller(lambda *step: None, words.append)
    teller("downloading a", 1, 2)
    teller("converting", 0, 3)
    assert words[-1] == ""
