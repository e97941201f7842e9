"""What a run does when memory runs out: freed, half precision, CPU, and each step is said."""

import gc
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from napari_celle import fallback
from napari_celle.ensemble import predict_ensemble
from napari_celle.errors import Cancelled, ImageError, OutOfMemory
from napari_celle.fallback import Keeper, Place
from napari_celle.field import predict_field
from napari_celle.field_types import FieldRequest
from napari_celle.predict import Predictor
from napari_celle.simulate import draw_field
from napari_celle.types import PredictionRequest

CARD, HALF, CPU, CPU_HALF = Place("cuda:0"), Place("cuda:0", "bfloat16"), Place("cpu"), Place("cpu", "bfloat16")
CUDA = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
LINUX = RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes")


@pytest.fixture(scope="module")
def nucleus():
    return draw_field(np.random.default_rng(3), size=256).nucleus


@pytest.fixture(scope="module")
def prediction(nucleus):
    return Predictor.load("tiny", device="cpu")(PredictionRequest("MSKGEELFTG", nucleus))


class Computer:
    """A computer with a graphics card; models have room at ``roomy`` places only. ``asked`` has the places tried."""

    def __init__(self, prediction):
        self.prediction, self.roomy, self.asked, self.loads = prediction, set(), [], []
        self.device, self.half = "cuda:0", "bfloat16"
        self.errors = {"cuda:0": CUDA, "cpu": LINUX}

    def load(self, name, place, on_step):
        self.loads.append(place)
        return SimpleNamespace(place=place, name=name)

    def ask(self, predictor, on_step):
        self.asked.append(predictor.place)
        if predictor.place not in self.roomy:
            raise self.errors[predictor.place.device].with_traceback(None)
        return self.prediction


@pytest.fixture
def computer(monkeypatch, prediction):
    computer = Computer(prediction)
    monkeypatch.setattr(fallback, "_load", computer.load)
    monkeypatch.setattr(fallback, "choose_device", lambda wish: SimpleNamespace(name=computer.device))
    monkeypatch.setattr(fallback, "half_precision", lambda device: computer.half)
    monkeypatch.setattr(fallback, "gc", SimpleNamespace(collect=lambda: 0))  # the real one takes long among tests
    return computer


def test_with_memory_enough_nothing_is_said(computer, prediction):
    computer.roomy = {CARD}
    assert Keeper().answer("tiny", computer.ask).notes == prediction.notes
    assert computer.asked == [CARD]


def test_first_memory_is_freed_and_the_run_repeated(computer, prediction, monkeypatch):
    freed = []
    monkeypatch.setattr(fallback, "clear_cache", lambda: freed.append(len(computer.asked)) or computer.roomy.add(CARD))
    answer = Keeper().answer("tiny", computer.ask)
    assert (computer.asked, computer.loads, freed) == ([CARD, CARD], [CARD], [1])
    assert answer.notes[0] == "Graphics card 0 ran out of memory; some was freed, and the run repeated."
    assert answer.notes[1:] == prediction.notes


def test_then_half_precision_is_tried(computer):
    computer.roomy = {HALF}
    answer = Keeper().answer("tiny", computer.ask)
    assert computer.asked == [CARD, CARD, HALF]
    assert answer.notes[0].startswith("Graphics card 0 ran out of memory: predicted with half precision (bfloat16)")


@pytest.mark.parametrize(("half", "asked"), [("bfloat16", [CARD, CARD, HALF, CPU]), (None, [CARD, CARD, CPU])])
def test_then_the_cpu_and_half_precision_only_where_the_device_has_it(computer, half, asked):
    computer.roomy, computer.half = {CPU}, half
    answer = Keeper().answer("tiny", computer.ask)
    assert computer.asked == asked
    assert answer.notes[0] == "Graphics card 0 ran out of memory: predicted on the CPU instead."


def test_if_nothing_helps_one_line_says_what_was_tried(computer):
    with pytest.raises(OutOfMemory) as caught:
        Keeper().answer("tiny", computer.ask)
    assert computer.asked == [CARD, CARD, HALF, CPU, CPU_HALF]
    assert str(caught.value) == (
        "The CPU with half precision ran out of memory. Close other programs, or choose a smaller model. Tried: "
        "graphics card 0, graphics card 0 with half precision, CPU, CPU with half precision."
    )


def test_a_model_that_has_no_room_to_be_loaded_falls_back_too(computer, monkeypatch):
    def load(name, place, on_step):
        if place.device != "cpu":
            raise OutOfMemory("The model tiny needs about 3.0 GB of memory, but cuda:0 has 2.0 GB free.")
        return computer.load(name, place, on_step)

    monkeypatch.setattr(fallback, "_load", load)
    computer.roomy = {CPU}
    assert Keeper().answer("tiny", computer.ask).notes[0].endswith("predicted on the CPU instead.")
    assert computer.loads == [CPU]


def test_what_worked_is_kept_for_the_next_run_and_said_again(computer):
    keeper = Keeper()
    computer.roomy = {CPU}
    first = keeper.answer("tiny", computer.ask)
    computer.asked.clear()
    assert keeper.answer("tiny", computer.ask).notes == first.notes
    assert computer.asked == [CPU]
    assert keeper.loaded == ("tiny", CPU)
    assert computer.loads == [CARD, HALF, CPU]


def test_another_model_begins_at_the_top(computer):
    keeper = Keeper()
    computer.roomy = {CPU}
    keeper.answer("tiny", computer.ask)
    computer.roomy = {CARD}
    assert keeper.answer("tiny-celle2", computer.ask).notes == computer.prediction.notes


@pytest.mark.parametrize("forget", [Keeper.unload, Keeper.forget, lambda keeper: keeper.move_to("cuda:0")])
def test_freeing_memory_or_choosing_a_device_begins_at_the_top(computer, forget):
    keeper = Keeper()
    computer.roomy = {CPU}
    keeper.answer("tiny", computer.ask)
    forget(keeper)
    assert keeper.loaded is None
    computer.roomy = {CARD}
    keeper.answer("tiny", computer.ask)
    assert keeper.loaded == ("tiny", CARD)


def test_a_device_chosen_meanwhile_counts_and_what_worked_before_does_not(computer):
    keeper = Keeper()
    computer.roomy = {CPU}

    def ask(predictor, on_step):
        keeper.move_to("cpu")
        return computer.ask(predictor, on_step)

    keeper.answer("tiny", ask)
    computer.roomy = {CARD}
    computer.asked.clear()
    keeper.answer("tiny", computer.ask)
    assert computer.asked == [CARD]


def test_other_errors_pass_through_at_once(computer):
    for error in (ImageError("There are no nuclei."), Cancelled("Cancelled."), RuntimeError("shapes differ")):
        computer.asked.clear()
        computer.errors["cuda:0"] = error
        with pytest.raises(type(error), match=str(error)):
            Keeper().answer("tiny", computer.ask)
        assert computer.asked == [CARD]


def test_each_step_is_told_and_can_be_cancelled(computer):
    computer.roomy = {CPU}
    told = []
    Keeper().answer("tiny", computer.ask, lambda stage, done, total: told.append(stage))
    assert [stage.removeprefix("out of memory: trying again on ") for stage in told] == [
        "graphics card 0",
        "graphics card 0 with half precision",
        "the CPU",
    ]

    def cancel(stage, done, total):
        raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        Keeper().answer("tiny", computer.ask, cancel)


def test_what_the_failed_run_held_is_gone_before_the_next_one(computer, monkeypatch):
    monkeypatch.setattr(fallback, "gc", gc)

    class Tensor:
        """Takes memory."""

    held = []

    def ask(predictor, on_step):
        if held:
            gone.append(held.pop()() is None)
            return computer.prediction
        tensor = Tensor()
        tensor.itself = tensor  # goes only when garbage is collected
        held.append(weakref.ref(tensor))
        raise torch.OutOfMemoryError("CUDA out of memory")

    gone = []
    gc.disable()
    try:
        Keeper().answer("tiny", ask)
    finally:
        gc.enable()
    assert gone == [True]


def test_fields_and_ensembles_fall_back_alike(nucleus, monkeypatch):
    keeper, real, failed = Keeper("cpu"), Predictor.__call__, []

    def scarce(predictor, *arguments, **options):
        if len(failed) < 2:
            failed.append(1)
            raise LINUX
        return real(predictor, *arguments, **options)

    monkeypatch.setattr(Predictor, "__call__", scarce)
    field = FieldRequest("MSKGEELFTG", nucleus)
    note = "The CPU ran out of memory: predicted with half precision (bfloat16), so the numbers differ a little."
    answer = keeper.answer("tiny", lambda predictor, on_step: predict_field(predictor, field, on_step))
    assert answer.notes[0] == note
    failed.clear()
    keeper.unload()
    question = PredictionRequest("MSKGEELFTG", nucleus)
    answer = keeper.answer("tiny", lambda predictor, on_step: predict_ensemble(predictor, question, on_step, draws=2))
    assert answer.notes[0] == note
    assert answer.frequency.shape == (256, 256)
