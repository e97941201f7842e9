import numpy as np
import pytest

from napari_celle.errors import ImageError
from napari_celle.framing import find_frame
from napari_celle.types import ModelInfo, PredictionRequest

INFO = ModelInfo("m", "", "", 100, image_size=256, pixel_size_um=0.2, nucleus_diameter_px=(38.0, 60.0, 92.0))


def discs(size, diameter, spacing):
    """Bright discs on a regular grid, (size, size) float32."""
    y, x = np.mgrid[:size, :size] % spacing - spacing / 2
    return (np.hypot(y, x) < diameter / 2).astype(np.float32)


def frame(image, **changes):
    return find_frame(PredictionRequest("MK", image, **changes), image, INFO)


@pytest.mark.parametrize("diameter", [36, 45, 60, 85, 98])
def test_nuclei_of_the_size_that_the_model_knows_are_not_resampled(diameter):
    found = frame(discs(512, diameter, 128))
    assert (found.scale, found.window.height, found.notes) == (1.0, 256, ())


@pytest.mark.parametrize(("diameter", "spacing"), [(15, 32), (140, 256)])
def test_other_nuclei_are_brought_to_the_typical_size(diameter, spacing):
    found = frame(discs(1024, diameter, spacing))
    assert found.scale == pytest.approx(60 / diameter, rel=0.1)
    assert found.window.height == pytest.approx(256 / found.scale, abs=1)
    assert "resampled" in found.notes[0]


def test_a_given_diameter_goes_before_a_given_pixel_size_before_what_is_measured():
    image = discs(1024, 60, 128)
    assert frame(image, nucleus_diameter_px=50.0, pixel_size_um=0.1).scale == pytest.approx(1.2)
    assert frame(image, pixel_size_um=0.1).scale == pytest.approx(0.5)


def test_nuclei_that_do_not_suit_the_model_are_pointed_out():
    assert any("do not trust" in note for note in frame(discs(1024, 20, 64), pixel_size_um=0.2).notes)


def test_the_nuclei_are_those_of_the_window_also_in_a_large_image():
    image = discs(1500, 60, 150)
    found = frame(image, centre=(1400.0, 300.0))
    assert found.nuclei.shape == (256, 256)
    np.testing.assert_allclose((found.nuclei > 0).mean(), image[found.window.slices].mean(), atol=0.03)
    overlap = (found.nuclei > 0) & (image[found.window.slices] > 0)
    assert overlap.sum() > 0.9 * image[found.window.slices].sum()


def test_a_window_larger_than_the_neighbourhood_is_refused():
    with pytest.raises(ImageError, match="window of 1280 x 1280"):
        frame(discs(1600, 60, 150), nucleus_diameter_px=300.0)
