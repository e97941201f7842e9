"""What gives the residues of a new model their vectors: a table, or a protein language model with its weights."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from napari_celle.alphabet import ALPHABETS
from napari_celle.config import EmbeddingConfig
from napari_celle.errors import CelleError
from napari_celle.models.checkpoints.catalogue import LanguageModel, language_models
from napari_celle.models.checkpoints.fetch import language_model_files
from napari_celle.models.checkpoints.language_model import published_language_model
from napari_celle.models.checkpoints.pickles import read_tensors
from napari_celle.models.descriptors import DESCRIPTORS
from napari_celle.models.embedder import embedder_keys
from napari_celle.types import OnStep

TABLES = ("random", "one-hot", "descriptors", "none")
"""Residue embeddings that need no weights of a language model."""


@dataclass(frozen=True, slots=True, eq=False)
class ResidueEmbedding:
    """Sizes and weights of what gives residues their vectors; no weights where they are random, or there are none."""

    config: EmbeddingConfig
    tensors: Mapping[str, Tensor] = field(default_factory=dict)


def residue_embedding(name: str, *, dim: int, on_step: OnStep | None = None) -> ResidueEmbedding:
    """Return a residue embedding by name.

    Parameters
    ----------
    name : str
        One of ``TABLES``, or a protein language model, which is fetched unless it is at hand.
    dim : int
        Width of the vectors where the embedding does not say.
    on_step : callable or None
        Told of the bytes that are fetched.

    Raises
    ------
    CelleError
        If there is none of that name.
    WeightsError
        If the weights of a language model are not at hand; says how to get them.
    """
    if name in TABLES:
        dims = {"one-hot": len(ALPHABETS["one-hot"].tokens), "descriptors": DESCRIPTORS}
        return ResidueEmbedding(EmbeddingConfig(name, dims.get(name, dim)))
    known = language_models()
    if name not in known:
        names = ", ".join([*TABLES, *known])
        raise CelleError(f"There is no residue embedding {name!r}. Choose from {names}.")
    return _language_model(known[name], on_step=on_step)


def _language_model(card: LanguageModel, *, on_step: OnStep | None) -> ResidueEmbedding:
    remedy = f"Then give the same command again. Or: napari-celle weights fetch {card.name}"
    tensors: dict[str, Tensor] = {}
    for path in language_model_files(card, remedy=remedy, on_step=on_step):
        tensors |= read_tensors(path)
    published, config = published_language_model(tensors, kind=card.config.kind, dim=card.config.dim)
    names = embedder_keys(config)
    return ResidueEmbedding(config, {ours: published[f"celle.text_emb.{theirs}"] for ours, theirs in names.items()})
