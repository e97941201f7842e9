from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from napari_celle.analysis.nuclear.fractions import (
    NuclearTable,
    nuclear_fractions,
    read_nuclear_table,
    read_nuclei,
)
from napari_celle.errors import Cancelled, ImageError
from napari_celle.files.images import NucleusImage
from napari_celle.predict import Predictor
from napari_celle.simulate import draw_field
from napari_celle.types import PredictionRequest


@pytest.fixture(scope="module")
def images():
    fields = (draw_field(np.random.default_rng(seed), size=size) for seed, size in ((0, 256), (1, 400)))
    return [NucleusImage(field.nucleus, None, Path("drawn")) for field in fields]


class Recorder:
    """Stands for a predictor: remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, request):
        self.asked.append(request)
        return SimpleNamespace(nuclear_fraction=len(request.sequence) / 10)


def test_each_protein_is_seen_once_at_a_seeded_place_and_answers_keep_the_order(images):
    sequences = ["M" * length for length in range(1, 9)]
    runs = [Recorder() for _ in range(3)]
    for run, seed in zip(runs, (4, 4, 5), strict=True):
        np.testing.assert_allclose(nuclear_fractions(run, sequences, images, seed=seed), np.arange(1, 9) / 10)
    places = [[(request.centre, request.nucleus.shape) for request in run.asked] for run in runs]
    assert places[0] == places[1] != places[2]
    assert len({shape for _, shape in places[0]}) == 2
    assert len({centre for centre, _ in places[0]}) == 8


def test_the_fraction_is_that_of_a_plain_prediction_with_all_steps(images):
    predictor = Predictor.load("tiny", device="cpu")
    recorder = Recorder()
    nuclear_fractions(recorder, ["MSKGEELFTG"], images, seed=0)
    (asked,) = recorder.asked
    plain = predictor(PredictionRequest("MSKGEELFTG", asked.nucleus, centre=asked.centre))
    assert plain.sampling.steps == 2
    assert nuclear_fractions(predictor, ["MSKGEELFTG"], images, seed=0)[0] == pytest.approx(plain.nuclear_fraction)


def test_it_can_be_stopped_after_any_protein(images):
    def stop(stage, done, total):
        raise Cancelled(f"{stage} {done}/{total}")

    with pytest.raises(Cancelled, match="predicting 1/2"):
        nuclear_fractions(Recorder(), ["MK", "MR"], images, seed=0, on_step=stop)


def test_a_table_is_read_with_its_groups_and_some_of_it_are_drawn_by_seed(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(
        "accession,sequence,is_nuclear,is_human\n"
        + "".join(f"P{n},{'MK' * n},{n % 2},{n % 3 > 0:d}\n" for n in range(1, 9))
    )
    table = read_nuclear_table(path, by=("is_human",))
    assert table.is_nuclear.tolist() == [n % 2 == 1 for n in range(1, 9)]
    assert table.groups["is_human = 1"].tolist() == [n % 3 > 0 for n in range(1, 9)]
    some = table.some(5, seed=1)
    assert some.sequences == table.some(5, seed=1).sequences != table.some(5, seed=2).sequences
    assert len(some) == len(set(some.sequences)) == 5
    assert some.names == tuple(f"P{len(sequence) // 2}" for sequence in some.sequences)
    for sequence, nuclear, human in zip(some.sequences, some.is_nuclear, some.groups["is_human = 1"], strict=True):
        assert (nuclear, human) == (len(sequence) // 2 % 2 == 1, len(sequence) // 2 % 3 > 0)
    assert len(table.some(None, seed=0)) == len(table.some(100, seed=0)) == 8
    assert isinstance(table, NuclearTable)


def test_only_files_named_nucleus_are_read_and_a_folder_without_says_so(tmp_path, images):
    with pytest.raises(ImageError, match=r"no files \*_nucleus"):
        read_nuclei(tmp_path)
    for name in ("b_nucleus.npy", "a_nucleus.npy", "a_protein.npy"):
        np.save(tmp_path / name, images[0].pixels)
    assert [image.path.name for image in read_nuclei(tmp_path)] == ["a_nucleus.npy", "b_nucleus.npy"]
