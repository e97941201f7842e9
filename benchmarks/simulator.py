"""Measure the simulator and show what it draws.

``python benchmarks/simulator.py speed``
    fields with their nuclei and one protein picture a second, on one core (set ``OMP_NUM_THREADS=1``)
``python benchmarks/simulator.py nuclei --real FOLDER --plot FILE --picture FILE``
    figures of real and of drawn nuclei as a Markdown table, as a plot, and the pictures themselves side by side
``python benchmarks/simulator.py pictures --into FOLDER``
    the drawn pictures of docs/simulator.md
"""

import argparse
import time
from pathlib import Path

import numpy as np
from simulator_nuclei import compare_nuclei
from simulator_pictures import write_pictures

from napari_celle.data.localization import draw_amounts
from napari_celle.data.proteins import LOCATIONS
from napari_celle.simulate import COMPARTMENTS, draw_field, draw_protein


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    speed = commands.add_parser("speed")
    speed.add_argument("--fields", type=int, default=150)
    speed.add_argument("--size", type=int, default=256, help="edge in px")
    nuclei = commands.add_parser("nuclei")
    nuclei.add_argument("--real", type=Path, help="folder of real nucleus pictures, *_nucleus.png")
    nuclei.add_argument("--fields", type=int, default=300, help="drawn in each style")
    nuclei.add_argument("--plot", type=Path, help="PNG to write")
    nuclei.add_argument("--picture", type=Path, help="PNG to write: real pictures above drawn ones")
    pictures = commands.add_parser("pictures")
    pictures.add_argument("--into", type=Path, required=True)
    options = parser.parse_args()
    if options.command == "speed":
        measure_speed(options.fields, options.size)
    elif options.command == "nuclei":
        compare_nuclei(options.real, fields=options.fields, plot=options.plot, picture=options.picture)
    else:
        write_pictures(options.into)


def measure_speed(fields: int, size: int) -> None:
    """Print fields a second, by the clock and by the processor's time, which leaves out what other programs take."""
    _draw(0, size)  # imports and tables
    clock, processor = time.perf_counter(), time.process_time()
    for number in range(fields):
        _draw(number, size)
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    print(f"{fields} fields of {size} x {size} px with one protein picture each:")
    print(f"{fields / clock:.1f} a second, {fields / processor:.1f} a second of processor time")
    for name in COMPARTMENTS:
        print(f"  {name:18} {1000 * _seconds(name, size):5.1f} ms")


def _draw(number: int, size: int) -> None:
    """Draw a field, and a protein of labels that go round, as training does."""
    rng = np.random.default_rng((0, number))
    labels = np.zeros(len(LOCATIONS), bool)
    labels[number % len(LOCATIONS)] = labels[0] = True  # the first one, so that there is one that can be drawn
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
