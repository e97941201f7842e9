import numpy as np
import pytest

from napari_celle.analysis.images.baselines import learn_baselines


def test_the_label_blind_baseline_learns_what_is_bright_near_nuclei():
    nuclei = np.zeros((8, 8), bool)
    nuclei[2:5, 2:5] = True
    baselines = learn_baselines([(nuclei, nuclei)])
    elsewhere = np.roll(nuclei, 2, axis=1)
    threshold, heatmap = baselines["label-blind"](elsewhere)
    np.testing.assert_array_equal(threshold, elsewhere)
    assert heatmap.min() >= 0
    assert heatmap.max() <= 1
    np.testing.assert_array_equal(baselines["mean picture"](elsewhere)[0], nuclei)
    assert not baselines["all dark"](elsewhere)[0].any()


@pytest.mark.parametrize("value", [False, True], ids=["no nucleus", "nothing but nucleus"])
def test_baselines_can_be_learned_from_pictures_without_an_edge(value):
    plain = np.full((8, 8), value)
    for picture in learn_baselines([(plain, plain)]).values():
        assert picture(plain)[1].shape == (8, 8)


def test_the_mean_picture_is_that_of_the_windows_that_reach_there():
    wide, small = np.ones((8, 8), bool), np.zeros((4, 8), bool)
    mean = learn_baselines([(wide, wide), (small, small)])["mean picture"]
    np.testing.assert_array_equal(mean(np.zeros((8, 8)))[1][:, 0], [0.5] * 4 + [1] * 4)
    np.testing.assert_array_equal(mean(np.zeros((2, 9)))[1][0], [0.5] * 8 + [0])
