import numpy as np
from matplotlib.figure import Figure as Canvas

from napari_celle.analysis.images.evaluation import ImagesAnswer, Measured
from napari_celle.analysis.images.pictures import FIGURES, Figure
from napari_celle.analysis.images.plots import write_plots
from napari_celle.analysis.images.report import COLUMNS
from napari_celle.analysis.images.report_rows import ReportRow


def test_each_figure_has_a_panel_with_a_line_a_row(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(Canvas, "savefig", lambda self, path, **_: drawn.append(self))
    records = tuple(dict.fromkeys(FIGURES, value) | {"pearson_map": np.nan} for value in (0.0, 1.0, 1.0))
    measured = (Measured("a", "model", records, {}), Measured("b", "baseline", records, {}))
    rows = tuple(each.row("data") for each in measured)
    figures = {"ssim": Figure(0.3, 0.1), "nuclear_accuracy": Figure(0.7, 0.5)}
    published = (
        ReportRow("CELL-E", "published", "other", figures, source="Table S.2, validation"),
        ReportRow("CELL-E", "published", "other", figures, source="Table S.2, train"),
        ReportRow("variant", "published", "other", figures, source="Table S.1, validation"),
    )
    answer = ImagesAnswer("data", measured, rows, {})
    write_plots(tmp_path / "figures.png", answer, (*rows, *published), heads=COLUMNS)
    panels = {axes.get_title(): axes for axes in drawn[0].axes if axes.get_title()}
    assert list(panels) == [COLUMNS[name] for name in FIGURES]
    lines = {title: [text.get_text() for text in axes.get_yticklabels()] for title, axes in panels.items()}
    assert lines["IoU"] == ["a", "b"]
    assert lines["SSIM"] == ["a", "b", "CELL-E (Table S.2, validation)"]
    assert panels["nuclear yes/no"].get_xlim()[1] < 1.1
