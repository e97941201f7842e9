import numpy as np
import pytest

from napari_celle.errors import CelleError, ImageError, SequenceError
from napari_celle.predict import Predictor
from napari_celle.sequence import AMINO_ACIDS
from napari_celle.simulate import draw_field
from napari_celle.types import SamplingOptions, SequenceRequest

HOST = "MSKGEELFTGVVPILVELDGDVNGHKFSVSGEGEGDATYGK"


@pytest.fixture(scope="module", params=["tiny", "tiny-celle2"])
def predictor(request):
    return Predictor.load(request.param, device="cpu")


@pytest.fixture(scope="module")
def nucleus():
    return draw_field(np.random.default_rng(3), size=256).nucleus


def request(nucleus, **changes):
    protein = nucleus > np.percentile(nucleus, 70)
    return SequenceRequest(**{"sequence": HOST + "<mask>" * 4, "nucleus": nucleus, "protein": protein, **changes})


def test_masks_become_residues_and_all_else_stays(predictor, nucleus):
    answer = predictor.complete(request(nucleus, sequence=f"<mask>{HOST[:5]}<mask>{HOST[5:]}<mask>"))
    assert len(answer.sequence) == len(HOST) + 3
    assert answer.sequence[1:6] + answer.sequence[7:-1] == HOST
    assert sorted(answer.positions) == [0, 6, len(HOST) + 2]
    assert set(answer.sequence) <= set(AMINO_ACIDS)
    assert answer.probabilities.shape == (3, 20)
    np.testing.assert_allclose(answer.probabilities.sum(1), 1, rtol=1e-5)


def test_a_terminus_grows_away_from_the_protein(predictor, nucleus):
    assert predictor.complete(request(nucleus)).positions == tuple(range(len(HOST), len(HOST) + 4))
    before = predictor.complete(request(nucleus, sequence="<mask>" * 3 + HOST))
    assert before.positions == (2, 1, 0)


def test_without_noise_the_most_probable_residue_is_taken(predictor, nucleus):
    answer = predictor.complete(request(nucleus, sampling=SamplingOptions(temperature=0)))
    likeliest = [AMINO_ACIDS[best] for best in answer.probabilities.argmax(1)]
    assert [answer.sequence[place] for place in answer.positions] == likeliest


def test_a_seed_gives_one_answer_and_the_picture_matters(predictor, nucleus):
    hot = SamplingOptions(seed=4, temperature=1.0)
    answers = [predictor.complete(request(nucleus, sampling=hot)) for _ in range(2)]
    assert answers[0].sequence == answers[1].sequence
    elsewhere = predictor.complete(request(nucleus, sampling=hot, protein=nucleus < np.median(nucleus)))
    assert not np.allclose(answers[0].probabilities, elsewhere.probabilities)


def test_progress_is_told_and_several_residues_at_once_take_fewer_passes(predictor, nucleus):
    told = []
    predictor.complete(request(nucleus, at_once=3), lambda *step: told.append(step))
    passes = [(done, total) for stage, done, total in told if stage == "finding residues"]
    assert {total for _, total in passes} == {2}
    assert max(done for done, _ in passes) == 1


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"sequence": HOST}, SequenceError, "No residue is masked"),
        ({"sequence": HOST * 3 + "<mask>"}, SequenceError, "reads 100"),
        ({"sequence": "MA1<mask>"}, SequenceError, "'1'"),
        ({"protein": np.zeros((9, 9))}, ImageError, "one frame"),
        ({"protein": np.full((256, 256), np.nan)}, ImageError, "finite"),
        ({"at_once": 0}, CelleError, "at once"),
    ],
)
def test_what_cannot_be_asked_is_said(predictor, nucleus, changes, error, words):
    with pytest.raises(error, match=words):
        predictor.complete(request(nucleus, **changes))


def test_celle_reads_no_picture_of_a_protein(nucleus):
    with pytest.raises(CelleError, match="Choose a CELL-E 2 model"):
        Predictor.load("tiny-celle", device="cpu").complete(request(nucleus))


def test_a_faithful_model_walks_as_the_authors_code_does(nucleus):
    predictor = Predictor.load("tiny-celle2", device="cpu", faithful="all")
    answer = predictor.complete(request(nucleus, sequence="<mask>" * 2 + HOST))
    assert answer.positions == (1, 0)
    filled_far_end_first = predictor.complete(request(nucleus, sequence=HOST[:20] + "<mask>" * 2))
    assert filled_far_end_first.positions == (21, 20)  # padding moves the centre to the right (oddity 22)
