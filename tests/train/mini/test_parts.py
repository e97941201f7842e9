from napari_celle.train.mini.parts import Lengths


def test_a_run_is_watched_ten_times_and_has_the_seed_of_all():
    numbers = Lengths(batch=8).numbers(50, seed=3)
    assert (numbers.steps, numbers.every, numbers.batch, numbers.seed) == (50, 5, 8, 3)


def test_a_very_short_run_is_watched_at_every_step():
    assert Lengths().numbers(2, seed=0).every == 1
