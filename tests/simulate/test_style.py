import numpy as np
import pytest

from napari_celle.simulate import FieldStyle
from napari_celle.simulate.style import between, between_log


def test_every_range_of_the_default_style_is_in_order():
    style = FieldStyle()
    for name in FieldStyle.__dataclass_fields__:
        value = getattr(style, name)
        if isinstance(value, tuple):
            assert value[0] <= value[1], name
        else:
            assert 0 <= value <= 1, name


@pytest.mark.parametrize("draw", [between, between_log])
def test_a_draw_stays_within_its_range(draw):
    rng = np.random.default_rng(0)
    drawn = [draw(rng, (40.0, 800.0)) for _ in range(200)]
    assert 40 <= min(drawn) < max(drawn) <= 800
    assert draw(rng, (3.0, 3.0)) == pytest.approx(3)


def test_a_log_scale_has_its_middle_at_the_geometric_mean():
    rng = np.random.default_rng(0)
    assert np.median([between_log(rng, (1.0, 100.0)) for _ in range(2000)]) == pytest.approx(10, rel=0.2)
