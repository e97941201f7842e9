"""Sampling options: a model's defaults filled in, and checked."""

from dataclasses import replace
from typing import get_args

from napari_celle.errors import CelleError
from napari_celle.types import Pdf, SamplingOptions

MOST_STEPS = 256
"""With one pass for each code of a picture no more can be gained."""


def filled(options: SamplingOptions, defaults: SamplingOptions) -> SamplingOptions:
    """Return the options with the model's defaults where None.

    Raises
    ------
    CelleError
        If one of them makes no sense.
    """
    steps = defaults.steps if options.steps is None else options.steps
    temperature = defaults.temperature if options.temperature is None else options.temperature
    top_k = defaults.top_k if options.top_k is None else options.top_k
    pdf = options.pdf or defaults.pdf or "paper"
    if steps is None or not 1 <= steps <= MOST_STEPS:
        raise CelleError(f"The number of decoding steps is {steps}. Choose 1 to {MOST_STEPS}.")
    if temperature is None or not 0 <= temperature < float("inf"):
        raise CelleError(f"The temperature is {temperature}. Choose 0 or more.")
    if top_k is not None and top_k < 0:
        raise CelleError(f"top_k is {top_k}. Choose 1 or more, or 0 to keep all tokens.")
    if pdf not in get_args(Pdf):
        raise CelleError(f"There is no probability map {pdf!r}. Choose from {', '.join(get_args(Pdf))}.")
    return replace(options, steps=steps, temperature=temperature, top_k=top_k, pdf=pdf)
