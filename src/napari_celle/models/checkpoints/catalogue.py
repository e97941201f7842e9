"""The models of the papers, and the protein language models inside them, as weights/registry.toml lists them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from napari_celle.config import CelleConfig, EmbeddingConfig
from napari_celle.errors import WeightsError
from napari_celle.files.download import hugging_face_url
from napari_celle.models.checkpoints.record import Record
from napari_celle.types import ModelInfo, SamplingOptions

REINSTALL = "Install napari-celle again: pip install --force-reinstall napari-celle."
FILES = ("model.ckpt", "config.yaml", "nucleus_vqgan.yaml", "threshold_vqgan.yaml")
"""How the authors name the files of a model on Hugging Face."""


@dataclass(frozen=True, slots=True)
class PublishedCard:
    """A model of the papers.

    Attributes
    ----------
    name, summary, licence : str
        As in :class:`ModelInfo`.
    family : str
        Whose pictures it was trained on: "hpa", "opencell" or "celle".
    language_model : str
        What gives its residues their vectors.
    repo : str
        Repository on Hugging Face; "" if no public address is known.
    files : tuple of str
        Files of the repository, the checkpoint first.
    size_gb : float
        Size of the checkpoint, about; 0 if it is not known.
    """

    name: str
    summary: str
    licence: str
    family: str
    language_model: str
    repo: str
    files: tuple[str, ...] = FILES
    size_gb: float = 0.0

    def addresses(self) -> dict[str, str]:
        """Return the direct address of each file."""
        return {file: hugging_face_url(self.repo, file) for file in self.files}


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A protein language model by itself.

    Attributes
    ----------
    name, summary, licence : str
        As in :class:`ModelInfo`.
    config : EmbeddingConfig
        Its kind and size.
    repo, address : str
        Repository on Hugging Face, or the address that its file names are appended to.
    files : tuple of tuple of str
        Sets of files; each set alone is the whole model.
    """

    name: str
    summary: str
    licence: str
    config: EmbeddingConfig
    repo: str
    address: str
    files: tuple[tuple[str, ...], ...]

    def addresses(self) -> tuple[dict[str, str], ...]:
        """Return the direct address of each file, for each set."""
        return tuple({file: self._address(file) for file in names} for names in self.files)

    @property
    def size(self) -> int:
        """Bytes of its layers in float32, about; 0 if its kind has none that are counted here."""
        sizes = self.config
        layer = 4 * sizes.dim**2 + 2 * sizes.dim * sizes.hidden
        return 4 * (sizes.layers * layer + sizes.positions * sizes.dim)

    def _address(self, file: str) -> str:
        return hugging_face_url(self.repo, file) if self.repo else self.address + file


def weights_folder() -> Path:
    """Return the folder with registry.toml and the embedded weights."""
    return Path(str(files("napari_celle"))) / "weights"


def read_registry(folder: Path | None = None) -> dict[str, Any]:
    """Return registry.toml.

    Raises
    ------
    WeightsError
        If it is missing or broken.
    """
    path = (folder or weights_folder()) / "registry.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WeightsError(f"The list of weights {path} cannot be read: {error}. {REINSTALL}") from None


def published() -> dict[str, PublishedCard]:
    """Return the models of the papers by name."""
    rows = read_registry()["published"]
    return {name: PublishedCard(**row | {"name": name, "files": tuple(row["files"])}) for name, row in rows.items()}


def language_models() -> dict[str, LanguageModel]:
    """Return the protein language models by name."""
    return {name: _language_model(name, row) for name, row in read_registry()["language-models"].items()}


def _language_model(name: str, row: Mapping[str, Any]) -> LanguageModel:
    sizes = {
        key: row[key] for key in ("kind", "dim", "layers", "heads", "hidden", "positions", "token_types") if key in row
    }
    return LanguageModel(
        name=name,
        summary=row["summary"],
        licence=row["licence"],
        config=EmbeddingConfig(**sizes),
        repo=row.get("repo", ""),
        address=row.get("address", ""),
        files=tuple(map(tuple, row["files"])),
    )


def language_model_of(kind: str, dim: int) -> LanguageModel | None:
    """Return the published language model of a kind and width, None if there is no such."""
    found = (model for model in language_models().values() if (model.config.kind, model.config.dim) == (kind, dim))
    return next(found, None)


def info_of_card(card: PublishedCard) -> ModelInfo:
    """Return what a user should know of a model that is not installed."""
    family = read_registry()["families"][card.family]
    return _info(card.name, card.summary, card.licence, family, residues=1000, image_size=256, sha256="")


def info_of_record(record: Record, config: CelleConfig) -> ModelInfo:
    """Return what a user should know of an installed model."""
    card = published().get(record.card)
    own = {"summary": f"{KINDS[config.decoding]}, imported from {record.source}."} | dict(record.info)
    return _info(
        record.name,
        card.summary if card else own.pop("summary"),
        record.licence,
        own if record.info else read_registry()["families"][config.pixels],
        residues=config.window if config.embedding.kind != "none" else 0,
        image_size=config.protein.image_size,
        sha256=record.weights_sha256,
    )


KINDS = {"causal": "CELL-E", "masked": "CELL-E 2"}


def _info(
    name: str, summary: str, licence: str, row: Mapping[str, Any], *, residues: int, image_size: int, sha256: str
) -> ModelInfo:
    return ModelInfo(
        name=name,
        summary=summary,
        licence=licence,
        residues=residues,
        image_size=image_size,
        pixel_size_um=row["pixel_size_um"],
        nucleus_diameter_px=tuple(row["nucleus_diameter_px"]),
        weights_sha256=sha256,
        sampling=SamplingOptions(**row["sampling"]),
    )
