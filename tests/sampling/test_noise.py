import pytest
import torch

from napari_celle.sampling.noise import gumbel, gumbel_noise, whole_vocabulary_noise, with_noise


def seeded(*seeds):
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def test_the_noise_is_that_of_numbers_drawn_in_place_from_the_same_generator():
    generator = torch.Generator().manual_seed(5)
    uniform = torch.zeros(3, 4).uniform_(0, 1, generator=generator)
    expected = -torch.log(-torch.log(uniform + 1e-20) + 1e-20)
    assert torch.equal(gumbel_noise(seeded(5))(torch.zeros(1, 3, 4))[0], expected)


def test_each_item_has_the_noise_of_its_own_generator():
    together = gumbel_noise(seeded(1, 2))(torch.zeros(2, 3, 4))
    alone = [gumbel_noise(seeded(seed))(torch.zeros(1, 3, 4))[0] for seed in (1, 2)]
    assert torch.equal(together, torch.stack(alone))
    assert not torch.equal(together[0], together[1])


def test_noise_of_the_whole_vocabulary_is_a_part_of_what_is_drawn_for_all():
    scores = torch.zeros(2, 3, 4)
    part = whole_vocabulary_noise(seeded(1, 2), shape=(9, 20), cut=(slice(6, 9), slice(15, 19)))
    all_of_it = gumbel_noise(seeded(1, 2))
    for _ in range(2):  # the stream goes on
        assert torch.equal(part(scores), all_of_it(torch.zeros(2, 9, 20))[:, 6:, 15:19])


def test_noise_of_one_token_has_the_shape_of_its_scores():
    noise = whole_vocabulary_noise(seeded(1, 2), shape=(1, 20), cut=(slice(0, 1), slice(15, 19)))
    assert noise(torch.zeros(2, 4)).shape == (2, 4)


def test_as_many_generators_as_items():
    with pytest.raises(ValueError, match="zip"):
        gumbel_noise(seeded(1))(torch.zeros(2, 3))


def test_the_ends_of_the_uniform_numbers_give_finite_noise():
    assert gumbel(torch.tensor([0.0, 1.0])).isfinite().all()


def test_at_temperature_zero_nothing_is_drawn():
    (generator,) = seeded(0)
    before = generator.get_state()
    scores = torch.ones(1, 3)
    assert torch.equal(with_noise(scores, noise=gumbel_noise([generator]), temperature=0.0), scores)
    assert torch.equal(generator.get_state(), before)
