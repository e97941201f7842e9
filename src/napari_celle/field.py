"""A whole field: the nuclei are found once, a window is predicted around each, and the windows are put together."""

from functools import partial

import numpy as np

from napari_celle.drawing import PRESENT
from napari_celle.errors import Cancelled, CelleError, SequenceError
from napari_celle.field_types import FieldPrediction, FieldRequest, NucleusResult
from napari_celle.framing import ModelFrame
from napari_celle.mosaic import CHOICES, Mosaic, middle, most_central
from napari_celle.options import filled
from napari_celle.predict import Predictor
from napari_celle.sequence import clean
from napari_celle.stages import Stages
from napari_celle.survey import Survey, survey_field
from napari_celle.types import OnStep, Prediction, PredictionRequest, Window


def predict_field(predictor: Predictor, request: FieldRequest, on_step: OnStep | None = None) -> FieldPrediction:
    """Predict where a protein goes in all the cells of a field.

    Parameters
    ----------
    predictor : Predictor
        The model.
    request : FieldRequest
        The question.
    on_step : callable or None
        ``on_step(stage, done, total)``, windows done and to do; called within each window too, after every
        transformer layer. What it raises stops the work.

    Raises
    ------
    SequenceError, ImageError
        If the sequence or an image cannot be used, the region lies outside the image or is too large, or there is no
        nucleus.
    CelleError
        If a window cannot be predicted; the text begins with the nucleus that it belongs to.

    Examples
    --------
    >>> from napari_celle.simulate import draw_field
    >>> nucleus = draw_field(np.random.default_rng(0), size=320).nucleus
    >>> answer = predict_field(Predictor.load("tiny"), FieldRequest("MSKGEELFTG", nucleus))
    >>> answer.probability.shape, round(float(answer.probability.sum()), 3)
    ((320, 320), 1.0)
    """
    stages = Stages(on_step)
    filled(request.sampling, predictor.info.sampling)  # a wrong option or letter is said before anything takes long
    if predictor.info.residues:
        clean(request.sequence)
    stages.enter("finding nuclei")
    survey = survey_field(request, predictor.info)
    chosen = CHOICES[request.windows](list(survey.boxes.values()), survey.windows, shape=request.nucleus.shape)
    mosaic = Mosaic(survey.region)
    seen: dict[Window, tuple[float, float]] = {}  # nuclear fraction and seconds
    stages.enter("predicting the windows", len(chosen))
    for done, place in enumerate(chosen):
        tell = partial(_tell, stages, done, len(chosen))
        answer = _predict_window(predictor, request, survey, place, tell)
        mosaic.add(survey.windows[place], {"heatmap": answer.heatmap, "threshold": answer.threshold})
        seen[survey.windows[place]] = answer.nuclear_fraction, sum(answer.timings.values())
    stages.enter("putting the windows together")
    return _put_together(request, survey, mosaic, seen=seen, last=answer, stages=stages)


def _tell(stages: Stages, done: int, total: int, *within: object) -> None:
    """Report the windows that are done, whatever happens within one."""
    stages.tell(done, total)


def _predict_window(
    predictor: Predictor, request: FieldRequest, survey: Survey, place: int, on_step: OnStep
) -> Prediction:
    """Return the prediction of one window, or say around which nucleus it failed."""
    label, window = list(survey.boxes)[place], survey.windows[place]
    question = PredictionRequest(
        sequence=request.sequence,
        nucleus=np.asarray(request.nucleus[window.slices]),
        sampling=request.sampling,
        first_residue=request.first_residue,
    )
    whole = Window(0, 0, window.height, window.width)
    frame = ModelFrame(window=whole, scale=survey.scale, nuclei=survey.labels_of(window), notes=())
    try:
        answer = predictor(question, on_step, frame=frame)
    except (Cancelled, SequenceError):  # neither is the nucleus's doing
        raise
    except CelleError as error:
        y, x = middle(survey.boxes[label])
        raise type(error)(f"Nucleus {label} (y {y:.0f}, x {x:.0f}): {error}") from error
    if np.isnan(answer.heatmap).any():
        raise CelleError(f"Nucleus {label}: {' '.join(answer.notes)} Such maps cannot be put together.")
    return answer


def _results(survey: Survey, seen: dict[Window, tuple[float, float]]) -> tuple[NucleusResult, ...]:
    """Return the result of each nucleus; ``seen`` has the nuclear fraction and the seconds of each window."""
    windows, results = list(seen), []
    for label, box in survey.boxes.items():
        window = windows[most_central(box, windows)]
        results.append(NucleusResult(label, window, *seen[window]))
    return tuple(results)


def _put_together(
    request: FieldRequest,
    survey: Survey,
    mosaic: Mosaic,
    *,
    seen: dict[Window, tuple[float, float]],
    last: Prediction,
    stages: Stages,
) -> FieldPrediction:
    """Return the field out of its windows; ``last`` is one of their predictions."""
    heatmap, covered = np.clip(mosaic.blended("heatmap"), 0, 1), mosaic.covered
    light = heatmap if heatmap.any() else covered  # even where the model sees no protein at all
    probability = (light / light.sum(dtype=np.float64)).astype(np.float32)
    nuclei = survey.labels_of(survey.region)
    threshold = (mosaic.blended("threshold") > PRESENT).astype(np.uint8)
    stages.leave()
    return FieldPrediction(
        request=request,
        window=survey.region,
        threshold=threshold,
        probability=probability,
        heatmap=heatmap,
        covered=covered,
        nuclei=nuclei,
        results=_results(survey, seen),
        windows=tuple(seen),
        nuclear_fraction=float(probability[nuclei > 0].sum(dtype=np.float64)),
        sampling=last.sampling,
        residues=last.residues,
        scale=survey.scale,
        model=last.model,
        weights_sha256=last.weights_sha256,
        device=last.device,
        timings=stages.seconds,
        notes=(*last.notes, *survey.notes, *_cover_notes(covered)),
        faithful=last.faithful,
    )


def _cover_notes(covered: np.ndarray) -> tuple[str, ...]:
    if covered.all():
        return ()
    return (f"{1 - covered.mean():.1%} of the field lies too far from nuclei for any window; its maps are 0 there.",)
