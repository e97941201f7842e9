"""GFP, and GFP with a nuclear localization signal: numbers and files from the library, then the same in napari.

Run it with ``python examples/demo.py``. The window stays open, unless there is nobody to look at it: with
``--screenshot-only``, and on the virtual screen of xvfb-run, it closes once its picture is taken.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from napari_celle.files.results import write_prediction
from napari_celle.predict import DEFAULT_MODEL, Predictor
from napari_celle.sequence import fuse
from napari_celle.types import PredictionRequest, SamplingOptions
from napari_celle.ui.sample_data import simulated_cells

if TYPE_CHECKING:
    import napari

GFP = (
    "MSKGEELFTGVVPILVELDGDVNGHKFSVSGEGEGDATYGKLTLKFICTTGKLPVPWPTLVTTFSYGVQCFSRYPDHMKQHDFFKSAMPEGYVQERTI"
    "FFKDDGNYKTRAEVKFEGDTLVNRIELKGIDFKEDGNILGHKLEYNYNSHNVYIMADKQKNGIKVNFKIRHNIEDGSVQLADHYQQNTPIGDGPVLLP"
    "DNHYLSTQSALSKDPNEKRDHMVLLEFVTAAGITHGMDELYK"
)
NUCLEOPLASMIN_NLS = "KRPAATKKAGQAKKKK"
PROTEINS = {"GFP": GFP, "GFP-NLS": fuse(GFP, NUCLEOPLASMIN_NLS)}
SEED = 1
LONGEST_WAIT = 120.0  # s


def predict(*, model: str, out: Path) -> None:
    """Predict both proteins in the same cells, print how much lies in the nuclei, and write the files."""
    nucleus, layer, _ = simulated_cells()[0]
    predictor = Predictor.load(model)
    for name, sequence in PROTEINS.items():
        request = PredictionRequest(
            sequence=sequence,
            nucleus=nucleus,
            sampling=SamplingOptions(seed=SEED),
            pixel_size_um=layer["scale"][0],
        )
        prediction = predictor(request)
        files = write_prediction(prediction, folder=out, stem=name)
        print(f"{name:8} nuclear fraction {prediction.nuclear_fraction:.3f}   {files['overlay']}")


def show(*, model: str, picture: Path) -> "napari.Viewer":
    """Open napari, predict through the dock widget as a user would, and take a picture of the window."""
    import napari

    viewer = napari.Viewer(title="napari-celle")
    viewer.window.resize(1400, 900)
    viewer.open_sample("napari-celle", "simulated_cells")
    viewer.layers["simulated protein"].visible = False
    _, widget = viewer.window.add_plugin_dock_widget("napari-celle", "Predict localization")
    form, bar = widget.form, widget.bar
    wait_until(lambda: form.model.name.count() > 0)
    form.model.name.setCurrentText(model)
    form.nucleus.setCurrentText("simulated nucleus")
    form.more.seed.setValue(SEED)
    form.sequence.text.setPlainText(f">GFP-NLS\n{PROTEINS['GFP-NLS']}")
    bar.run_button.click()
    wait_until(lambda: not bar.is_running and len(viewer.layers) > 2)
    viewer.reset_view()
    drawn = time.monotonic() + 0.5  # s; the canvas draws when events are handled
    wait_until(lambda: time.monotonic() > drawn)
    viewer.screenshot(str(picture), canvas_only=False, flash=False)
    print(f"napari   {bar.status.text().splitlines()[0]}   {picture}")
    return viewer


def wait_until(is_done: Callable[[], bool]) -> None:
    """Let the window work until something is done."""
    from qtpy.QtWidgets import QApplication

    end = time.monotonic() + LONGEST_WAIT
    while not is_done():
        if time.monotonic() > end:
            raise TimeoutError(f"The prediction took more than {LONGEST_WAIT:.0f} s.")
        QApplication.processEvents()
        time.sleep(0.01)


def main() -> None:
    """Do all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out/demo"), help="folder for the files")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="name of the model")
    parser.add_argument("--screenshot-only", action="store_true", help="close the window once its picture is taken")
    arguments = parser.parse_args()
    predict(model=arguments.model, out=arguments.out)
    viewer = show(model=arguments.model, picture=arguments.out / "napari.png")
    if arguments.screenshot_only or "xvfb-run" in os.environ.get("XAUTHORITY", ""):
        viewer.close()
        return
    import napari

    napari.run()


if __name__ == "__main__":
    main()
