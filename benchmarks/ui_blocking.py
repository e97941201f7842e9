"""Measure how long the window does not answer while it predicts, finds nuclei, compares, downloads and is typed into.

``scripts/with-screen.sh .venv/bin/python benchmarks/ui_blocking.py --rounds 3``

Every round is a process of its own, a viewer with a drawn field of 600 x 600 px, so the first use of everything is part
of it. What becomes of an answer in the viewer has a line of its own; what napari alone needs for such layers, too.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from event_loop import Heartbeat
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QPlainTextEdit

    from napari_celle.ui.run_bar import RunBar

Made = TypeVar("Made")
Call = Callable[..., object]

EDGE = 600
RESIDUES, KEYS = 30_000, 30
STEPS = 8
FILE_MB = 50
AFTER = 1.5  # seconds in which what follows an answer is watched
FIGURES = {
    "longest, ms": "longest_ms",
    "of that computed": "own_ms",
    "waited for a core": "queued_ms",
    "longest but for waiting": "undisturbed_ms",
    "99 %, ms": "percentile_99_ms",
}
ALONE = "napari alone: adds the same layers"


def measure(home: Path, *, traces: bool) -> dict[str, dict[str, float]]:
    """Do everything once in a viewer; return what was measured of each thing, for JSON.

    Parameters
    ----------
    home : Path
        Folder for all that would go to the user's.
    traces : bool
        Write where all threads are whenever the window does not answer for too long.
    """
    live_in(home)
    import napari
    from event_loop import Heartbeat

    viewer = napari.Viewer()
    beat = Heartbeat(traces=traces)
    _draw(viewer)
    beat.begin("opening the viewer")
    beat.wait(6 * AFTER)
    beat.begin("doing nothing")
    beat.wait(2 * AFTER)
    for part in (_predict, _alone, _nuclei, _compare, _models):
        beat.begin(f"importing for{part.__name__.replace('_', ' ')}")
        part(beat, viewer, home)
    found = {what: asdict(blocks) for what, blocks in beat.found().items()}
    viewer.close()
    return found


def live_in(home: Path) -> None:
    """Keep what is written, settings and weights and caches, out of the user's folders."""
    folders = {"XDG_CACHE_HOME": "cache", "XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data"}
    for variable, name in {**folders, "NAPARI_CELLE_WEIGHTS": "weights", "NAPARI_CONFIG": "napari.yaml"}.items():
        os.environ[variable] = str(home / name)


def _draw(viewer: "Viewer") -> None:
    import numpy as np

    from napari_celle.simulate import draw_field, draw_protein

    rng = np.random.default_rng(2)
    field = draw_field(rng, size=EDGE)
    where = {"scale": (0.2, 0.2), "units": ("um", "um")}
    viewer.add_image(field.nucleus, name="nucleus", **where)
    viewer.add_image(draw_protein(field, {"nucleoplasm": 0.4, "cytosol": 0.6}, rng), name="protein", **where)


def _dock(beat: "Heartbeat", viewer: "Viewer", widget: Callable[[], Made], title: str) -> Made:
    beat.begin(f"opening {title}")
    made = widget()
    viewer.window.add_dock_widget(made, name=title, tabify=True)
    beat.wait(0.1)
    beat.begin(f"opening {title}: what follows")
    beat.wait(AFTER)
    return made


def _run(beat: "Heartbeat", bar: "RunBar", what: str, then: str = "its layers") -> None:
    """Press Run, and watch the job, and after it what its answer does."""
    from event_loop import Listener

    start, listeners = bar.start, []

    def begin(call: Call, take: Call, *, watch: Call | None = None, finish: Call | None = None) -> None:
        listener = Listener(beat, what, f"{what}: {then}", take=take, watch=watch)
        listeners.append(listener)
        start(call, listener.take, watch=watch and listener.show, finish=finish)

    bar.start = begin  # type: ignore[method-assign]
    beat.until(bar.run_button.isEnabled)
    beat.begin(what)
    bar.run_button.click()
    beat.until(lambda: not bar.is_running)
    beat.wait(AFTER)
    del bar.start


def _predict(beat: "Heartbeat", viewer: "Viewer", home: Path) -> None:
    from napari_celle.ui.predict.place_box import FIELD, IMAGE_CENTRE
    from napari_celle.ui.predict.widget import PredictWidget

    widget = _dock(beat, viewer, partial(PredictWidget, viewer), "Predict")
    beat.until(lambda: widget.form.model.info is not None)
    beat.wait(AFTER)
    _type(beat, widget.form.sequence.text)
    widget.form.sequence.text.setPlainText(">GFP\n" + _protein(238))
    beat.begin("forecast of the first run")
    beat.wait(AFTER)
    _run(beat, widget.bar, "predicting a window, the first time")
    _run(beat, widget.bar, "predicting a window")
    widget.form.more.watch.setChecked(True)
    widget.form.more.steps.setValue(STEPS)
    _run(beat, widget.bar, f"watching {STEPS} steps")
    widget.form.more.steps.setValue(0)
    widget.form.place.kind.setCurrentText(FIELD)
    beat.begin("forecast of a field")
    beat.wait(AFTER)
    _run(beat, widget.bar, f"predicting {EDGE} x {EDGE} px")
    widget.form.place.kind.setCurrentText(IMAGE_CENTRE)


def _type(beat: "Heartbeat", text: "QPlainTextEdit") -> None:
    """Paste a long protein, and type on."""
    from qtpy.QtTest import QTest

    beat.begin(f"pasting {RESIDUES:,} residues")
    text.setFocus()
    text.insertPlainText(_protein(RESIDUES))
    beat.wait(AFTER)
    beat.begin(f"typing after {RESIDUES:,} residues")
    for at in range(KEYS):
        QTest.keyClick(text, "ACDEFGHIKL"[at % 10])
        beat.wait(0.05 if at % 10 else 0.4)  # now and then a pause, in which the marks are found
    beat.wait(AFTER)


def _protein(length: int) -> str:
    import numpy as np

    from napari_celle.sequence import AMINO_ACIDS

    return "M" + "".join(np.random.default_rng(0).choice(list(AMINO_ACIDS), length - 1))


def _alone(beat: "Heartbeat", viewer: "Viewer", home: Path) -> None:
    """Add what the last prediction added once more, with napari alone."""
    from napari.layers import Layer

    layers = list(viewer.layers)[-3:]
    again = [layer.as_layer_data_tuple() for layer in layers]
    beat.begin(ALONE)
    for data, meta, kind in again:
        viewer.add_layer(Layer.create(data, meta, kind))
    beat.wait(AFTER)
    beat.begin("napari alone: takes them away")
    for layer in list(viewer.layers)[-3:]:
        viewer.layers.remove(layer)
    beat.wait(AFTER)


def _nuclei(beat: "Heartbeat", viewer: "Viewer", home: Path) -> None:
    from napari_celle.ui.nuclei.widget import NucleiWidget

    widget = _dock(beat, viewer, partial(NucleiWidget, viewer), "Find nuclei")
    beat.begin("preview of the nuclei: its layer")
    widget.fields.preview_box.setChecked(True)
    beat.until(lambda: widget.fields.preview_status.text().startswith("Preview: ") and _has_preview(viewer))
    beat.wait(AFTER)
    beat.begin("preview follows the view")
    for zoom in (1.1, 1.2, 1.3):
        viewer.scene.camera.zoom *= zoom
        beat.wait(AFTER)
    _run(beat, widget.bar, "finding the nuclei", "its layer")


def _has_preview(viewer: "Viewer") -> bool:
    return "nuclei preview" in [layer.name for layer in viewer.layers]


def _compare(beat: "Heartbeat", viewer: "Viewer", home: Path) -> None:
    from napari_celle.ui.compare.widget import CompareWidget

    widget = _dock(beat, viewer, partial(CompareWidget, viewer), "Compare")
    for layer in viewer.layers:
        if layer.name == "protein":
            widget.fields.measured.choose(layer)
    _run(beat, widget.bar, f"comparing {len(widget.fields.predictions.checked)}", "its numbers")


def _models(beat: "Heartbeat", viewer: "Viewer", home: Path) -> None:
    from napari_celle.ui.models.widget import ModelsWidget

    with _site(home):
        widget = _dock(beat, viewer, partial(ModelsWidget, viewer), "Models")
        beat.until(lambda: bool(widget.table.all))
        widget.table.choose("cellpose")
        _run(beat, widget.bar, f"downloading {FILE_MB} MB", "its row")


@contextmanager
def _site(home: Path) -> Iterator[None]:
    """Serve a file that passes for the weights of cellpose, from a process of its own."""
    import torch

    from napari_celle.models.checkpoints.catalogue import read_registry

    card = read_registry()["others"]["cellpose"]
    folder = home / "site" / card["repo"] / "resolve" / "main"
    folder.mkdir(parents=True)
    torch.save({"W2": torch.ones(FILE_MB * 250_000)}, folder / card["file"])
    words = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(home / "site")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        line = server.stdout.readline() if server.stdout else ""
        os.environ["HF_ENDPOINT"] = f"http://127.0.0.1:{line.split(' port ')[1].split()[0]}"
        try:
            yield
        finally:
            server.terminate()


def rounds(count: int, *, traces: bool) -> list[dict[str, dict[str, float]]]:
    """Measure in that many fresh processes, one after another."""
    words = [sys.executable, __file__, "--json", *(["--traces"] if traces else [])]
    return [json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)[0] for _ in range(count)]


def table(found: list[dict[str, dict[str, float]]]) -> str:
    """Return the rounds as a Markdown table: best and median of the longest blocks, and the rest of the best round."""
    head = ["what", *FIGURES, "> 100 ms", "s", "median of the rounds, ms"]
    lines = [f"| {' | '.join(head)} |", "| --- |" + " ---: |" * (len(head) - 1)]
    for what in found[0]:
        each = [one[what] for one in found]
        best = min(each, key=lambda blocks: blocks["longest_ms"])
        middle = statistics.median(blocks["longest_ms"] for blocks in each)
        figures = [f"{best[name]:.0f}" for name in FIGURES.values()]
        lines.append(f"| {what} | {' | '.join(figures)} | {best['over']:.0f} | {best['seconds']:.1f} | {middle:.0f} |")
    return "\n".join(lines)


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="a list with one object for each round, nothing else")
    parser.add_argument("--traces", action="store_true", help="tell where all threads are when a block is too long")
    options = parser.parse_args()
    if options.rounds > 1:
        found = rounds(options.rounds, traces=options.traces)
    else:
        with TemporaryDirectory(ignore_cleanup_errors=True) as home:
            found = [measure(Path(home), traces=options.traces)]
    if options.json:
        print(json.dumps(found))
        return
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print(table(found))


if __name__ == "__main__":
    main()
