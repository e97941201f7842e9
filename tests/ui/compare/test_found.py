"""Which layers belong to one prediction."""

import pytest
from napari.components import ViewerModel

from napari_celle.ui.compare.found import plane_of, predictions_in


@pytest.fixture
def viewer(fill):
    return fill(ViewerModel(), "GFP", "H3")


def test_layers_of_one_prediction_are_found_together(viewer, prediction):
    gfp, h3 = predictions_in(viewer.layers)
    assert (gfp.name, h3.name) == ("GFP", "H3")
    assert [layer.name for layer in (h3.pdf, h3.threshold, h3.nuclei)] == ["H3 PDF", "H3 threshold", "H3 nuclei"]
    assert gfp.model == "tiny"
    assert gfp.frame.pixel_size_um == pytest.approx(0.5)
    assert (plane_of(h3.pdf, h3.frame) == prediction(1).probability).all()


def test_they_are_found_after_they_were_renamed_and_moved(viewer):
    viewer.layers["GFP nuclei"].name = "edited by hand"
    viewer.layers["GFP PDF"].name = "wild type"
    viewer.layers.move(viewer.layers.index("edited by hand"), 0)
    names = {found.name: found.nuclei.name for found in predictions_in(viewer.layers)}
    assert names == {"wild type": "edited by hand", "H3": "H3 nuclei"}


def test_a_group_goes_before_the_rest_of_what_is_known(viewer):
    for layer in list(viewer.layers)[2:5]:
        layer.metadata["celle"]["group"] = "abc"
    viewer.layers["GFP nuclei"].metadata["celle"]["model"] = "changed"
    assert next(found.key for found in predictions_in(viewer.layers)) == "abc"


@pytest.mark.parametrize("kind", ["PDF", "threshold", "nuclei"])
def test_what_lacks_a_layer_is_no_prediction(viewer, kind):
    viewer.layers.remove(f"GFP {kind}")
    assert [found.name for found in predictions_in(viewer.layers)] == ["H3"]


def test_layers_of_others_are_left_alone(viewer):
    viewer.layers["DAPI"].metadata["celle"] = "a word"
    viewer.layers["actin"].metadata["celle"] = {"kind": "difference"}
    assert len(predictions_in(viewer.layers)) == 2
