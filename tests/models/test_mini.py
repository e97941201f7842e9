import pytest
import torch

from napari_celle.models.mini import MiniCelle
from napari_celle.models.registry import _TINY
from napari_celle.sequence import PAD_ID, tokenize


@pytest.fixture
def model():
    torch.manual_seed(0)
    return MiniCelle(_TINY).eval()


def tokens(seed, batch=1):
    return torch.randint(0, 16, (batch, 256), generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def test_the_picture_depends_on_the_sequence_and_on_the_nucleus(model):
    ids = [torch.from_numpy(tokenize(text))[None] for text in ("MSKGEELFTG", "KRPAATKKAG")]
    masked = torch.full((1, 256), model.mask_id)
    base = model.image_logits(model.embed(ids[0]), tokens(0), masked)
    assert base.shape == (1, 256, 16)
    assert not torch.allclose(base, model.image_logits(model.embed(ids[1]), tokens(0), masked))
    assert not torch.allclose(base, model.image_logits(model.embed(ids[0]), tokens(1), masked))


@torch.no_grad()
def test_padding_a_short_protein_in_a_batch_changes_nothing(model):
    ids = torch.from_numpy(tokenize("MSKGEELFTG"))[None]
    padded = torch.nn.functional.pad(ids, (0, 6), value=PAD_ID)
    masked = torch.full((1, 256), model.mask_id)
    alone = model(model.embed(ids), tokens(0), masked)
    together = model(model.embed(padded), tokens(0), masked, visible=padded != PAD_ID)
    torch.testing.assert_close(together[:, 16:], alone[:, 10:])
