"""How a bidirectional network draws a picture: the sampler, told how far the layers are."""

from collections.abc import Callable

from torch import Tensor

from napari_celle.nn.transformer import OnLayer
from napari_celle.sampling import Decoded, OnCodes, decode
from napari_celle.sampling.noise import Noise
from napari_celle.types import Faithful, SamplingOptions


def generate_masked(
    image_logits: Callable[[Tensor, OnLayer], Tensor],
    tokens: Tensor,
    *,
    mask_id: int,
    sampling: SamplingOptions,
    noise: Noise,
    faithful: Faithful = "none",
    on_layer: OnLayer | None = None,
    on_codes: OnCodes | None = None,
) -> Decoded:
    """Fill all masked codes of a picture.

    Parameters
    ----------
    image_logits : callable
        ``(codes (B, 256), on_layer) -> (B, 256, K)`` logits.
    tokens : Tensor
        (B, 256) int64 codes, ``mask_id`` where masked.
    mask_id : int
        Id of a masked code.
    sampling : SamplingOptions
        Without None for steps and temperature.
    noise : callable
        Noise of the draws.
    faithful : str
        "all" fills as the authors' code does (oddities 18 and 19).
    on_layer : callable or None
        ``on_layer(done, total)`` over the layers of all passes; may raise to stop.
    on_codes : callable or None
        Shown the codes so far before each pass but the first.
    """
    steps = sampling.steps or 1

    def logits(codes: Tensor, step: int) -> Tensor:
        def tell(done: int, depth: int) -> None:
            if on_layer is not None:
                on_layer((step - 1) * depth + done, steps * depth)

        if on_codes is not None and step > 1:
            on_codes(codes, codes != mask_id)
        return image_logits(codes, tell)

    return decode(
        logits,
        tokens,
        mask_id=mask_id,
        steps=steps,
        temperature=sampling.temperature or 0.0,
        top_k=sampling.top_k,
        noise=noise,
        schedule="published" if faithful == "all" else "cosine",
        confidence="score" if faithful == "all" else "probability",
    )
