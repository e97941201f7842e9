import numpy as np
import pytest
from roifile import roiread

from napari_celle.analysis.comparison.contours import contour_ladder, outlines
from napari_celle.analysis.comparison.rois import write_rois
from napari_celle.errors import OutputError
from napari_celle.types import Window

WINDOW = Window(100, 7, 64, 64)


def by_name(path):
    return {roi.name: roi for roi in roiread(path)}


def test_polygons_come_back_where_they_were(tmp_path, cells):
    count = write_rois(tmp_path / "new" / "cells.zip", nuclei=cells, window=WINDOW)
    rois = by_name(tmp_path / "new" / "cells.zip")
    assert count == 3
    assert list(rois) == ["nucleus 0004", "nucleus 0009", "nucleus 0030"]
    for label, (polygon,) in outlines(cells).items():
        back = rois[f"nucleus {label:04d}"].coordinates()[:, ::-1] - 0.5 - (WINDOW.y, WINDOW.x)
        np.testing.assert_allclose(back, polygon[:-1], atol=1e-4)


def test_a_contour_in_parts_is_one_region(tmp_path, cells):
    heatmap = np.isin(cells, (4, 30)) * 1.0
    heatmap[30, 20] = 0  # a hole
    contours = contour_ladder(heatmap)
    write_rois(tmp_path / "cells.zip", nuclei=np.zeros((64, 64), int), contours=contours, window=WINDOW)
    rois = by_name(tmp_path / "cells.zip")
    assert list(rois) == ["PDF 50 %", "PDF 80 %", "PDF 95 %"]
    for contour in contours:
        parts = rois[f"PDF {100 * contour.mass:g} %"].coordinates(multi=True)
        assert len(parts) == len(contour.polygons) == 3
        for part, polygon in zip(parts, contour.polygons, strict=True):
            np.testing.assert_allclose(part[:, ::-1] - 0.5 - (WINDOW.y, WINDOW.x), polygon, atol=1e-4)


def test_a_file_is_replaced(tmp_path, cells):
    for labels in (cells, np.where(cells == 9, 9, 0)):
        write_rois(tmp_path / "cells.zip", nuclei=labels, window=WINDOW)
    assert list(by_name(tmp_path / "cells.zip")) == ["nucleus 0009"]


def test_the_region_has_the_box_of_its_points(tmp_path, cells):
    write_rois(tmp_path / "cells.zip", nuclei=np.where(cells == 4, 4, 0), window=Window(0, 0, 64, 64))
    (roi,) = by_name(tmp_path / "cells.zip").values()
    rows, columns = np.nonzero(cells == 4)
    assert abs(roi.top - rows.min()) <= 1
    assert abs(roi.right - columns.max()) <= 2


def test_nothing_to_write_is_said(tmp_path):
    with pytest.raises(OutputError, match="no nuclei and no contours"):
        write_rois(tmp_path / "cells.zip", nuclei=np.zeros((5, 5), int), window=WINDOW)


def test_a_place_that_cannot_be_written_is_named(tmp_path, cells):
    with pytest.raises(OutputError, match="cannot be written"):
        write_rois(tmp_path, nuclei=cells, window=WINDOW)
