"""The pictures of docs/gallery: napari's window with each widget in use on cells drawn by the simulator.

Run it with ``make gallery``, or ``python examples/gallery.py --out folder [--only predict nuclei ...]``. It keeps out
of the user's settings and files: all that napari and the widgets write goes to a temporary folder.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import napari
    from qtpy.QtWidgets import QWidget

    from napari_celle.ui.compare.widget import CompareWidget
    from napari_celle.ui.predict.widget import PredictWidget

SIZE = (1400, 900)  # px of the window
COLOURS = 256  # of a picture: a PNG of so many is a third of one of all
LONGEST_WAIT = 300.0  # s
DRAWING_S = 0.5  # until all is drawn: the canvas draws when events are handled
EGFP, NLS = 0, 1  # records of the sample proteins
CLICKED = (0.5, 0.72)  # (y, x) of the image
RECTANGLE = ((0.08, 0.08), (0.56, 0.6))  # its corners, of the image
SIGNAL = "PKKKRKV\n>"  # at the end of its record
BRUSH = 9  # px
STEPS, WATCHED = 4, 0.75  # of a run that is watched: passes, and the part of them that is done


class Gallery:
    """Writes pictures of napari's window.

    Parameters
    ----------
    out : Path
        Folder of the pictures.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        out.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def viewer(self, *, theme: str = "dark") -> Iterator["napari.Viewer"]:
        """Open napari on the simulated cells, and close it again."""
        import napari
        from napari.settings import get_settings

        get_settings().appearance.theme = theme
        viewer = napari.Viewer(title="napari-celle")
        viewer.window.resize(*SIZE)
        viewer.open_sample("napari-celle", "simulated_cells")
        viewer.layers["simulated protein"].visible = False
        yield viewer
        viewer.close()
        settle()

    def take(self, viewer: "napari.Viewer", name: str, *, fit: bool = True, wait_s: float = DRAWING_S) -> None:
        """Write a picture of the whole window."""
        if fit:
            viewer.reset_view()
        settle(wait_s)
        self.write(viewer.screenshot(canvas_only=False, flash=False), name)

    def write(self, pixels: np.ndarray, name: str) -> None:
        """Write pixels, (Y, X, 3 or 4) uint8, as a PNG with few colours."""
        from PIL import Image

        path = self._out / f"{name}.png"
        picture = Image.fromarray(pixels[..., :3])
        picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(path, optimize=True)
        print(f"{path}   {path.stat().st_size / 1000:.0f} kB")


def predict(gallery: Gallery) -> None:
    """One window, a clicked nucleus, a picture while it is drawn, several draws."""
    with gallery.viewer() as viewer:
        dock = predict_dock(viewer)
        run(dock)
        text = dock.form.sequence.text
        text.reveal(text.toPlainText().index(SIGNAL) + 1)
        gallery.take(viewer, "predict-window")
        dock.keep.setCurrentText("Replace the last one")
        dock.form.place.kind.setCurrentText("A nucleus that I click")
        dock.form.place.click(world(viewer, *CLICKED))
        run(dock)
        gallery.take(viewer, "predict-nucleus")
    for scene in (watch, draws):  # each in a window of its own, where nothing else was drawn
        with gallery.viewer() as viewer:
            dock = predict_dock(viewer)
            dock.form.more.expand(animate=False)
            scene(gallery, viewer, dock)


def watch(gallery: Gallery, viewer: "napari.Viewer", dock: "PredictWidget") -> None:
    """Take a picture in the midst of a run of many steps."""
    more, bar = dock.form.more, dock.bar.bar
    more.steps.setValue(STEPS)
    more.watch.setChecked(True)
    foretold(dock)
    dock.run()
    wait_until(lambda: viewer.layers[-1].name.endswith("being drawn") and bar.value() > WATCHED * bar.maximum())
    gallery.take(viewer, "predict-watched", wait_s=0.1)
    wait_until(lambda: not dock.bar.is_running)


def draws(gallery: Gallery, viewer: "napari.Viewer", dock: "PredictWidget") -> None:
    """Show in a grid how often each pixel was drawn, where the draws differ, and the map."""
    dock.form.more.draws.setValue(8)
    run(dock)
    shown = [layer for layer in viewer.layers if layer.name.endswith(("PDF", "frequency", "entropy"))]
    for layer in viewer.layers:
        layer.visible = layer in shown
        layer.name_overlay.visible = layer in shown
    viewer.canvas.grid.stride, viewer.canvas.grid.enabled = 1, True
    viewer.fit_to_view(layers=[shown[0]])
    gallery.take(viewer, "predict-draws", fit=False)


def field(gallery: Gallery) -> None:
    """Predict a rectangle, then the whole image."""
    with gallery.viewer() as viewer:
        dock = predict_dock(viewer)
        add_rectangle(viewer)
        dock.form.place.kind.setCurrentText("A rectangle that I draw")
        run(dock)
        gallery.take(viewer, "predict-rectangle")
        viewer.layers.remove("Part to predict")
        dock.keep.setCurrentText("Replace the last one")
        dock.form.place.kind.setCurrentText("The whole image")
        run(dock)
        gallery.take(viewer, "predict-field")


def nuclei(gallery: Gallery) -> None:
    """Preview outlines, then find the nuclei and paint one more."""
    with gallery.viewer() as viewer:
        viewer.layers[0].colormap = "gray"
        viewer.layers.selection.active = viewer.layers[0]
        dock = open_dock(viewer, "Find nuclei")
        dock.fields.preview_box.setChecked(True)
        viewer.reset_view()  # the preview follows
        settle()
        wait_until(lambda: "looking" not in (dock.fields.preview_status.text() or "looking"))
        gallery.take(viewer, "nuclei-preview", fit=False)
        dock.run()
        wait_until(lambda: not dock.bar.is_running)
        paint(viewer)
        wait_until(lambda: "33" in dock.panel.figures.text())
        gallery.take(viewer, "nuclei-painted")


def paint(viewer: "napari.Viewer") -> None:
    """Paint a nucleus more, in the widest gap between those that are there."""
    from scipy.ndimage import distance_transform_edt

    mask = viewer.layers[-1]
    gaps = distance_transform_edt(np.pad(mask.data == 0, 1))[1:-1, 1:-1]
    row, column = np.unravel_index(int(gaps.argmax()), gaps.shape)
    mask.selected_label, mask.brush_size = int(mask.data.max()) + 1, BRUSH
    mask.mode = "paint"
    for angle in np.linspace(0, 2 * np.pi, 24):
        for radius in range(0, 16, 4):
            mask.paint((row + radius * np.sin(angle), column + 1.4 * radius * np.cos(angle)), mask.selected_label)
    viewer.layers.selection.active = mask


def compare(gallery: Gallery) -> None:
    """Compare the predictions of two proteins with the measured channel, four views."""
    with gallery.viewer() as viewer:
        dock = compared(viewer)
        dock.views.show_side()
        gallery.take(viewer, "compare-side-by-side", fit=False)
        dock.views.show_overlay()
        dock.tabs.setCurrentWidget(dock.plots)
        gallery.take(viewer, "compare-overlay", fit=False)
        dock.views.show_contours()
        dock.tabs.setCurrentWidget(dock.images)
        gallery.take(viewer, "compare-contours", fit=False)
        dock.views.show_difference()
        widen(dock, 470)
        choose_nucleus(dock)
        gallery.take(viewer, "compare-nucleus", fit=False)


def choose_nucleus(dock: "CompareWidget") -> None:
    """Sort the table of nuclei by the predicted nuclear fraction, and choose the highest that is whole."""
    from qtpy.QtCore import Qt

    dock.tabs.setCurrentWidget(dock.nuclei)
    table = dock.nuclei.table
    shown = table.model()
    headings = [shown.headerData(at, Qt.Orientation.Horizontal) for at in range(shown.columnCount())]
    table.sortByColumn(headings.index("Nuclear\npredicted"), Qt.SortOrder.DescendingOrder)
    at_border = [shown.index(row, headings.index("At\nborder")).data() for row in range(shown.rowCount())]
    table.selectRow(at_border.index(""))
    settle(2 * DRAWING_S)  # until the camera is there


def models(gallery: Gallery) -> None:
    """Show the weights that there are, one chosen that could be fetched."""
    with gallery.viewer() as viewer:
        dock = open_dock(viewer, "Models and devices")
        wait_until(lambda: len(dock.table.all) > 0)
        settle()
        widen(dock, 560)
        dock.table.choose("celle2-hpa-480")
        gallery.take(viewer, "models")


def preferences(gallery: Gallery) -> None:
    """Show the plugin's page of napari's preferences."""
    from napari._app_model import get_app_model
    from qtpy.QtCore import Qt
    from qtpy.QtWidgets import QApplication, QListWidget

    with gallery.viewer():
        get_app_model().commands.execute_command("napari.window.file.show_preferences_dialog")
        settle()
        (dialog,) = [top for top in QApplication.topLevelWidgets() if type(top).__name__ == "PreferencesDialog"]
        pages = dialog.findChild(QListWidget)
        pages.setCurrentItem(pages.findItems("CELL-E", Qt.MatchFlag.MatchStartsWith)[0])
        dialog.resize(900, 480)
        settle()
        gallery.write(pixels_of(dialog), "preferences")
        dialog.close()


def light(gallery: Gallery) -> None:
    """Predict and compare in napari's light theme."""
    with gallery.viewer(theme="light") as viewer:
        dock = predict_dock(viewer)
        run(dock)
        gallery.take(viewer, "light-predict")
    with gallery.viewer(theme="light") as viewer:
        dock = compared(viewer)
        dock.views.show_side()
        gallery.take(viewer, "light-compare", fit=False)


def open_dock(viewer: "napari.Viewer", name: str) -> Any:  # noqa: ANN401 - a widget of ours
    """Open a widget of the plugin."""
    _, widget = viewer.window.add_plugin_dock_widget("napari-celle", name)
    settle()
    return widget


def widen(widget: "QWidget", width: int) -> None:
    """Make a dock wider, in pixels."""
    from qtpy.QtCore import Qt
    from qtpy.QtWidgets import QDockWidget, QMainWindow

    window, dock = widget.window(), widget
    while not isinstance(dock, QDockWidget):
        dock = dock.parent()
    if isinstance(window, QMainWindow):
        window.resizeDocks([dock], [width], Qt.Orientation.Horizontal)


def predict_dock(viewer: "napari.Viewer", *, record: int = NLS) -> "PredictWidget":
    """Open the predict widget with a protein of the samples."""
    from napari_celle.ui.sample_data import PROTEINS

    dock: PredictWidget = open_dock(viewer, "Predict localization")
    wait_until(lambda: dock.form.model.name.count() > 0)
    dock.form.sequence.text.setPlainText(PROTEINS.read_text(encoding="utf-8"))
    dock.form.sequence.record.setCurrentIndex(record)
    return dock


def compared(viewer: "napari.Viewer") -> "CompareWidget":
    """Predict two proteins in the whole image, and compare them with the measured channel."""
    first = predict_dock(viewer)
    first.form.place.kind.setCurrentText("The whole image")
    for record in (NLS, EGFP):
        first.form.sequence.record.setCurrentIndex(record)
        run(first)
    viewer.window.remove_dock_widget(first)
    dock: CompareWidget = open_dock(viewer, "Compare with experiment")
    dock.fields.measured.setCurrentText("simulated protein")
    dock.compare()
    wait_until(lambda: not dock.bar.is_running)
    return dock


def run(dock: "PredictWidget") -> None:
    """Run a prediction, once the line below the button says what it will do."""
    foretold(dock)
    dock.run()
    wait_until(lambda: not dock.bar.is_running)
    dock.outlook.clear()  # it is looked at anew
    foretold(dock)


def foretold(dock: "PredictWidget") -> None:
    """Wait for the line below the button."""
    settle()
    wait_until(lambda: bool(dock.outlook.text()))
    settle()


def add_rectangle(viewer: "napari.Viewer") -> None:
    """Draw the rectangle that is to be predicted."""
    corners = np.array([world(viewer, *corner) for corner in RECTANGLE])
    viewer.add_shapes(
        corners,
        shape_type="rectangle",
        name="Part to predict",
        edge_color="yellow",
        face_color="transparent",
        edge_width=0.6,
        units=viewer.layers[0].units,
    )


def world(viewer: "napari.Viewer", *part: float) -> tuple[float, ...]:
    """Return the world position of a part of the image, (y, x) in [0, 1]."""
    image = viewer.layers[0]
    return tuple(image.data_to_world(np.array(part) * image.data.shape))


def pixels_of(widget: "QWidget") -> np.ndarray:
    """Return what a widget looks like, (Y, X, 4) uint8."""
    from napari._qt.utils import QImg2array

    return QImg2array(widget.grab().toImage())


def settle(seconds: float = DRAWING_S) -> None:
    """Let the window draw."""
    drawn = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > drawn)


def wait_until(is_done: Callable[[], bool]) -> None:
    """Let the window work until something is done."""
    from qtpy.QtWidgets import QApplication

    end = time.monotonic() + LONGEST_WAIT
    while not is_done():
        if time.monotonic() > end:
            raise TimeoutError(f"It took more than {LONGEST_WAIT:.0f} s.")
        QApplication.processEvents()
        time.sleep(0.01)


SCENES = {scene.__name__: scene for scene in (predict, field, nuclei, compare, models, preferences, light)}


def main() -> None:
    """Write all pictures, or those of some scenes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/gallery"), help="folder of the pictures")
    parser.add_argument("--only", nargs="+", choices=list(SCENES), default=list(SCENES), help="scenes to take")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            os.environ[variable] = home
        os.environ["NAPARI_CONFIG"] = str(Path(home) / "settings.yaml")
        for name in arguments.only:
            SCENES[name](Gallery(arguments.out))


if __name__ == "__main__":
    main()
