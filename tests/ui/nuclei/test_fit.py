import numpy as np
import pytest

from napari_celle.types import ModelInfo, Window
from napari_celle.ui.frames import Frame, LayerPlane
from napari_celle.ui.nuclei.fit import MaskQuestion, measure, say_size

INFO = ModelInfo("model", "", "", 0, 64, 0.2, (38.0, 60.0, 92.0))


@pytest.mark.parametrize(
    ("diameter", "scale", "text"),
    [
        (58.0, 1.0, "For model the nuclei are 58 px wide: fits."),
        (12.0, 5.0, "For model the image will be resampled by 5; the nuclei are then 60 px wide: fits."),
        (12.0, 1.0, "the nuclei are 12 px wide: it knows 38 to 92, so do not trust it here"),
    ],
)
def test_it_is_said_whether_nuclei_fit_and_how_the_image_is_resampled(diameter, scale, text):
    assert text in say_size(diameter, scale, INFO)


def test_an_image_unlike_the_training_is_told_with_what_to_do():
    rng = np.random.default_rng(0)
    labels = np.zeros((200, 200), np.int32)
    labels[60:120, 60:120] = 1
    planes = [
        LayerPlane(data, Frame((0, 1), (0, 0), {"units": ()}, sizes=(200, 200)))
        for data in (labels, rng.random((200, 200)))
    ]
    shown = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Frame, "pixel_size_um", None)
        question = MaskQuestion(planes[0], planes[1], Window(0, 0, 200, 200), lambda: (INFO,))
        said = measure(question, lambda *_: None, shown.append)
    assert shown == ["1 nucleus, median diameter 67.7 px, 0% cut by the border"]
    assert "Unlike the training: Nuclei hardly stand out." in said
