"""Choices by name."""

from collections.abc import Mapping
from typing import TypeVar

from napari_celle.errors import CelleError

_Choice = TypeVar("_Choice")


def choose(what: str, name: str, choices: Mapping[str, _Choice]) -> _Choice:
    """Return the choice of that name.

    Raises
    ------
    CelleError
        If there is none; it lists the names that there are.
    """
    if name not in choices:
        raise CelleError(f"There is no {what} {name!r}. Choose from {', '.join(sorted(choices))}.")
    return choices[name]
