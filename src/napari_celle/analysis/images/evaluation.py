"""Any models on any pictures with known proteins: the papers' figures, for models, their tokenizers and baselines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from torch import nn

from napari_celle.analysis.images.baselines import learn_baselines
from napari_celle.analysis.images.montage import Case, choose_cases
from napari_celle.analysis.images.painting import Painter, Record, baseline_painter, measure, paint, repaint
from napari_celle.analysis.images.picture_sets import Collected, set_figures
from napari_celle.analysis.images.pictures import Figure, summary
from napari_celle.analysis.images.report_rows import Kind, ReportRow
from napari_celle.analysis.images.samples import Crop, DrawnSamples, FramedPairs, KeptSamples, Samples, some
from napari_celle.data.pairs import Pairs
from napari_celle.data.proteins import Proteins
from napari_celle.data.simulated import SimulatedCells
from napari_celle.models.registry import LoadedModel, load_model
from napari_celle.predict import Predictor
from napari_celle.preprocess import RECIPES
from napari_celle.types import OnStep

ORDER: tuple[Kind, ...] = ("model", "tokenizer", "baseline")


@dataclass(frozen=True, slots=True)
class Dataset:
    """Pictures to measure models on.

    Attributes
    ----------
    name : str
        For a person.
    samples : callable
        From a model to the pictures in its frame.
    view : callable
        From a model to what its frame and its truth depend on: models of one view share their baselines.
    """

    name: str
    samples: Callable[[LoadedModel], Samples]
    view: Callable[[LoadedModel], object]


@dataclass(frozen=True, slots=True)
class Measured:
    """One row of a report before it is summed up.

    Attributes
    ----------
    name, kind
        As in ``ReportRow``.
    records : tuple of dict
        One of each picture.
    of_all : Mapping of str to Figure
        Figures of all pictures at once, see ``picture_sets.SET_FIGURES``.
    weights_sha256 : str
        Of the model that it belongs to; "" of a baseline.
    """

    name: str
    kind: Kind
    records: tuple[Record, ...]
    of_all: Mapping[str, Figure]
    weights_sha256: str = ""

    def row(self, data: str, *, seed: int = 0) -> ReportRow:
        """Return means, standard deviations, and intervals drawn with the seed."""
        figures = {**summary(self.records, seed=seed), **self.of_all}
        return ReportRow(self.name, self.kind, data, figures, len(self.records), self.weights_sha256)


@dataclass(frozen=True, slots=True)
class ImagesAnswer:
    """What was measured.

    Attributes
    ----------
    data : str
        Name of the dataset.
    measured : tuple of Measured
        All models, then their tokenizers, then the baselines.
    rows : tuple of ReportRow
        The same, summed up.
    montages : Mapping of str to (tuple of Case)
        Name of a model to its best, middle and worst pictures.
    """

    data: str
    measured: tuple[Measured, ...]
    rows: tuple[ReportRow, ...]
    montages: Mapping[str, tuple[Case, ...]]

    def without_nuclei(self) -> dict[str, int]:
        """Return for each model in how many pictures no nucleus was found: nothing can be inside of any there."""
        models = (each for each in self.measured if each.kind == "model")
        return {each.name: sum(record["nuclei_share"] == 0 for record in each.records) for each in models}


def table_dataset(
    pairs: Pairs, *, name: str, limit: int | None = None, crop: Crop = "middle", seed: int = 0
) -> Dataset:
    """Return the pictures of a table, one window of each; ``limit`` of them drawn at random, or all."""
    chosen = some(len(pairs), limit, seed=seed)

    def samples(model: LoadedModel) -> Samples:
        return FramedPairs(pairs, model.info, RECIPES[model.network.pixels], chosen, crop=crop, seed=seed)

    def view(model: LoadedModel) -> object:
        info = model.info
        return model.network.pixels, info.image_size, info.pixel_size_um, info.nucleus_diameter_px

    return Dataset(name, samples, view)


def drawn_dataset(cells: SimulatedCells, proteins: Proteins, *, name: str) -> Dataset:
    """Return simulated cells; their truth is drawn, and the same for every model."""
    return Dataset(
        name,
        samples=lambda model: DrawnSamples(cells, proteins.sequences, model.info.image_size),
        view=lambda model: model.info.image_size,
    )


def evaluate_images(
    models: Sequence[str],
    dataset: Dataset,
    *,
    device: str = "cpu",
    seed: int = 0,
    inception: nn.Module | None = None,
    on_step: OnStep | None = None,
) -> ImagesAnswer:
    """Measure models, one after another.

    Parameters
    ----------
    models : sequence of str
        Names or folders, as ``models.registry.load_model`` takes them; one or more.
    dataset : Dataset
        One or more pictures.
    device : str
        As torch names it.
    seed : int
        Of the models' draws, and of the intervals.
    inception : nn.Module or None
        The Inception network on ``device``, see ``analysis.evaluate.load_inception``, for FID and Inception score.
    on_step : callable or None
        Told of progress; may raise to stop.

    Raises
    ------
    WeightsError
        If a model cannot be loaded.
    ImageError, SequenceError
        If a picture or a protein cannot be used with a model.
    """
    measured: list[Measured] = []
    montages, seen = {}, set()
    for name in dict.fromkeys(models):
        model = load_model(name, device=device, on_step=on_step)
        found, samples = Collected(), dataset.samples(model)
        painters = _painters(name, model, device, seed=seed)
        records = measure(painters, samples, on_sample=found.add, on_step=_titled(on_step, name))
        montages[name] = choose_cases(records[name], samples, painters[name])
        if (view := dataset.view(model)) not in seen:
            seen.add(view)
            records |= _baselines(name, found)
        size, tokenizer = model.info.image_size, model.network.protein
        sets = set_figures(found, tokenizer, size=size, device=device, inception=inception, seed=seed)
        measured += [_measured(each, name, model, records[each], sets[each]) for each in records]
    measured.sort(key=lambda each: ORDER.index(each.kind))
    rows = tuple(each.row(dataset.name, seed=seed) for each in measured)
    return ImagesAnswer(dataset.name, tuple(measured), rows, montages)


def _measured(
    name: str, model_name: str, model: LoadedModel, records: Sequence[Record], of_all: Mapping[str, Figure]
) -> Measured:
    """Return one row of a report before it is summed up, its kind told from its name."""
    if name == model_name:
        return Measured(name, "model", tuple(records), of_all, model.info.weights_sha256)
    if name == _tokenizer(model_name):
        return Measured(name, "tokenizer", tuple(records), of_all, model.info.weights_sha256)
    return Measured(name, "baseline", tuple(records), of_all)


def _tokenizer(model_name: str) -> str:
    return f"{model_name}: tokenizer"


def _painters(name: str, model: LoadedModel, device: str, *, seed: int) -> dict[str, Painter]:
    """Return what paints the rows of a model; a tokenizer of grey pictures has no row: its truth is another."""
    painters: dict[str, Painter] = {name: partial(paint, Predictor(model, device=device), seed=seed)}
    if not model.network.grey:
        size = model.info.image_size
        painters[_tokenizer(name)] = partial(repaint, model.network.protein, size=size, device=device)
    return painters


def _baselines(name: str, found: Collected) -> dict[str, tuple[Record, ...]]:
    """Measure baselines; each half of the pictures, every other one, by what was learned from the other half."""
    records: dict[str, tuple[Record, ...]] = {}
    halves = [KeptSamples(found.samples.kept[start::2]) for start in (0, 1)]
    for half, other in (halves, reversed(halves)):
        if not half.kept:
            continue
        learned = learn_baselines([(sample.threshold, sample.nuclei) for sample in other.kept])
        painters = {f"{name}: {each}": baseline_painter(baseline) for each, baseline in learned.items()}
        for each, measured in measure(painters, half, on_sample=found.add_pictures).items():
            records[each] = (*records.get(each, ()), *measured)
    return {each: tuple(sorted(every, key=lambda record: record["picture"])) for each, every in records.items()}


def _titled(on_step: OnStep | None, name: str) -> OnStep | None:
    return None if on_step is None else lambda stage, done, total: on_step(f"{name}: {stage}", done, total)
