from types import SimpleNamespace

import torch

from napari_celle.train.samples import in_rows, show


def test_pictures_lie_beside_each_other_and_kinds_below_each_other():
    pictures, made = torch.tensor([[[0.1]], [[0.2]], [[0.3]]]), torch.tensor([[[1.5]], [[-1.0]], [[0.6]]])
    assert torch.equal(in_rows(pictures, made, most=2), torch.tensor([[0.1, 0.2], [1.0, 0.0]]))


def test_without_a_log_nothing_is_shown():
    show(SimpleNamespace(logger=None), "pictures", torch.zeros(2, 2))
