from dataclasses import replace

import pytest
import torch

from napari_celle.config import TransformerConfig
from napari_celle.errors import Cancelled
from napari_celle.nn.attention import Attention
from napari_celle.nn.memory import Memory
from napari_celle.nn.shift import ImageTokens
from napari_celle.nn.transformer import Transformer

CONFIG = TransformerConfig(dim=16, depth=3, heads=2, dim_head=8, rotary=1)


@pytest.fixture
def transformer():
    torch.manual_seed(0)
    return Transformer(CONFIG).eval()


def inputs(length=10):
    generator = torch.Generator().manual_seed(1)
    return torch.randn(2, length, 16, generator=generator), torch.randn(length, 2, generator=generator)


def test_padding_that_is_not_visible_changes_nothing(transformer):
    x, angles = inputs()
    visible = torch.ones(2, 10, dtype=torch.bool)
    visible[:, 7:] = False
    other = x.clone()
    other[:, 7:] = 100.0
    with torch.no_grad():
        results = [transformer(tokens, angles, visible=visible)[:, :7] for tokens in (x, other)]
        seen = transformer(other, angles)[:, :7]
    torch.testing.assert_close(*results)
    assert not torch.allclose(results[0], seen)


def test_every_layer_reports_and_may_stop_the_work(transformer):
    told = []

    def stop(done, total):
        told.append((done, total))
        if done == 2:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        transformer(*inputs(), on_layer=stop)
    assert told == [(1, 3), (2, 3)]


def test_training_and_prediction_compute_the_same_attention():
    torch.manual_seed(0)
    attention = Attention(16, heads=2, dim_head=8)
    x, angles = inputs()
    visible = torch.ones(2, 10, dtype=torch.bool)
    visible[0, 3] = False
    explicit = attention(x, angles, visible)
    with torch.inference_mode():
        fused = attention(x, angles, visible)
    torch.testing.assert_close(explicit.detach(), fused)


CAUSAL = replace(CONFIG, causal=True, rotate_values=True, token_shift=True)
IMAGE = ImageTokens(start=2, row=4)


@pytest.fixture
def causal():
    torch.manual_seed(0)
    return Transformer(CAUSAL).eval()


def test_a_causal_transformer_does_not_see_what_comes_later(causal):
    x, angles = inputs()
    other = x.clone()
    other[:, 6:] *= -1
    with torch.no_grad():
        before, after = (causal(tokens, angles, image=IMAGE) for tokens in (x, other))
    torch.testing.assert_close(before[:, :6], after[:, :6], rtol=0, atol=0)
    assert not torch.allclose(before[:, 6:], after[:, 6:])


def test_with_memory_each_token_comes_out_as_in_one_pass(causal):
    x, angles = inputs()
    memory = Memory(CAUSAL.depth, capacity=10)
    with torch.no_grad():
        whole = causal(x, angles, image=IMAGE)
        bits = [causal(x[:, :5], angles[:5], image=IMAGE, memory=memory)]
        bits += [causal(x[:, n : n + 1], angles[n : n + 1], image=IMAGE, memory=memory) for n in range(5, 10)]
    torch.testing.assert_close(torch.cat(bits, dim=1), whole)
    assert memory.tokens == 10


def test_without_token_shift_the_place_of_the_pictures_does_not_matter(transformer):
    x, angles = inputs()
    with torch.no_grad():
        torch.testing.assert_close(transformer(x, angles, image=IMAGE), transformer(x, angles), rtol=0, atol=0)


def test_turned_values_change_the_answer():
    x, angles = inputs()
    answers = []
    for rotate_values in (False, True):
        torch.manual_seed(0)
        attention = Attention(16, heads=2, dim_head=8, rotate_values=rotate_values)
        answers.append(attention(x, angles).detach())
    assert not torch.allclose(*answers)


@pytest.mark.parametrize("causal", [False, True])
def test_the_weights_of_attention_are_those_that_it_uses(causal):
    torch.manual_seed(0)
    attention = Attention(16, heads=2, dim_head=8, causal=causal)
    x, angles = inputs()
    with torch.no_grad():
        weights = attention.weights(x, angles)
        values = attention.to_qkv(x)[..., 32:].unflatten(-1, (2, 8)).transpose(1, 2)
        expected = attention.to_out((weights @ values).transpose(1, 2).flatten(2))
        torch.testing.assert_close(attention(x, angles), expected)
    assert bool(weights.triu(1).any()) != causal
