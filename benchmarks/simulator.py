"""How many fields with their nuclei and one protein picture the simulator draws in a second on one core.

Run it with ``OMP_NUM_THREADS=1 python benchmarks/simulator.py``. The first figure is by the clock; the second by the
processor's time, which does not count what other programs take.
"""

import argparse
import time

import numpy as np

from napari_celle.data.localization import draw_amounts
from napari_celle.data.proteins import LOCATIONS
from napari_celle.simulate import COMPARTMENTS, draw_field, draw_protein


def main() -> None:
    """Print fields per second, and the milliseconds of each compartment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fields", type=int, default=150)
    parser.add_argument("--size", type=int, default=256, help="edge in px")
    options = parser.parse_args()
    _draw(0, options.size)  # imports and tables
    clock, processor = time.perf_counter(), time.process_time()
    for number in range(options.fields):
        _draw(number, options.size)
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    print(f"{options.fields} fields of {options.size} x {options.size} px with one protein picture each:")
    print(f"{options.fields / clock:.1f} a second, {options.fields / processor:.1f} a second of processor time")
    for name in COMPARTMENTS:
        print(f"  {name:18} {1000 * _seconds(name, options.size):5.1f} ms")


def _draw(number: int, size: int) -> None:
    """Draw a field, and a protein of labels that go round, as training does."""
    rng = np.random.default_rng((0, number))
    labels = np.zeros(len(LOCATIONS), bool)
    labels[number % len(LOCATIONS)] = labels[0] = True
    draw_protein(draw_field(rng, size=size), draw_amounts(labels, rng), rng)


def _seconds(name: str, size: int) -> float:
    """Return the processor time of one picture of a compartment, without that of its field."""
    fields = [draw_field(np.random.default_rng((1, number)), size=size) for number in range(5)]
    start = time.process_time()
    for number, field in enumerate(fields):
        draw_protein(field, {name: 1.0}, np.random.default_rng(number))
    return (time.process_time() - start) / len(fields)


if __name__ == "__main__":
    main()
