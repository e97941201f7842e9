from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.errors import CelleError
from napari_celle.sampling.schedules import SCHEDULES, cosine, published


def left(schedule, *masks, steps):
    """Masks of each item after each step."""
    states = [list(masks)]
    for step in range(1, steps + 1):
        states.append(schedule(states[-1], start=states[0], step=step, steps=steps))
    return states


@given(st.sampled_from(sorted(SCHEDULES)), st.integers(1, 20), st.integers(0, 256))
def test_every_step_leaves_fewer_masks_and_the_last_none(name, steps, masks):
    counts = [count for (count,) in left(SCHEDULES[name], masks, steps=steps)]
    assert all(after < before or after == 0 for before, after in pairwise(counts))
    assert counts[-1] == 0


@given(st.integers(1, 256))
def test_as_many_steps_as_masks_fill_one_a_step(masks):
    assert [count for (count,) in left(cosine, masks, steps=masks)] == list(range(masks, -1, -1))


@given(st.lists(st.integers(0, 256), min_size=1, max_size=4), st.integers(1, 12))
def test_each_item_has_its_own_cosine_schedule(masks, steps):
    together = left(cosine, *masks, steps=steps)
    alone = [left(cosine, count, steps=steps) for count in masks]
    assert together == [[one[step][0] for one in alone] for step in range(steps + 1)]


def test_the_published_schedule_leaves_what_the_authors_code_leaves():
    assert [count for (count,) in left(published, 256, steps=8)] == [256, 255, 248, 223, 174, 108, 46, 10, 0]
    assert left(published, 256, steps=1)[-1] == [0]


def test_the_published_schedule_counts_the_masks_of_the_first_item():
    assert published([100, 30], start=[100, 30], step=2, steps=3) == [70, 0]


def test_the_published_schedule_cannot_leave_masks_of_other_items():
    with pytest.raises(CelleError, match="one by one"):
        published([10, 11], start=[10, 11], step=1, steps=1)
