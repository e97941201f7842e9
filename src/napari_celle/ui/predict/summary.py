"""What is said of an answer below the buttons."""

from napari_celle.ensemble_types import EnsemblePrediction
from napari_celle.field_types import FieldPrediction
from napari_celle.files.provenance import Answer

HIDDEN = "Hidden layers are there too: click their eyes to see them."


def summary(answer: Answer, *, name: str, fraction: float) -> str:
    """Say what was found, in a few lines.

    Parameters
    ----------
    answer : Prediction, EnsemblePrediction or FieldPrediction
        The answer.
    name : str
        Of the protein; "" becomes "The protein".
    fraction : float
        Share of its probability map in the nuclei, as they are painted now.
    """
    from napari_celle.preflight import spoken_device  # imports torch, which whoever predicted has done

    where = f"{name or 'The protein'}: {fraction:.0%} in the nuclei{_spread(answer)}"
    how = f"{_amount(answer)}, {spoken_device(answer.device)}, {sum(answer.timings.values()):.1f} s"
    return "\n".join([f"{where} ({how}).", *answer.notes, HIDDEN])


def _spread(answer: Answer) -> str:
    """Say how much the draws differ in how much of what they draw lies in the nuclei."""
    if not isinstance(answer, EnsemblePrediction):
        return ""
    drawn = answer.drawn_fraction
    return f"; of what was drawn {drawn.mean:.0%}, {drawn.low:.0%} to {drawn.high:.0%}"


def _amount(answer: Answer) -> str:
    if isinstance(answer, FieldPrediction):
        return f"{len(answer.results)} nuclei in {len(answer.windows)} windows, seed {answer.sampling.seed}"
    if isinstance(answer, EnsemblePrediction):
        return f"{len(answer.seeds)} draws, seeds {answer.seeds[0]} to {answer.seeds[-1]}"
    return f"seed {answer.sampling.seed}"
