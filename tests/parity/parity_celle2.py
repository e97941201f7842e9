"""The files of arrays of CELL-E 2."""

import copy
from typing import Any

import numpy as np
import torch
from parity_compare import Thresholded, Value
from parity_models import Compute, Inputs, RecordedNoise, Recorder, options, tokenizers, two_threads

from napari_celle.alphabet import ESM
from napari_celle.models.heatmap import HEATMAPS
from napari_celle.models.masked import MaskedCelle
from napari_celle.models.tokenizer import ImageTokenizer
from napari_celle.sampling import Decoded
from napari_celle.sampling.residues import Filling, fill
from napari_celle.sampling.suppression import ResidueIds
from napari_celle.sequence import AMINO_ACIDS

FILTER_THRES = 0.9
"""Default of the authors' code."""

RESIDUE_IDS = ResidueIds(
    mask=ESM.mask,
    pad=ESM.pad,
    start=ESM.start,
    end=ESM.end,
    standard=tuple(ESM.ids[letter] for letter in AMINO_ACIDS),
    residues=tuple(ESM.ids[letter] for letter in AMINO_ACIDS + "XBUZO"),
)


def files(inputs: Inputs) -> dict[str, Compute]:
    """Return a pattern of file names to what computes such a file."""
    return {
        r"vqgan": lambda name: tokenizers(inputs),
        r"forward.*": lambda name: forward(inputs, name),
        r"sample_text_.*": lambda name: sample_text(inputs, name),
        r"sample_\d+_.*": lambda name: sample(inputs, name),
        r"heatmap_variants": lambda name: heatmap_variants(inputs, name),
    }


def forward(inputs: Inputs, name: str) -> dict[str, Value]:
    """Return one pass, over codes of which all or some are masked."""
    network: MaskedCelle = inputs.network
    arrays = inputs.case.read(name)
    ids = inputs.residues(arrays["text_tokens"])
    reference = inputs.closest("nucleus", arrays["nucleus_codes"])
    protein = inputs.closest("threshold", arrays["image_codes"], mask_id=network.mask_id)
    embedded = network.embed(torch.from_numpy(ids))
    with Recorder(network) as values:
        values["logits"] = network.logits(embedded, reference, protein).numpy()
    return values | {
        "text_tokens": ids,
        "nucleus_codes": reference.numpy(),
        "image_codes": protein.numpy(),
        "text_embedding": embedded.numpy(),
    }


def sample(inputs: Inputs, name: str) -> dict[str, Value]:
    """Return a picture in one or several passes: "greedy" of the first nucleus, "noise" of the third."""
    network: MaskedCelle = inputs.network
    noted = inputs.case.statistics[name]
    ids, decoded = _decoded(inputs, name, noted)
    after = [
        decoded.tokens.masked_fill(decoded.step_filled > step + 1, network.mask_id)
        for step in range(noted["timesteps"])
    ]
    return {
        "text_tokens": ids,
        "image_codes": decoded.tokens.numpy(),
        "codes_after_step": torch.cat(after).numpy(),
        "first_step_image_logits": decoded.first.numpy(),
        **_pictures(network.protein, decoded),
    }


def heatmap_variants(inputs: Inputs, name: str) -> dict[str, Value]:
    """Return the pictures of a greedy pass, of decoders whose last convolution was changed."""
    ids, decoded = _decoded(inputs, name, {})
    values: dict[str, Value] = {"text_tokens": ids}
    for variant, change in inputs.case.statistics[name].items():
        tokenizer = copy.deepcopy(inputs.network.protein)
        last = [module for module in tokenizer.vqgan.decoder if isinstance(module, torch.nn.Conv2d)][-1]
        last.weight *= change["conv_out_gain"]
        last.bias.fill_(change["conv_out_bias"])
        values |= {f"{variant}_{array}": value for array, value in _pictures(tokenizer, decoded).items()}
    return values


def _decoded(inputs: Inputs, name: str, noted: dict[str, Any]) -> tuple[np.ndarray, Decoded]:
    """Return the residue ids and the drawn codes of a file."""
    network: MaskedCelle = inputs.network
    ids = inputs.residues(inputs.case.read(name)["text_tokens"])
    return ids, network.generate(
        network.embed(torch.from_numpy(ids)),
        inputs.nucleus(noted),
        sampling=options(noted, columns=network.vocabulary.size, filter_thres=FILTER_THRES),
        noise=RecordedNoise(noted, cut=(slice(None), network.layout.protein_span, network.vocabulary.protein_codes)),
    )


@two_threads()
def _pictures(tokenizer: ImageTokenizer, decoded: Decoded) -> dict[str, Value]:
    """Return the pictures of drawn codes, each (1, 1, S, S)."""
    before = tokenizer.decode(decoded.tokens)[:, None].numpy()
    return {
        "image_before_threshold": before,
        "threshold_image": Thresholded((before > 0.5).astype(np.float32), np.abs(before - 0.5)),
        "heatmap": HEATMAPS["masked", "published"](tokenizer, decoded, faithful="all")[:, None].numpy(),
    }


def sample_text(inputs: Inputs, name: str) -> dict[str, Value]:
    """Return masked residues of the first picture, filled, and in which order."""
    network: MaskedCelle = inputs.network
    noted, arrays = inputs.case.statistics[name], inputs.case.read(name)
    ids = inputs.residues(arrays["text_tokens"])
    reference, protein = inputs.codes["nucleus"][:1], inputs.codes["threshold"][:1]
    used = options(noted, columns=network.vocabulary.size, filter_thres=FILTER_THRES)
    filling = Filling(
        order="published",
        at_once=noted.get("n_unmask", 1),
        standard_only=noted.get("force_aas", False),
        place=noted.get("place_amino", True),
    )
    filled = fill(
        lambda tokens, step: network.residue_logits(tokens, reference, protein),
        torch.from_numpy(ids),
        ids=RESIDUE_IDS,
        temperature=used.temperature,
        top_k=used.top_k,
        noise=RecordedNoise(
            noted, cut=(slice(None), network.layout.residue_span, slice(0, network.vocabulary.residues))
        ),
        filling=filling,
    )
    return {
        "text_tokens": ids,
        "text_tokens_out": filled.tokens.numpy(),
        "text_logits": filled.logits.numpy(),
        "order": [[place for place in step if filling.place] for step in filled.order[0]],
    }
