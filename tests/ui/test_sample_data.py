import numpy as np

from napari_celle.files.fasta import read_fasta
from napari_celle.motifs import find_motifs
from napari_celle.simulate import draw_field
from napari_celle.tags import TAGS
from napari_celle.ui import sample_data
from napari_celle.ui.sample_data import PROTEINS, simulated_cells
from napari_celle.ui.sequence.drop import box_of


def test_the_sample_is_a_nucleus_and_a_protein_layer_in_micrometres():
    layers = simulated_cells()
    assert [keywords["name"] for _, keywords, _ in layers] == ["simulated nucleus", "simulated protein"]
    for data, keywords, kind in layers:
        assert kind == "image"
        assert data.shape == (512, 512)
        assert data.dtype == np.float32
        assert keywords["scale"] == (0.2, 0.2)
        assert keywords["units"] == ("micrometer", "micrometer")
        assert keywords["axis_labels"] == ("y", "x")
        low, high = keywords["contrast_limits"]
        assert low < high


def test_the_sample_is_the_same_each_time():
    for (first, _, _), (again, _, _) in zip(simulated_cells(), simulated_cells(), strict=True):
        np.testing.assert_array_equal(first, again)


def test_the_nucleus_layer_is_the_field_of_its_seed():
    field = draw_field(np.random.default_rng(sample_data._SEED), size=512, style=sample_data._STYLE)
    np.testing.assert_array_equal(simulated_cells()[0][0], field.nucleus)


def test_the_proteins_fill_the_sequence_box_beside_the_cells(make_napari_viewer, qtbot, session, monkeypatch):
    monkeypatch.setattr("napari_celle.ui.predict.widget.shared_session", lambda: session)
    viewer = make_napari_viewer()
    viewer.open_sample("napari-celle", "proteins")
    qtbot.waitUntil(lambda: box_of(viewer) is not None and box_of(viewer).record.count() == 5, timeout=20_000)
    assert box_of(viewer).protein.record.name == "eGFP"
    assert [layer.name for layer in viewer.layers] == ["simulated nucleus", "simulated protein"]


def test_the_proteins_are_what_they_say():
    by_name = {record.name: record.sequence for record in read_fasta(PROTEINS)}
    assert by_name["eGFP"] == TAGS["eGFP"].sequence
    found = {name: {motif.kind for motif in find_motifs(sequence)} for name, sequence in by_name.items()}
    assert "nls" in found["eGFP-NLS"] - found["eGFP"]
    assert "nes" in found["eGFP-NES"] - found["eGFP"]
