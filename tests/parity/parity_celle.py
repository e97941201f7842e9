"""The files of arrays of CELL-E."""

import torch
from parity_compare import Value
from parity_models import Compute, Inputs, RecordedNoise, Recorder, options, tokenizers, two_threads

from napari_celle.models.causal import CausalCelle
from napari_celle.models.heatmap import HEATMAPS

FILTER_THRES = 0.5
"""Default of the authors' code."""


def files(inputs: Inputs) -> dict[str, Compute]:
    """Return a pattern of file names to what computes such a file."""
    return {
        r"vqgan": lambda name: tokenizers(inputs),
        r"teacher_forced": lambda name: teacher_forced(inputs),
        r"cached_teacher_forced": lambda name: cached_teacher_forced(inputs),
        r"(greedy|sampled)_(cached|uncached)": lambda name: generated(
            inputs, name, cached=not name.endswith("_uncached") or inputs.network.faithful == "none"
        ),
    }


def teacher_forced(inputs: Inputs) -> dict[str, Value]:
    """Return one pass over given codes, without memory."""
    network, arrays = inputs.network, inputs.case.read("teacher_forced")
    ids, reference, protein = _given(inputs)
    embedded = network.embed(ids)
    with Recorder(network) as values:
        values["logits"] = network.logits(embedded, reference, protein[:, :-1]).numpy()
    return values | {
        "text_tokens": inputs.residues(arrays["text_tokens"]),
        "nucleus_codes": reference.numpy(),
        "image_codes": protein.numpy(),
        "text_embedding": embedded.numpy(),
    }


def cached_teacher_forced(inputs: Inputs) -> dict[str, Value]:
    """Return the logits of the same codes, code by code through the memory."""
    network = inputs.network
    ids, reference, protein = _given(inputs)
    embedded = network.embed(ids)
    about_next = network.next_logits(embedded, reference, cached=True)
    cached = torch.stack([about_next(protein[:, :known]) for known in range(protein.shape[1])], dim=1)
    columns = network.vocabulary.protein_codes
    uncached = network.logits(embedded, reference, protein[:, :-1])[:, -protein.shape[1] :, columns]
    return {
        "image_logits": cached.numpy(),
        "difference_to_uncached_per_position": (cached - uncached).abs().amax(dim=(0, 2)).numpy(),
    }


def generated(inputs: Inputs, name: str, *, cached: bool) -> dict[str, Value]:
    """Return a run of 256 codes: "greedy" of the first nucleus, "sampled" of the third."""
    network: CausalCelle = inputs.network
    noted, arrays = inputs.case.statistics[name], inputs.case.read(name)
    ids = inputs.residues(arrays["text_tokens"])
    nucleus = inputs.nucleus(noted)
    decoded = network.generate(
        network.embed(torch.from_numpy(ids)),
        nucleus,
        sampling=options(noted, columns=network.vocabulary.size, filter_thres=FILTER_THRES),
        noise=RecordedNoise(noted, cut=(network.vocabulary.protein_codes,)),
        cached=cached,
    )
    with two_threads():
        image = network.protein.decode(decoded.tokens)
        heatmap = HEATMAPS["causal", "published"](network.protein, decoded)
    return {
        "text_tokens": ids,
        "image_codes": decoded.tokens.numpy(),
        "image": image[:, None].numpy(),
        "image_logits": decoded.first.numpy(),
        "probability_map": heatmap[:, None].numpy(),
    }


def _given(inputs: Inputs) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return residue ids, nucleus codes and protein codes of the teacher-forced passes, as we make them."""
    arrays = inputs.case.read("teacher_forced")
    ids = torch.from_numpy(inputs.residues(arrays["text_tokens"]))
    nucleus = inputs.closest("nucleus", arrays["nucleus_codes"])
    return ids, nucleus, inputs.closest("threshold", arrays["image_codes"])
