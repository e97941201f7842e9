"""What is written of a run beside its weights; the rest is in test_run.py."""

import torch

from napari_celle.train.record import tensors_sha256


def test_weights_have_one_digest_whatever_their_order_and_another_with_other_names_or_values():
    one, two = torch.zeros(2, 3), torch.ones(3)
    digest = tensors_sha256({"a": one, "b": two})
    assert tensors_sha256({"b": two.clone(), "a": one}) == digest
    others = ({"a": one}, {"a": two, "b": one}, {"c": one, "b": two}, {"a": one + 1e-6, "b": two})
    assert len({digest, *map(tensors_sha256, others)}) == 5
