"""Masked residues from the picture: which residues would put a protein there?"""

from dataclasses import replace

import numpy as np
import torch

from napari_celle.alphabet import Alphabet, detokenize
from napari_celle.errors import CelleError, ImageError, SequenceError
from napari_celle.framing import find_frame
from napari_celle.image import check_plane, fit_to_model
from napari_celle.models.network import Network, ReadsPictures
from napari_celle.options import filled
from napari_celle.preprocess import RECIPES, protein_frame
from napari_celle.sampling.residues import Filling, fill
from napari_celle.sampling.suppression import ResidueIds
from napari_celle.sequence import AMINO_ACIDS, MASK, RARE_LETTERS, clean_masked
from napari_celle.stages import Stages
from napari_celle.types import ModelInfo, PredictionRequest, SequencePrediction, SequenceRequest


@torch.inference_mode()
def complete(
    network: Network, info: ModelInfo, request: SequenceRequest, *, device: str, stages: Stages
) -> SequencePrediction:
    """Fill the masks of a sequence; see ``Predictor.complete``."""
    if not isinstance(network, ReadsPictures):
        raise CelleError(
            f"{info.name} draws one code after another and reads no picture of a protein. Choose a CELL-E 2 model."
        )
    stages.enter("reading the sequence")
    letters = _letters(request, info)
    stages.enter("finding nuclei")
    nucleus, protein, notes = _pictures(network, info, request)
    options = replace(filled(request.sampling, info.sampling), steps=None, pdf=None)
    stages.enter("encoding the pictures")
    reference, codes = (
        encode(torch.from_numpy(pixels).to(device)[None, None])  # (1, 256)
        for encode, pixels in ((network.encode_reference, nucleus), (network.protein.encode, protein))
    )
    passes = -(-letters.count(MASK) // request.at_once)  # at the least
    stages.enter("finding residues", passes)
    found = fill(
        lambda tokens, step: network.residue_logits(
            tokens, reference, codes, on_layer=lambda *_: stages.tell(step - 1, passes)
        ),
        torch.from_numpy(network.residue_ids("".join(letters))).to(device)[None],
        ids=_ids(network.alphabet),
        temperature=options.temperature or 0.0,
        top_k=options.top_k,
        noise=network.residue_noise([torch.Generator().manual_seed(options.seed)]),
        filling=Filling(
            order="outward" if network.faithful == "none" else "published",
            at_once=request.at_once,
            standard_only=request.standard_residues,
        ),
    )
    stages.leave()
    first = int(network.alphabet.framed)  # <cls> stands before
    places = [place for step in found.order[0] for place in step]
    standard = torch.tensor(_ids(network.alphabet).standard, device=device)
    probabilities = found.logits[0, places][:, standard].softmax(-1)  # (masks, 20)
    return SequencePrediction(
        request=request,
        sequence=detokenize(found.tokens[0, first : first + len(letters)].tolist(), network.alphabet),
        positions=tuple(place - first for place in places),
        probabilities=probabilities.cpu().numpy(),
        sampling=options,
        model=info.name,
        weights_sha256=info.weights_sha256,
        device=device,
        notes=notes,
    )


def _letters(request: SequenceRequest, info: ModelInfo) -> tuple[str, ...]:
    """Return the residues and masks, checked."""
    letters = clean_masked(request.sequence)
    if info.residues == 0:
        raise CelleError(f"{info.name} reads no sequence. Choose a model that does.")
    if MASK not in letters:
        raise SequenceError(f"No residue is masked. Write {MASK} at each residue that is to be found.")
    if len(letters) > info.residues:
        raise SequenceError(
            f"The sequence has {len(letters):,} residues and masks, and {info.name} reads {info.residues:,}. "
            "Cut it to the part around the masks."
        )
    if request.at_once < 1:
        raise CelleError(f"{request.at_once} residues cannot be found at once. Choose 1 or more.")
    return letters


def _pictures(
    network: Network, info: ModelInfo, request: SequenceRequest
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return nucleus and protein as the network gets them, each (size, size) float32, and what to know of them."""
    image = check_plane(request.nucleus)
    protein = np.asarray(request.protein)
    if protein.shape != image.shape:
        raise ImageError(f"The protein image has {protein.shape} pixels, the nucleus {image.shape}. Give one frame.")
    if protein.dtype.kind not in "biuf" or not np.isfinite(protein).all():
        raise ImageError(
            "The protein image has pixels that are no finite real numbers. Replace them, for example by 0."
        )
    question = PredictionRequest(
        sequence="",
        nucleus=request.nucleus,
        centre=request.centre,
        pixel_size_um=request.pixel_size_um,
        nucleus_diameter_px=request.nucleus_diameter_px,
    )
    frame, recipe = find_frame(question, image, info), RECIPES[network.pixels]
    size, scale = info.image_size, frame.scale
    window = fit_to_model(image, frame.window, size=size, scale=scale, anti_aliasing=recipe.anti_aliasing)
    prepared = recipe.prepare(window, dtype=np.asarray(request.nucleus).dtype)
    return prepared, protein_frame(protein, frame.window, size=size, scale=scale, recipe=recipe), frame.notes


def _ids(alphabet: Alphabet) -> ResidueIds:
    """Return what the ids mean to the sampler."""
    return ResidueIds(
        mask=alphabet.ids[MASK],
        pad=alphabet.pad,
        start=alphabet.start,
        end=alphabet.end,
        standard=tuple(alphabet.ids[letter] for letter in AMINO_ACIDS),
        residues=tuple(alphabet.ids[letter] for letter in AMINO_ACIDS + RARE_LETTERS),
    )
