import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.sampling.filters import keep_top_k, keep_typical, published_top_k


def kept(logits):
    return logits.isfinite().nonzero().flatten().tolist()


@given(st.integers(1, 40), st.integers(1, 50))
def test_top_k_keeps_the_k_largest(codes, k):
    logits = torch.randperm(codes, generator=torch.Generator().manual_seed(0)).float()
    assert kept(keep_top_k(logits, k)) == (logits >= codes - k).nonzero().flatten().tolist()


@pytest.mark.parametrize("k", [None, 0])
def test_none_and_zero_keep_all(k):
    logits = torch.randn(2, 7, generator=torch.Generator().manual_seed(0))
    assert torch.equal(keep_top_k(logits, k), logits)


def test_tokens_as_probable_as_the_last_that_is_kept_are_kept_too():
    assert kept(keep_top_k(torch.tensor([1.0, 3.0, 2.0, 2.0, 0.0]), 2)) == [1, 2, 3]


@pytest.mark.parametrize(
    ("filter_thres", "vocabulary", "k"),
    [(0.9, 1060, 105), (0.95, 1060, 53), (0.5, 1054, 527), (0.9, 606, 60), (1.0, 1060, 1)],
)
def test_the_published_k_counts_the_whole_vocabulary_in_double_precision(filter_thres, vocabulary, k):
    assert published_top_k(filter_thres, vocabulary) == k


def test_typical_tokens_are_neither_the_least_nor_the_most_probable():
    probability = torch.cat([torch.tensor([0.05]), torch.full((90,), 0.01), torch.full((100,), 0.0005)])
    # information: 3.0, 4.6 (all but typical, expected is 4.7), 7.6 nats
    assert kept(keep_typical(probability.log())) == list(range(1, 91))


def test_typical_sampling_keeps_twenty_tokens_even_of_a_sure_model():
    logits = torch.zeros(100)
    logits[7] = 50.0
    found = kept(keep_typical(logits))
    assert len(found) == 20
    assert 7 in found


@given(st.integers(0, 1000), st.floats(0.1, 5))
def test_typical_tokens_hold_the_mass_and_hardly_more(seed, spread):
    logits = spread * torch.randn(200, generator=torch.Generator().manual_seed(seed))
    found = kept(keep_typical(logits))
    probability = logits.softmax(-1)
    assert probability[found].sum() >= 0.9 - 1e-5
    if len(found) > 20:
        information = -probability.log()
        distance = (information - (probability * information).sum()).abs()
        farthest = max(found, key=lambda token: distance[token])
        assert probability[found].sum() - probability[farthest] < 0.9 + 1e-5
        assert distance[found].max() <= min(
            (distance[token] for token in range(200) if token not in found), default=torch.inf
        )
