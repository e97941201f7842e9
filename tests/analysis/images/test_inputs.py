import numpy as np
import pytest

from napari_celle.analysis.images.inputs import ImagesRequest, read_inputs
from napari_celle.data.proteins import LOCATIONS
from napari_celle.errors import CelleError
from napari_celle.models.registry import load_model


@pytest.fixture
def table(tmp_path, pairs):
    """A table of three pairs, two of them to validate on."""
    lines = ["nucleus,protein,sequence,split"]
    for number in range(3):
        nucleus, protein = pairs.read(number)
        np.save(tmp_path / f"n{number}.npy", nucleus)
        np.save(tmp_path / f"p{number}.npy", protein)
        split = "train" if number == 0 else "val"
        lines.append(f"n{number}.npy,p{number}.npy,{pairs.sequences[number]},{split}")
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines))
    return path


def test_a_split_of_a_table_is_read_and_limited(table):
    model = load_model("tiny", device="cpu")
    inputs = read_inputs(ImagesRequest(("tiny",), table=table, split="val", device="cpu"))
    assert (inputs.dataset.name, inputs.published, inputs.inception, inputs.device) == (
        "table.csv, split val", (), None, "cpu",
    )  # fmt: skip
    assert len(inputs.dataset.samples(model)) == 2
    one = read_inputs(ImagesRequest(("tiny",), table=table, limit=1, device="cpu"))
    assert one.dataset.name == "table.csv"
    assert len(one.dataset.samples(model)) == 1


def test_cells_are_drawn_of_a_fold(tmp_path):
    header = ",".join(["accession", "kingdom", "is_human", "gene", "partition", *LOCATIONS, "sequence"])
    rows = [f"T{fold},Metazoa,1,,{fold},0,1,{','.join('0' * 8)},MKRP{'K' * fold}" for fold in range(5)]
    path = tmp_path / "proteins.csv"
    path.write_text("\n".join([header, *rows]))
    inputs = read_inputs(ImagesRequest(("tiny",), simulated=path, limit=2, seed=3))
    samples = inputs.dataset.samples(load_model("tiny", device="cpu"))
    assert inputs.dataset.name == "simulated cells, fold 4, seed 3"
    assert [samples.read(index).sequence for index in range(len(samples))] == ["MKRPKKKK"] * 2


def test_all_that_cannot_be_used_is_said_at_once(table, tmp_path):
    table.write_text("nucleus,protein,sequence\nnone.npy,p0.npy,MKRP\nn1.npy,p1.npy,MK*RP\nn2.npy,small.npy,MKRP\n")
    np.save(tmp_path / "small.npy", np.eye(20))
    request = ImagesRequest(("none", "tiny"), table=table, published=tmp_path / "papers.json", device="cuda:99")
    with pytest.raises(CelleError) as caught:
        read_inputs(request)
    for words in ("no model 'none'", "line 2", "none.npy", "line 3", "line 4", "20 x 20", "papers.json", "cuda:99"):
        assert words in str(caught.value)


def test_a_split_without_rows_is_named(table):
    with pytest.raises(CelleError, match=r"no row of the split test.*train \(1\)"):
        read_inputs(ImagesRequest(("tiny",), table=table, split="test"))


def test_without_pictures_there_is_nothing_to_measure():
    with pytest.raises(CelleError, match="Give a table of pictures"):
        read_inputs(ImagesRequest(("tiny",)))
