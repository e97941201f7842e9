"""The embedded model as its user meets it."""

import numpy as np
import pytest

from napari_celle.files.images import read_image
from napari_celle.predict import Predictor
from napari_celle.sequence import fuse
from napari_celle.simulate import draw_field
from napari_celle.types import PredictionRequest

GFP = (
    "MSKGEELFTGVVPILVELDGDVNGHKFSVSGEGEGDATYGKLTLKFICTTGKLPVPWPTLVTTFSYGVQCFSRYPDHMKQHDFFKSAMPEGYVQERTI"
    "FFKDDGNYKTRAEVKFEGDTLVNRIELKGIDFKEDGNILGHKLEYNYNSHNVYIMADKQKNGIKVNFKIRHNIEDGSVQLADHYQQNTPIGDGPVLLP"
    "DNHYLSTQSALSKDPNEKRDHMVLLEFVTAAGITHGMDELYK"
)
NUCLEOPLASMIN_NLS = "KRPAATKKAGQAKKKK"
REAL = ("hpa_1", "hpa_2", "hpa_nls", "opencell_1", "opencell_2", "opencell_nls", "opencell_celle1_demo")


@pytest.fixture(scope="module")
def predictor():
    return Predictor.load(device="cpu")


@pytest.mark.parametrize("name", REAL)
def test_a_nuclear_localization_signal_moves_gfp_into_real_nuclei(predictor, shared, name):
    nucleus = read_image(shared / "data" / "real_nuclei" / f"{name}_nucleus.png").pixels
    gfp, with_signal = (
        predictor(PredictionRequest(sequence, nucleus)).nuclear_fraction
        for sequence in (GFP, fuse(GFP, NUCLEOPLASMIN_NLS))
    )
    assert with_signal >= gfp + 0.1


def test_the_picture_of_a_protein_lies_in_the_cells_and_not_in_the_empty_background(predictor):
    field = draw_field(np.random.default_rng(11))
    answer = predictor(PredictionRequest(GFP, field.nucleus))
    heat_in_cells, heat_outside = answer.heatmap[field.cells > 0].mean(), answer.heatmap[field.cells == 0].mean()
    assert heat_in_cells > 1.5 * heat_outside
