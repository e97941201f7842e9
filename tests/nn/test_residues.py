import pytest
import torch

from napari_celle.config import ResidueEncoderConfig
from napari_celle.nn.residues import ResidueEncoder

PAD = 26


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    return ResidueEncoder(
        ResidueEncoderConfig(dim=8, dilations=(1, 2), ends=4, pools=2), vocabulary=27, pad_id=PAD
    ).eval()


@torch.no_grad()
def test_padding_does_not_change_what_a_protein_looks_like(encoder):
    ids = torch.randint(0, 20, (1, 30), generator=torch.Generator().manual_seed(0))
    padded = torch.nn.functional.pad(ids, (0, 13), value=PAD)
    residues, summary = encoder(ids)
    residues_padded, summary_padded = encoder(padded)
    torch.testing.assert_close(residues_padded[:, :30], residues)
    torch.testing.assert_close(summary_padded, summary)
    assert not residues_padded[:, 30:].any()


@torch.no_grad()
def test_the_same_residues_at_a_terminus_and_inside_look_different(encoder):
    middle = encoder(torch.full((1, 40), 5))[0][0]  # (40, 8)
    torch.testing.assert_close(middle[17], middle[20])
    assert not torch.allclose(middle[0], middle[20])
    assert not torch.allclose(middle[-1], middle[20])


@torch.no_grad()
def test_one_residue_changes_the_summary(encoder):
    ids = torch.full((1, 40), 5)
    changed = ids.clone()
    changed[0, 17] = 8
    assert not torch.allclose(encoder(ids)[1], encoder(changed)[1])
