"""Measure what a prediction costs on large layers: peak memory on 20,000 x 20,000 px, time and memory on a whole field.

``scripts/with-screen.sh .venv/bin/python benchmarks/large_layer.py``

Each case is a process of its own, so its peak is that of Python, torch, napari and the layer together. The window is
predicted by the dock in a viewer, on a lazy dask layer of drawn tiles, single and multiscale; the field of 600 x 600 px
by the library. That field is no part of the repository: NAPARI_CELLE_SHARED names the folder that has it in
``data/real_nuclei`` (default: ``shared`` beside the repository); without it one is drawn.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from prediction import peak_bytes

if TYPE_CHECKING:
    import dask.array as da
    import numpy as np

EDGE, CHUNK = 20_000, 1000  # px
LEVELS = 4
FIELD = "data/real_nuclei/opencell_celle1_demo_nucleus.png"
SEQUENCE = "MSKGEELFTGVVPILVELDGDVNGHKFSVSGEGEGDATYGKLTLKFICTTGKLPVPWPTLVTTFSYGVQCFSRYPDHMKQHDFFKSAMPEG"
GB = 1e9
SHOWN = "window of a lazy layer that is shown"
LIMITS: dict[str, tuple[float | None, float | None]] = {
    "window of a multiscale layer": (None, 1.5),
    "window of a lazy layer that is hidden": (None, 1.5),
    SHOWN: (None, None),
    "whole field": (25.0, 2.0),
}
"""For each case the most seconds of the prediction and the most GB of the process. A layer without levels that is shown
is read as a whole by napari, whatever is predicted."""


def window(home: Path, *, is_multiscale: bool, is_shown: bool) -> dict[str, Any]:
    """Predict one window in the middle of the view with the dock, in a viewer."""
    from ui_blocking import live_in

    live_in(home)
    import napari
    from event_loop import Heartbeat

    from napari_celle.ui.predict.place_box import VIEW_CENTRE
    from napari_celle.ui.predict.widget import PredictWidget

    viewer, beat = napari.Viewer(), Heartbeat()
    empty = peak_bytes()
    data = [tiles(2**k) for k in range(LEVELS)] if is_multiscale else tiles(1)
    where = {"contrast_limits": (0, 60_000), "scale": (0.2, 0.2), "units": ("um", "um")}
    viewer.add_image(data, name="nuclei", multiscale=is_multiscale, visible=is_shown, **where)
    viewer.scene.camera.center, viewer.scene.camera.zoom = (1000.0, 1000.0), 10.0
    beat.wait(1.0)
    with_layer = peak_bytes()
    widget = PredictWidget(viewer)
    viewer.window.add_dock_widget(widget)
    widget.form.place.kind.setCurrentText(VIEW_CENTRE)
    widget.form.sequence.text.setPlainText(SEQUENCE)
    beat.until(widget.bar.run_button.isEnabled)
    beat.wait(1.0)
    start = time.perf_counter()
    widget.bar.run_button.click()
    beat.until(lambda: not widget.bar.is_running)
    seconds = time.perf_counter() - start
    beat.wait(1.0)
    found = {
        "seconds": seconds,
        "bytes": peak_bytes(),
        "viewer alone, bytes": empty,
        "with the layer, bytes": with_layer,
        "layers": len(viewer.layers),
    }
    viewer.close()
    return found


def tiles(step: int) -> "da.Array":
    """Return a lazy (Y, X) uint16 layer: one drawn field over and over, every ``step``-th pixel of it."""
    import dask.array as da
    import numpy as np

    from napari_celle.simulate import draw_field

    tile = (60_000 * draw_field(np.random.default_rng(2), size=CHUNK // 2).nucleus).astype(np.uint16)
    block = np.tile(tile, (2, 2))[::step, ::step]
    chunks = ((len(block),) * (EDGE // CHUNK),) * 2
    return da.map_blocks(lambda block_info=None: block.copy(), chunks=chunks, dtype=np.uint16)


def whole_field() -> dict[str, Any]:
    """Predict all nuclei of a field of 600 x 600 px, on the CPU."""
    from napari_celle.native import load_torch

    load_torch()  # as the dock does
    import torch

    from napari_celle.field import predict_field
    from napari_celle.field_types import FieldRequest
    from napari_celle.predict import DEFAULT_MODEL, Predictor

    image, name = real_field()
    predictor = Predictor.load(DEFAULT_MODEL, device="cpu")
    start, computed = time.perf_counter(), time.process_time()
    found = predict_field(predictor, FieldRequest(SEQUENCE, image))
    seconds, computed = time.perf_counter() - start, time.process_time() - computed
    nuclei = int(found.nuclei.max())
    return {
        "seconds": seconds,
        "seconds of all cores": round(computed, 1),
        "threads": torch.get_num_threads(),
        "bytes": peak_bytes(),
        "nuclei": nuclei,
        "windows": len(found.windows),
        "image": name,
    }


def real_field() -> "tuple[np.ndarray, str]":
    """Return a field of nuclei and where it comes from."""
    import numpy as np
    from PIL import Image

    from napari_celle.simulate import draw_field

    shared = Path(os.environ.get("NAPARI_CELLE_SHARED") or Path(__file__).parents[2] / "shared")
    if (shared / FIELD).is_file():
        return np.asarray(Image.open(shared / FIELD).convert("L")), Path(FIELD).name
    return draw_field(np.random.default_rng(2), size=600).nucleus, "drawn"


def measure(case: str) -> dict[str, Any]:
    """Measure one case in this process."""
    if case == "whole field":
        return whole_field()
    with TemporaryDirectory(ignore_cleanup_errors=True) as home:
        return window(Path(home), is_multiscale="multiscale" in case, is_shown="hidden" not in case)


def tell(case: str, found: dict[str, Any]) -> str:
    """Return a line with the figures of a case, and whether they are within the limits."""
    seconds, most = found.pop("seconds"), found.pop("bytes") / GB
    longest, largest = LIMITS[case]
    limits = [f"at most {limit:g} {unit}" for limit, unit in ((longest, "s"), (largest, "GB")) if limit is not None]
    kept = seconds <= (longest or seconds) and most <= (largest or most)
    verdict = [", ".join(limits), "kept" if kept else "NOT KEPT"] if limits else ["no limit"]
    rest = [f"{name} {f'{value / GB:.2f} G' if 'bytes' in name else value}" for name, value in found.items()]
    return f"{case}: {seconds:.1f} s, peak {most:.2f} GB; {': '.join(verdict)} ({', '.join(rest)})"


def main() -> None:
    """Print what was measured, one process after another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=LIMITS, help="measure this one here, and print JSON")
    case = parser.parse_args().case
    if case:
        print(json.dumps(measure(case)))
        return
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    for name in LIMITS:
        words = [sys.executable, __file__, "--case", name]
        done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
        print(tell(name, json.loads(done.stdout.splitlines()[-1])), flush=True)


if __name__ == "__main__":
    main()
