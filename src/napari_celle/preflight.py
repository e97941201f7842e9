"""What a run will do, said before it runs: how many windows, on which device, how long, how much memory."""

from dataclasses import dataclass

from napari_celle.device import check_memory, choose_device
from napari_celle.errors import CelleError
from napari_celle.models.footprint import Footprint, footprint
from napari_celle.models.registry import model_info
from napari_celle.options import filled
from napari_celle.run_times import RunTime, RunTimes
from napari_celle.sequence import clean, read_part
from napari_celle.types import ModelInfo, SamplingOptions


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a run will do, or why it cannot.

    Attributes
    ----------
    windows : int
        Windows that will be predicted.
    nuclei : int or None
        Nuclei in them; None if that is not known yet.
    device : str
        As torch names it; "" if there is none such.
    seconds : float or None
        About how long it takes; None if this model has not run on this device.
    memory : int
        Bytes that it takes at most at a time, on top of what the program holds already, about; 0 if it cannot run.
    text : str
        One line for the user: "3 nuclei, CPU, about 4 s, 0.9 GB", or the problem.
    problem : str
        Why it cannot run, and what to do; "" if it can.
    """

    windows: int
    nuclei: int | None
    device: str
    seconds: float | None
    memory: int
    text: str
    problem: str = ""


def check_run(
    sequence: str,
    *,
    model: str,
    windows: int = 1,
    nuclei: int | None = None,
    device: str = "auto",
    steps: int | None = None,
    is_loaded: bool = False,
    times: RunTimes | None = None,
) -> Preflight:
    """Say what a run will do; nothing is loaded, and no error of ours is raised: it becomes the ``problem``.

    Parameters
    ----------
    sequence : str
        As the user typed it.
    model : str
        Name or folder of a model.
    windows : int
        Windows to predict: one, or one for each nucleus of a field; 0 if there is no nucleus to look at.
    nuclei : int or None
        Nuclei in them.
    device : str
        "auto", or a device as torch names it.
    steps : int or None
        Decoding passes; None takes the model's default.
    is_loaded : bool
        The weights of the model are on the device already.
    times : RunTimes or None
        How long earlier runs took.
    """
    name = ""
    try:
        info = model_info(model)
        passes = filled(SamplingOptions(steps=steps), info.sampling).steps or 1
        residues = _residues(sequence, info)
        _check_windows(windows)
        name = choose_device(device).name
        memory = _memory(footprint(model), device=name, what=f"The model {info.name}", is_loaded=is_loaded)
    except CelleError as error:
        return Preflight(windows, nuclei, name, None, 0, str(error), problem=str(error))
    time = times.expect(info.name, device=name, steps=passes, residues=residues) if times else None
    parts = (_count(windows, nuclei), spoken_device(name), _duration(time, windows), f"{_gigabytes(memory)} GB")
    return Preflight(windows, nuclei, name, None if time is None else windows * time.seconds, memory, ", ".join(parts))


def spoken_device(name: str) -> str:
    """Return a device as one says it.

    Examples
    --------
    >>> spoken_device("cuda:1")
    'graphics card 1'
    """
    kind, _, number = name.partition(":")
    if kind == "cuda":
        return f"graphics card {number or 0}"
    return {"cpu": "CPU", "mps": "Apple graphics processor"}.get(kind, name)


def _residues(sequence: str, info: ModelInfo) -> int:
    if info.residues == 0:
        return 0
    start, stop = read_part(len(clean(sequence)), window=info.residues)
    return stop - start


def _check_windows(windows: int) -> None:
    if windows < 1:
        raise CelleError(
            "There is no nucleus to look at. Choose the nucleus channel, draw the nuclei, or choose one window."
        )


def _memory(model: Footprint, *, device: str, what: str, is_loaded: bool) -> int:
    """Return the bytes that are still to be taken; errors as :func:`napari_celle.device.check_memory`."""
    needed = model.working + (0 if is_loaded else model.weights)
    check_memory(needed, device=device, what=what)
    return needed


def _count(windows: int, nuclei: int | None) -> str:
    what = _plural(windows, "window") if nuclei is None else _plural(nuclei, "nucleus", "nuclei")
    return what if nuclei is None or nuclei == windows else f"{what} in {_plural(windows, 'window')}"


def _plural(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _duration(time: RunTime | None, windows: int) -> str:
    if time is None:
        return "first run: time unknown"
    seconds = windows * time.seconds
    long = f"{seconds / 60:.0f} min" if seconds >= 99.5 else f"{max(seconds, 1):.0f} s"
    return f"{'about' if time.is_known else 'at least'} {long}"


def _gigabytes(memory: int) -> str:
    return f"{max(memory / 1e9, 0.1):.1f}"
