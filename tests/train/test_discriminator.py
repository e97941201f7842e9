import pytest
import torch
from torch import nn

from napari_celle.train.discriminator import PatchDiscriminator, balance, fooling, telling


def test_each_judgement_sees_a_patch_of_70_pixels():
    discriminator = PatchDiscriminator(channels=2).eval()
    pixels = torch.zeros(1, 1, 256, 256, requires_grad=True)
    judgement = discriminator(pixels)
    assert judgement.shape == (1, 1, 30, 30)
    judgement[0, 0, 15, 15].backward()
    seen = torch.nonzero(pixels.grad[0, 0])
    assert (seen.max(0).values - seen.min(0).values + 1).tolist() == [70, 70]


def test_fooling_teaches_the_decoder_only():
    discriminator, decoded = PatchDiscriminator(channels=2), torch.rand(1, 1, 32, 32, requires_grad=True)
    fooling(discriminator, decoded).backward()
    assert decoded.grad.abs().sum() > 0
    assert all(parameter.grad is None and parameter.requires_grad for parameter in discriminator.parameters())


def test_telling_teaches_the_discriminator_only():
    discriminator, decoded = PatchDiscriminator(channels=2), torch.rand(1, 1, 32, 32, requires_grad=True)
    telling(discriminator, decoded, torch.rand(1, 1, 32, 32)).backward()
    assert decoded.grad is None
    assert all(parameter.grad is not None for parameter in discriminator.parameters())


@pytest.mark.parametrize(
    ("real", "made", "loss"), [(1.0, -1.0, 0.0), (0.0, 0.0, 1.0), (3.0, 1.0, 1.0), (-1.0, -5.0, 1.0)]
)
def test_the_hinge_asks_for_one_above_and_below(real, made, loss):
    assert telling(nn.Identity(), torch.full((1, 1), made), torch.full((1, 1), real)) == loss


def test_the_balance_makes_both_pull_equally():
    weight = torch.tensor([1.0, 2.0], requires_grad=True)
    reconstruction, fooled = 3 * weight.sum(), 0.5 * weight.sum()
    factor = balance(reconstruction, fooled, weight)
    assert factor.item() == pytest.approx(6.0, rel=1e-3)
    assert not factor.requires_grad
    assert balance(reconstruction, 0 * weight.sum(), weight) == 1e4


def test_the_discriminator_learns_to_tell_noise_from_evenness():
    torch.manual_seed(0)
    discriminator = PatchDiscriminator(channels=4)
    optimizer = torch.optim.Adam(discriminator.parameters(), lr=1e-2)
    for _ in range(20):
        loss = telling(discriminator, torch.rand(4, 1, 32, 32), torch.full((4, 1, 32, 32), 0.5))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.2
