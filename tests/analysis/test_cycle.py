from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from napari_celle.analysis.constructs import drawn_nuclei
from napari_celle.analysis.cycle import cycle_scores, read_cycle_sequences
from napari_celle.errors import Cancelled, CelleError
from napari_celle.predict import Predictor
from napari_celle.sequence import clean_masked
from napari_celle.types import Window

SEQUENCES = ("MSKGEELFTGVVPILVELDGDVNGHKFSVS", "LLLLLLLLLLKKKKKKKKKKRRRRRRRRRR", "MAHHHHHHPDEDEDEDEDEDEDEDEDEDED")


@dataclass
class Memory:
    """Stands for a predictor that writes the protein's number into its picture, and reads it there."""

    reads_pictures: bool = True
    window: int = 1000

    def __post_init__(self):
        self.info = SimpleNamespace(name="memory", residues=self.window, nucleus_diameter_px=(20.0, 50.0, 90.0))
        self.known, self.asked = [], []

    def __call__(self, request):
        self.known.append(request.sequence)
        threshold = np.full((8, 8), len(self.known) - 1)
        return SimpleNamespace(request=request, window=Window(2, 3, 8, 8), threshold=threshold, scale=0.5)

    def complete(self, request):
        self.asked.append(request)
        protein = self.known[int(request.protein[0, 0])]
        letters = clean_masked(request.sequence)
        filled = [protein[place % len(protein)] if each == "<mask>" else each for place, each in enumerate(letters)]
        return SimpleNamespace(sequence="".join(filled))


@pytest.fixture(scope="module")
def images():
    return drawn_nuclei(1)


def test_a_model_that_remembers_finds_all_from_its_own_picture_and_chance_from_another(images):
    memory = Memory()
    scores = cycle_scores(memory, SEQUENCES, images, share=1, seed=3)
    assert (scores.n, scores.residues) == (3, 90)
    assert scores.own_picture.mean == scores.own_picture.low == scores.own_picture.high == 1
    others = [next(o for o in SEQUENCES if memory.known[int(each.protein[0, 0])] == o) for each in memory.asked[1::2]]
    assert all(other != own for other, own in zip(others, SEQUENCES, strict=True))
    shares = [np.mean([a == b for a, b in zip(*pair, strict=True)]) for pair in zip(others, SEQUENCES, strict=True)]
    assert scores.other_picture.mean == pytest.approx(np.mean(shares))
    assert scores.gain.mean == pytest.approx(1 - np.mean(shares))


def test_chance_is_that_of_the_most_frequent_residue_and_of_draws(images):
    scores = cycle_scores(Memory(), SEQUENCES, images, share=1)
    letters = "".join(SEQUENCES)
    assert scores.most_frequent_residue == max(sorted(set(letters)), key=letters.count)
    assert scores.most_frequent.mean == pytest.approx(letters.count(scores.most_frequent_residue) / 90)
    assert scores.background.mean == pytest.approx(sum((letters.count(each) / 90) ** 2 for each in set(letters)))


def test_the_picture_is_read_in_the_window_and_scale_it_was_drawn_in(images):
    memory = Memory()
    cycle_scores(memory, SEQUENCES, images)
    assert {each.nucleus.shape for each in memory.asked} == {(8, 8)}
    np.testing.assert_array_equal(memory.asked[0].nucleus, images[0].pixels[2:10, 3:11])
    assert {each.nucleus_diameter_px for each in memory.asked} == {100}


def test_a_share_is_masked_the_same_for_both_pictures_and_only_standard_residues_are(images):
    memory = Memory(window=20)
    cycle_scores(memory, ("X" * 10 + "MSKGEELFTG" * 3, "MK" * 20), images, share=0.5)
    letters = [clean_masked(each.sequence) for each in memory.asked]
    assert [len(each) for each in letters] == [20] * 4
    assert letters[0] == letters[1] == (*"X" * 10, *["<mask>"] * 10)
    assert letters[2].count("<mask>") == 10
    assert letters[2] == letters[3]


def test_a_seed_repeats_and_another_masks_other_residues(images):
    first, again, other = (Memory() for _ in range(3))
    for memory, seed in ((first, 1), (again, 1), (other, 2)):
        cycle_scores(memory, SEQUENCES, images, seed=seed)
    asked = [[each.sequence for each in memory.asked] for memory in (first, again, other)]
    assert asked[0] == asked[1] != asked[2]


@pytest.mark.parametrize(
    ("memory", "sequences", "share", "words"),
    [
        (Memory(reads_pictures=False), SEQUENCES, 0.15, "one code after another"),
        (Memory(window=0), SEQUENCES, 0.15, "reads no sequence"),
        (Memory(), SEQUENCES, 0.0, "share of 0"),
        (Memory(), SEQUENCES, 1.5, "share of 1.5"),
        (Memory(), ("MSKGEELFTG",) * 3, 0.15, "two different proteins"),
        (Memory(), (*SEQUENCES, "XXXX"), 0.15, "Proteins 4 have no standard"),
    ],
)
def test_what_cannot_be_measured_is_said_before_anything_is_predicted(images, memory, sequences, share, words):
    with pytest.raises(CelleError, match=words):
        cycle_scores(memory, sequences, images, share=share)
    assert not memory.known


@pytest.mark.parametrize("name", ["tiny", "tiny-celle2"])
def test_a_real_model_is_measured(images, name):
    told = []
    predictor = Predictor.load(name, device="cpu")
    scores = cycle_scores(predictor, SEQUENCES[:2], images, on_step=lambda *step: told.append(step))
    assert scores.n == 2
    assert 0 <= scores.own_picture.low <= scores.own_picture.mean <= scores.own_picture.high <= 1
    assert scores.to_dict()["gain"]["mean"] == pytest.approx(scores.own_picture.mean - scores.other_picture.mean)
    assert told[0] == ("predicting", 1, 2)
    assert told[-1] == ("finding residues", 2, 2)


def test_a_causal_model_cannot_and_work_can_be_stopped(images):
    with pytest.raises(CelleError, match="tiny-celle draws one code after another"):
        cycle_scores(Predictor.load("tiny-celle", device="cpu"), SEQUENCES, images)

    def stop(*_):
        raise Cancelled("enough")

    with pytest.raises(Cancelled, match="enough"):
        cycle_scores(Memory(), SEQUENCES, images, on_step=stop)


def test_some_proteins_of_a_file_are_drawn_by_seed(tmp_path):
    path = tmp_path / "some.fasta"
    path.write_text("".join(f">p{n}\n{'MK' * n}\n" for n in range(1, 9)))
    first, again, other = (read_cycle_sequences(path, limit=4, seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    assert list(first) == sorted(first, key=len)
    assert len(read_cycle_sequences(Path(path), limit=None, seed=0)) == 8
