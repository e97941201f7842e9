import numpy as np
import pytest
import torch

from napari_celle.config import ResidueEncoderConfig
from napari_celle.data.proteins import LOCATIONS, Proteins
from napari_celle.nn.residues import ResidueEncoder
from napari_celle.sequence import PAD_ID, RESIDUE_VOCABULARY
from napari_celle.train.mini.beliefs import _chances, believed, location_logits

NUCLEUS, CYTOPLASM = LOCATIONS.index("Nucleus"), LOCATIONS.index("Cytoplasm")


def labels(*names):
    return np.array([name in names for name in LOCATIONS])


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    config = ResidueEncoderConfig(dim=8, dilations=(1,), pools=1)
    return ResidueEncoder(config, vocabulary=RESIDUE_VOCABULARY, pad_id=PAD_ID).eval()


@pytest.fixture
def proteins():
    """Three hundred proteins: nuclear, cytoplasmic or both in turn, and one that cannot be drawn."""
    rng = np.random.default_rng(0)
    letters = list("ACDEFGHIKLMNPQRSTVWY")
    sequences = ["".join(rng.choice(letters, size=int(rng.integers(5, 90)))) for _ in range(300)]
    rows = [labels("Nucleus"), labels("Cytoplasm"), labels("Nucleus", "Cytoplasm")]
    locations = np.stack([rows[number % 3] for number in range(299)] + [labels("Plastid")])
    return Proteins(accessions=tuple(map(str, range(300))), sequences=tuple(sequences), locations=locations)


def certain(encoder, **logits):
    """Make the encoder say the same of every protein."""
    with torch.no_grad():
        encoder.labels.weight.zero_()
        encoder.labels.bias.fill_(-9.0)
        for name, value in logits.items():
            encoder.labels.bias[LOCATIONS.index(name)] = value


def test_logits_come_in_the_order_of_the_proteins_whatever_their_length(encoder, proteins):
    together = location_logits(encoder, proteins)
    for index in (0, 7, 299):
        alone = Proteins(("x",), (proteins.sequences[index],), proteins.locations[index : index + 1])
        assert together[index] == pytest.approx(location_logits(encoder, alone)[0], abs=1e-5)


def test_labels_are_drawn_as_the_encoder_believes_and_not_as_they_are(encoder, proteins):
    with torch.no_grad():
        encoder.labels.weight.mul_(400.0)  # sure of everything
    drawn = believed(encoder, proteins, window=100, rng=np.random.default_rng(1))
    logits = location_logits(encoder, drawn)
    surer = logits[:, NUCLEUS] - logits[:, CYTOPLASM]
    only_nucleus = (drawn.locations == labels("Nucleus")).all(1)
    only_cytoplasm = (drawn.locations == labels("Cytoplasm")).all(1)
    assert surer[only_nucleus].mean() > surer[only_cytoplasm].mean() + 5
    assert (drawn.locations != proteins.locations[:299]).any(1).mean() > 0.3


def test_each_set_of_labels_is_drawn_as_often_as_it_occurs(encoder, proteins):
    certain(encoder, Nucleus=4.0, Cytoplasm=-1.0)
    drawn = believed(encoder, proteins, window=100, rng=np.random.default_rng(1))
    for names in (("Nucleus",), ("Cytoplasm",), ("Nucleus", "Cytoplasm")):
        assert (drawn.locations == labels(*names)).all(1).mean() == pytest.approx(1 / 3, abs=0.09)


def test_proteins_that_cannot_be_drawn_are_left_out_and_long_ones_cut(encoder, proteins):
    drawn = believed(encoder, proteins, window=30, rng=np.random.default_rng(1))
    assert len(drawn) == 299
    assert drawn.sequences == tuple(sequence[:30] for sequence in proteins.sequences[:299])


def test_chances_of_a_row_add_up_to_one_and_those_of_a_column_to_its_share():
    rng = np.random.default_rng(0)
    shares = np.array([0.6, 0.3, 0.1])
    chances = _chances(rng.normal(size=(500, 3)) * 3, shares)
    assert chances.sum(1) == pytest.approx(1)
    assert chances.mean(0) == pytest.approx(shares, abs=1e-3)
