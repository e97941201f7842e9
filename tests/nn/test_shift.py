import torch
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.nn.shift import ImageTokens, ShiftMemory, shift

TEXT, ROW, DIM = 3, 4, 8


def tokens(count, *, seed=0):
    return torch.randn(2, TEXT + count, DIM, generator=torch.Generator().manual_seed(seed))


def brute_force(x, row):
    """The rule, token by token."""
    out = x.clone()
    for place in range(x.shape[1] - TEXT):
        here, quarter = TEXT + place, DIM // 4
        out[:, here, :quarter] = x[:, here - row, :quarter] if place >= row else 0
        out[:, here, quarter : 2 * quarter] = x[:, here - 1, quarter : 2 * quarter] if place % row else 0
    return out


@given(st.integers(0, 40))
def test_a_token_takes_a_quarter_from_above_and_a_quarter_from_the_left(count):
    x = tokens(count)
    torch.testing.assert_close(shift(x, ImageTokens(TEXT, ROW)), brute_force(x, ROW), rtol=0, atol=0)


@given(beginning=st.integers(0, 20), more=st.integers(0, 20))
def test_token_by_token_gives_what_the_whole_sequence_gives(beginning, more):
    x, image = tokens(beginning + more), ImageTokens(TEXT, ROW)
    memory = ShiftMemory(published=False)
    bits = [memory(x[:, : TEXT + beginning], image)]
    bits += [memory(x[:, TEXT + n : TEXT + n + 1], image) for n in range(beginning, beginning + more)]
    torch.testing.assert_close(torch.cat(bits, dim=1), shift(x, image), rtol=0, atol=0)


def test_the_published_memory_looks_two_rows_up_and_into_shifted_nucleus_tokens():
    nucleus = 16
    x, image = tokens(nucleus + 20), ImageTokens(TEXT, ROW)
    memory = ShiftMemory(published=True)
    prefix = memory(x[:, : TEXT + nucleus], image)
    got = [memory(x[:, TEXT + nucleus + n : TEXT + nucleus + n + 1], image)[:, 0] for n in range(20)]
    for n, token in enumerate(got):
        here = TEXT + nucleus + n
        above = prefix[:, here - 2 * ROW, :2] if n < 2 * ROW else x[:, here - 2 * ROW, :2]
        left = x[:, here - 1, 2:4] if n % (2 * ROW) else torch.zeros(2, 2)
        torch.testing.assert_close(token, torch.cat([above, left, x[:, here, 4:]], dim=-1), rtol=0, atol=0)
