"""In which order masked residues are filled."""

from collections.abc import Sequence

from napari_celle.errors import CelleError

Walk = tuple[tuple[int, ...], ...]
"""The places that are looked at in each step."""


def outward(masked: Sequence[int], known: Sequence[int], *, at_once: int) -> Walk:
    """From the known residues outwards: the masked places that are nearest to a known residue first.

    A run of masks at a terminus grows away from the protein, one between known residues is filled from both its ends
    towards its middle, and of equally near places the first goes first. Without any known residue (oddity 24) the walk
    is from the first place to the last.

    Parameters
    ----------
    masked, known : sequence of int
        Places of masked and of known residues; termini and padding are neither.
    at_once : int
        Places a step.

    Examples
    --------
    >>> outward([0, 1, 4, 5, 6], [2, 3, 7], at_once=1)
    ((1,), (4,), (6,), (0,), (5,))
    """

    def distance(place: int) -> int:
        return min((abs(place - residue) for residue in known), default=place)

    order = sorted(masked, key=lambda place: (distance(place), place))
    return tuple(tuple(order[start : start + at_once]) for start in range(0, len(order), at_once))


def published(masked: Sequence[int], others: Sequence[int], *, at_once: int) -> Walk:
    """As the authors' code walks: from right to left or from left to right, as masks lie left or right of the centre.

    The centre is the lower median of all other places, termini and padding included (oddity 22). It moves by half of
    ``at_once`` in each step, which can change the direction if ``at_once`` is above 1. Of ``at_once`` places some may
    be known already: they are looked at, and stay what they are.

    Parameters
    ----------
    masked, others : sequence of int
        Sorted places of the masks, and all other places.
    at_once : int
        Places a step.

    Raises
    ------
    CelleError
        Where the authors' code cannot go on: masks on both sides of the centre (oddity 23), one at the very last place
        (25), several runs with ``at_once`` above 1 (26), or nothing but masks (24).
    """
    if not others:
        raise _impossible("nothing but masks")
    last, centre = len(masked) + len(others) - 1, sorted(others)[(len(others) - 1) // 2]
    left, steps = set(masked), list[tuple[int, ...]]()
    while left:
        count = len(steps) * at_once
        if count >= len(masked):
            raise _impossible("a mask at the last place of the window, or these masks several at once")
        if masked[-1 - count] < centre:
            stop = masked[-1 - count] + 1
            window = range(max(0, stop - at_once), stop)
            centre = max(0, int(centre - at_once / 2))
        elif masked[count] > centre:
            window = range(masked[count], min(masked[count] + at_once, last))
            centre = min(int(centre + at_once / 2), last)
        else:
            raise _impossible("masks on both sides of the middle of the window")
        steps.append(tuple(window))
        left -= set(window)
    return tuple(steps)


def _impossible(what: str) -> CelleError:
    return CelleError(
        f"The published order of filling residues cannot serve {what}. Fill them outward "
        "instead: a model that is not faithful does."
    )


WALKS = {"outward": outward, "published": published}
"""Orders of filling by name."""
