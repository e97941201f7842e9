"""Which pairs are trained on, validated on and tested on: all pictures of a protein, or of a family, on one side."""

from collections.abc import Mapping, Sequence

import numpy as np

from napari_celle.errors import CelleError

_ROUNDING = 1e-6


def check_shares(shares: Mapping[str, float]) -> None:
    """Raise ``CelleError`` unless the shares of the splits are from 0 to 1 and add up to 1."""
    if any(not 0 <= share <= 1 for share in shares.values()) or abs(sum(shares.values()) - 1) > _ROUNDING:
        said = ", ".join(f"{name} {share:g}" for name, share in shares.items())
        raise CelleError(f"The shares of the splits have to be from 0 to 1 and add up to 1, not {said}.")


def split_proteins(
    sequences: Sequence[str],
    shares: Mapping[str, float],
    *,
    rng: np.random.Generator,
    clusters: Mapping[str, int] | None = None,
) -> list[str]:
    """Share proteins out at random; what belongs together stays together.

    Parameters
    ----------
    sequences : sequence of str
        Of each pair of pictures; a protein is a sequence, so it may be there many times.
    shares : Mapping of str to float
        Split to its share of the proteins; the sum is 1.
    rng : np.random.Generator
        For everything that is chosen.
    clusters : Mapping of str to int or None
        Sequence to the number of its family, see ``data.splitting.homology``; None lets each protein stand alone.

    Returns
    -------
    list of str
        The split of each pair. Each split with a share has one family at least.

    Raises
    ------
    CelleError
        If the shares do not add up to 1, or there are fewer families than splits.

    Notes
    -----
    The largest families are placed first, each where most is lacking, so that the shares come out as nearly as
    families allow; of families of one size it is chance which goes where.
    """
    check_shares(shares)
    proteins = sorted(set(sequences))
    number_of = dict(zip(proteins, range(len(proteins)), strict=True)) if clusters is None else clusters
    numbers, sizes = np.unique([number_of[protein] for protein in proteins], return_counts=True)
    splits = _place(sizes, shares, rng)
    of_cluster = dict(zip(numbers.tolist(), splits, strict=True))
    return [of_cluster[number_of[sequence]] for sequence in sequences]


def _place(sizes: np.ndarray, shares: Mapping[str, float], rng: np.random.Generator) -> list[str]:
    """Return the split of each family, given the numbers of their proteins."""
    lacking = {name: share * float(sizes.sum()) for name, share in shares.items() if share > 0}
    if len(sizes) < len(lacking):
        raise CelleError(
            f"{len(sizes)} families or proteins are too few for the splits {', '.join(lacking)}: each needs one at "
            "least. Take fewer splits, a higher identity, or a larger table."
        )
    order = rng.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    empty, placed = set(lacking), [""] * len(sizes)
    for left, index in zip(range(len(order), 0, -1), order.tolist(), strict=True):
        open_to = [name for name in lacking if left > len(empty) or name in empty]
        name = max(open_to, key=lambda name: lacking[name])
        lacking[name] -= float(sizes[index])
        empty.discard(name)
        placed[index] = name
    return placed
