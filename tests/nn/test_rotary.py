import torch
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.nn.rotary import image_angles, rotate, token_table


@given(st.floats(-20, 20), st.integers(1, 4))
def test_turning_keeps_the_length_of_every_pair(angle, pairs):
    x = torch.linspace(-1, 1, 3 * 8).reshape(1, 3, 8)
    turned = rotate(x, torch.full((3, pairs), angle))
    lengths = [v.unflatten(-1, (-1, 2)).norm(dim=-1) for v in (x, turned)]
    torch.testing.assert_close(*lengths)


def test_one_pair_turns_by_its_angle_and_the_rest_stays():
    x = torch.tensor([[1.0, 0.0, 3.0, 4.0]])
    expected = torch.tensor([[0.0, 1.0, 3.0, 4.0]])
    torch.testing.assert_close(rotate(x, torch.tensor([[torch.pi / 2]])), expected)


def test_attention_depends_on_the_distance_of_two_places_only():
    q, k = torch.randn(2, 1, 8, generator=torch.Generator().manual_seed(0)).unbind(0)

    def score(first, second):
        angles = image_angles(torch.tensor([first, second]), 2)
        return (rotate(q, angles[:1]) * rotate(k, angles[1:])).sum()

    torch.testing.assert_close(score([0.0, 0.1], [0.4, 0.2]), score([0.5, 0.3], [0.9, 0.4]))
    assert not torch.isclose(score([0.0, 0.1], [0.4, 0.2]), score([0.0, 0.1], [0.6, 0.2]))


def test_text_stands_away_from_the_pictures_and_codes_have_one_number():
    table = token_table(5, grid=4, dim_head=24)
    assert table.shape == (5 + 2 * 16, 3 * 4)
    number, row, column = table.split(4, dim=-1)
    torch.testing.assert_close(number[:5, 0], torch.arange(5.0))
    torch.testing.assert_close(number[5:, 0], torch.full((32,), 8192.0))
    for axis in (row, column):
        torch.testing.assert_close(axis[:5, 0], torch.full((5,), -10 * torch.pi))


def test_the_pictures_follow_each_other_on_the_diagonal():
    table = token_table(0, grid=4, dim_head=24)
    line = torch.linspace(-1, 1, 8) * torch.pi
    rows, columns = table[:, 4].unflatten(0, (2, 4, 4)), table[:, 8].unflatten(0, (2, 4, 4))
    torch.testing.assert_close(rows[:, :, 0].flatten(), line)
    torch.testing.assert_close(columns[:, 0].flatten(), line)
    assert (rows[0, 1] == rows[0, 1, 0]).all()


def test_a_model_without_reference_keeps_the_places_of_the_protein():
    both, one = (token_table(3, grid=4, dim_head=24, pictures=n) for n in (2, 1))
    torch.testing.assert_close(torch.cat([both[:3], both[-16:]]), one, rtol=0, atol=0)
