"""Inputs of the models that we can make ourselves: pictures, tokens, noise."""

import re

import numpy as np
from parity_compare import Rows, Thresholded, Value
from parity_folder import Case

from napari_celle.alphabet import ALPHABETS, tokenize
from napari_celle.data.published import PublishedPictures, load_celle, load_celle2

KINDS = {"celle": "tape-bert", "celle2": "esm2"}


def inputs(case: Case) -> dict[str, Value]:
    """Return what we make of the pictures and sequences; pictures without a source are left out."""
    arrays = case.read("inputs")
    data = case.options["data"]["params"]
    partner = "protein" if case.kind == "celle" else "target"
    numbers = sorted(int(found[1]) for name in arrays if (found := re.fullmatch(r"source_nucleus(\d+)", name)))
    pictures = []
    for number in numbers:
        pair = arrays[f"source_nucleus{number}"], arrays[f"source_{partner}{number}"]
        if case.kind == "celle":
            pictures.append(load_celle(*pair, size=data["crop_size"]))
            continue
        options = {"dataset": data["dataset"], "threshold": data["threshold"], "shorter_edge": data["resize"]}
        pictures.append(load_celle2(*pair, **options, size=data["crop_size"], faithful="all"))
    mode = "mean" if case.kind == "celle" else data["threshold"]
    values: dict[str, Value] = {
        "nucleus": np.stack([each.nucleus[None] for each in pictures]),
        "target": np.stack([each.protein[None] for each in pictures]),
    }
    values |= {"threshold": thresholded(pictures, mode)}
    return {name: Rows(value, numbers) for name, value in values.items()} | tokens(case)


def thresholded(pictures: list[PublishedPictures], mode: str) -> Value:
    """Return (n, 1, S, S) protein images, and the distance of each pixel to the threshold where there is one."""
    images = np.stack([each.threshold[None] for each in pictures])
    levels = {"mean": np.mean, "median": lambda pixels: np.sort(pixels, axis=None)[(pixels.size - 1) // 2]}
    if mode not in levels:
        return images
    distance = np.stack([np.abs(each.protein - levels[mode](each.protein))[None] for each in pictures])
    return Thresholded(images, distance)


def tokens(case: Case) -> dict[str, np.ndarray]:
    """Return the residue ids (1, T) of every sequence of a model, "tokens_NAME"."""
    alphabet = ALPHABETS[KINDS[case.kind]]
    window = case.options["model"]["params"]["text_seq_len"]
    ids = {}
    for name, sequence in case.meta["sequences"].items():
        start = case.meta["long_sequence_crop_start"] if name == "long" else 0
        ids[f"tokens_{name}"] = tokenize(sequence, alphabet, window=window, start=start, faithful="all")[None]
    return ids


def nearest(reference: np.ndarray, candidates: list[np.ndarray]) -> np.ndarray:
    """Return what agrees best with a recorded input: that it is the same is for the comparison to say."""
    return max(candidates, key=lambda candidate: np.count_nonzero(candidate == reference))


def noise(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return the Gumbel noise that was given to the authors' code, float32."""
    uniform = np.random.default_rng(seed).random(shape, dtype=np.float32)
    tiny = np.float32(1e-20)
    return -np.log(-np.log(uniform + tiny) + tiny)


def pictures(case: Case) -> dict[str, Value]:
    """Return what we make of pictures of both datasets, in every threshold mode."""
    arrays, values = case.read("preprocessing"), {}
    names = [name for name in arrays if not name.endswith("_source")]
    for dataset in sorted({name.split("_")[0] for name in names}):
        nucleus, protein = arrays[f"{dataset.lower()}_source"]
        for name in names:
            if not name.startswith(f"{dataset}_"):
                continue
            kind, _, mode = name.removeprefix(f"{dataset}_").partition("_")
            made = load_celle2(nucleus, protein, dataset=dataset, threshold=mode or "median", faithful="all")
            plain = {"nucleus": made.nucleus, "target": made.protein}
            values[name] = plain[kind][None] if kind in plain else _first(thresholded([made], mode))
    return values


def _first(value: Value) -> Value:
    """Return (1, S, S) from (1, 1, S, S)."""
    return Thresholded(value.picture[0], value.distance[0]) if isinstance(value, Thresholded) else value[0]
