import numpy as np
import pytest
from scipy import ndimage
from skimage.io import imread

from napari_celle.analysis.nuclei_statistics import STATISTICS, nuclei_statistics, quantile_ranges
from napari_celle.simulate import draw_field

Y, X = np.mgrid[:256, :256].astype(float)


def ellipse(y: float, x: float, *, height: float, width: float) -> np.ndarray:
    return ((Y - y) / height) ** 2 + ((X - x) / width) ** 2 <= 1


def soft(mask: np.ndarray, *, inside: float = 100.0, outside: float = 5.0) -> np.ndarray:
    return ndimage.gaussian_filter(np.where(mask, inside, outside), 0.8)


@pytest.fixture(scope="module")
def discs() -> np.ndarray:
    """Two whole discs of 60 px and half a one at the border."""
    return soft(sum(ellipse(y, x, height=30, width=30) for y, x in ((80, 80), (170, 170), (60, 255))) > 0)


def test_a_figure_for_every_statistic(discs: np.ndarray) -> None:
    assert set(nuclei_statistics(discs)) == set(STATISTICS)


def test_nuclei_at_the_border_count_half_and_are_left_out_of_the_shapes(discs: np.ndarray) -> None:
    figures = nuclei_statistics(discs)
    assert figures["nuclei"] == 2.5
    assert figures["diameter"] == pytest.approx(60, abs=1.5)
    assert figures["eccentricity"] < 0.15
    assert figures["solidity"] > 0.97


def test_an_ellipse_has_its_eccentricity() -> None:
    figures = nuclei_statistics(soft(ellipse(128, 128, height=24, width=40)))
    assert figures["eccentricity"] == pytest.approx(np.sqrt(1 - (24 / 40) ** 2), abs=0.02)


def test_a_dent_lowers_the_solidity() -> None:
    whole = ellipse(128, 128, height=36, width=36)
    dent = whole & ~ellipse(96, 128, height=20, width=14)
    assert nuclei_statistics(soft(dent))["solidity"] < nuclei_statistics(soft(whole))["solidity"] - 0.03


def test_the_background_is_relative_to_the_nuclei(discs: np.ndarray) -> None:
    figures = nuclei_statistics(discs)
    assert figures["background"] == pytest.approx(0.05, abs=0.005)
    assert figures["haze"] == pytest.approx(0.05, abs=0.005)


def test_unlike_nuclei_are_told_from_equal_ones() -> None:
    places = [(64, 64), (64, 190), (190, 64), (190, 190)]
    spreads = []
    for levels in ((100, 100, 100, 100), (70, 90, 110, 130)):
        light = sum(level * ellipse(y, x, height=25, width=25) for (y, x), level in zip(places, levels, strict=True))
        spreads.append(nuclei_statistics(ndimage.gaussian_filter(light + 2.0, 0.8))["unlike"])
    assert spreads[0] == pytest.approx(0, abs=0.01)
    assert spreads[1] == pytest.approx(np.std([70, 90, 110, 130]) / 100, abs=0.02)


def test_a_texture_is_the_spread_within_nuclei(discs: np.ndarray) -> None:
    noise = np.random.default_rng(0).normal(0, 10, discs.shape)
    assert nuclei_statistics(discs)["texture"] < 0.02
    assert nuclei_statistics(discs + noise)["texture"] == pytest.approx(0.1, abs=0.02)


def test_figures_do_not_depend_on_the_unit_of_brightness(discs: np.ndarray) -> None:
    first, other = nuclei_statistics(discs), nuclei_statistics(discs * 37.0)
    assert other == pytest.approx(first, rel=1e-3, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("slope", [-2.0, -3.5])
def test_the_slope_is_that_of_the_power(slope: float) -> None:
    frequency = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.rfftfreq(256)[None, :])
    frequency[0, 0] = 1.0
    white = np.fft.rfft2(np.random.default_rng(1).standard_normal((256, 256)))
    picture = np.fft.irfft2(white * frequency ** (slope / 2))
    assert nuclei_statistics(picture)["slope"] == pytest.approx(slope, abs=0.25)


def test_noise_adds_fine_power_and_blur_takes_it(discs: np.ndarray) -> None:
    noisy = discs + np.random.default_rng(0).normal(0, 5, discs.shape)
    fine = [nuclei_statistics(image)["fine"] for image in (ndimage.gaussian_filter(noisy, 1.5), discs, noisy)]
    assert fine[0] < fine[2]
    assert fine[1] < fine[2] / 3


def test_ranges_leave_out_fields_that_cannot_tell() -> None:
    rows = [dict.fromkeys(STATISTICS, float(value)) for value in range(101)]
    rows[7] = dict.fromkeys(STATISTICS, np.nan)
    assert quantile_ranges(rows)["diameter"] == pytest.approx((5, 95), abs=1)


def test_drawn_nuclei_range_wider_than_the_real_ones(shared) -> None:
    drawn = [nuclei_statistics(draw_field(np.random.default_rng((5, number))).nucleus) for number in range(100)]
    ranges = quantile_ranges(drawn, low=0.0, high=1.0)
    files = sorted((shared / "data/real_nuclei").glob("*_nucleus.png"))
    assert len(files) == 7
    for file in files:
        image = imread(file)
        figures = nuclei_statistics(image.max(axis=2) if image.ndim == 3 else image)
        for name, (low, high) in ranges.items():
            assert np.isnan(figures[name]) or low <= figures[name] <= high, (file.name, name)
