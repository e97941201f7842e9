"""Image tokenizers by themselves: a folder with vqgan.safetensors and config.json, or taken out of a whole model."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from napari_celle.config import Channel, TokenizerConfig
from napari_celle.errors import CelleError, WeightsError
from napari_celle.models.checkpoints import embedded, installed, store
from napari_celle.models.checkpoints.fit import check_fit
from napari_celle.nn.vqgan import Vqgan

WEIGHTS, CONFIG = "vqgan.safetensors", "config.json"
EMBEDDED = "celle-mini"
_REMEDY = "Give the folder that 'napari-celle train vqgan --out FOLDER' wrote at its end."


@dataclass(frozen=True, slots=True, eq=False)
class Tokenizer:
    """An image tokenizer, not yet a network.

    Attributes
    ----------
    config : TokenizerConfig
        Its size and what it knows.
    tensors : Mapping of str to Tensor
        float32 state of :class:`napari_celle.nn.vqgan.Vqgan`.
    """

    config: TokenizerConfig
    tensors: Mapping[str, Tensor]


def write_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    """Write a tokenizer to a folder, float32; each file at once or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.detach().float().cpu().contiguous() for name, tensor in tokenizer.tensors.items()}
    part = folder / f"{WEIGHTS}.part"
    save_file(tensors, part)
    os.replace(part, folder / WEIGHTS)
    part = folder / f"{CONFIG}.part"
    part.write_text(json.dumps(tokenizer.config.to_dict(), indent=2) + "\n", encoding="utf-8")
    os.replace(part, folder / CONFIG)


def read_tokenizer(folder: Path) -> Tokenizer:
    """Return the tokenizer that :func:`write_tokenizer` wrote.

    Raises
    ------
    WeightsError
        If a file is missing or damaged, or they do not fit each other or this version.
    """
    config = _read_config(folder)
    tensors = _read([folder / WEIGHTS], prefix="", remedy=_REMEDY)
    with torch.device("meta"):
        expected = {name: tuple(tensor.shape) for name, tensor in Vqgan(config.vqgan).state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    check_fit(expected, found, what=f"{folder / WEIGHTS} does not fit {folder / CONFIG}", remedy=_REMEDY)
    return Tokenizer(config, tensors)


def _read_config(folder: Path) -> TokenizerConfig:
    path = folder / CONFIG
    try:
        return TokenizerConfig.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, AttributeError, CelleError) as error:
        raise WeightsError(f"The image tokenizer in {folder} cannot be read: {error}. {_REMEDY}") from None


def find_tokenizer(name: str, *, channel: Channel) -> Tokenizer:
    """Return a tokenizer by name.

    Parameters
    ----------
    name : str
        A folder of :func:`write_tokenizer`, an installed model, the folder of a trained one, or "celle-mini".
    channel : str
        Which of a model's tokenizers; that of a folder must be for it.

    Raises
    ------
    WeightsError
        If there is none of that name or channel, or its files are damaged.
    """
    folder = Path(name)
    if (folder / WEIGHTS).exists():
        return _of_folder(folder, channel)
    if name == EMBEDDED:
        return _of_embedded(channel)
    if store.is_installed(name) or store.is_folder(name):
        return _of_installed(name, channel)
    known = ", ".join([EMBEDDED, *store.installed()])
    raise WeightsError(
        f"There is no image tokenizer {name!r}: it is neither a folder with {WEIGHTS} nor a model. Give the folder of "
        f"a finished 'napari-celle train vqgan', or one of {known}."
    )


def _of_folder(folder: Path, channel: Channel) -> Tokenizer:
    found = read_tokenizer(folder)
    if found.config.channel != channel:
        raise WeightsError(
            f"The image tokenizer in {folder} is for the {found.config.channel}, not the {channel}. Give another."
        )
    return found


def _of_embedded(channel: Channel) -> Tokenizer:
    card = embedded.find(EMBEDDED)
    embedded.verify(card)
    vqgan = getattr(embedded.read_config(card), channel)
    tensors = _read([card.folder / f"{channel}.safetensors"], prefix=f"{channel}.vqgan.", remedy="")
    return Tokenizer(TokenizerConfig(vqgan, channel, threshold=channel == "protein"), tensors)


def _of_installed(name: str, channel: Channel) -> Tokenizer:
    config = installed.installed_config(name)
    part = {"nucleus": "reference", "protein": "protein"}[channel]
    vqgan = getattr(config, part)
    if vqgan is None:
        raise WeightsError(f"The model {name} reads no nucleus image, so it has no tokenizer for one. Choose another.")
    store.verify_installed(name)
    paths = sorted(store.find(name).glob("*.safetensors"))
    tensors = _read(paths, prefix=f"{part}.vqgan.", remedy="")
    threshold = channel == "protein" and not config.grey
    return Tokenizer(TokenizerConfig(vqgan, channel, pixels=config.pixels, threshold=threshold), tensors)


def _read(paths: Iterable[Path], *, prefix: str, remedy: str) -> dict[str, Tensor]:
    """Return the tensors whose names begin with a prefix, float32, without it."""
    found: dict[str, Tensor] = {}
    for path in paths:
        try:
            with safe_open(path, framework="pt") as file:
                names = [name for name in file.keys() if name.startswith(prefix)]  # noqa: SIM118
                found |= {name.removeprefix(prefix): file.get_tensor(name).float() for name in names}
        except (OSError, SafetensorError) as error:
            raise WeightsError(f"The weights file {path} cannot be read: {error}. {remedy}") from None
    return found
