import pytest
import torch

from napari_celle.config import TransformerConfig
from napari_celle.errors import Cancelled
from napari_celle.nn.attention import Attention
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
