"""Every array in the folder of reference outputs is compared: one test id each, CASE/FILE/ARRAY."""

import re
from functools import cache
from pathlib import PurePosixPath

import numpy as np
import parity_celle
import parity_celle2
import parity_inputs
import pytest
import torch
from parity_compare import Rows, Value, allowed, compare, perturbed
from parity_folder import FOLDER, LATER, Case, cases
from parity_models import Inputs, load

from napari_celle.alphabet import ESM, detokenize

CASES = {case.name: case for case in cases()}
FILES = [f"{name}/{file}" for name, case in CASES.items() for file in case.files if file not in LATER]
PATTERNS = {"celle": parity_celle.files, "celle2": parity_celle2.files}


def split(path: str) -> tuple[Case, str]:
    """Return the case and the last part of a path below it."""
    place = PurePosixPath(path)
    return CASES[str(place.parent)], place.name


ARRAYS = [f"{path}/{array}" for path in FILES for case, file in [split(path)] for array in case.arrays(file)]
UNCACHED = [array for array in ARRAYS if re.search(r"/(greedy|sampled)_uncached/", array)]
NOTED = {path: split(path)[0].statistics.get(split(path)[1], {}) for path in FILES}


def over(name: str, paths: list[str]) -> pytest.MarkDecorator:
    """Run a test for each path; where there is none once, so that it says why it is skipped."""
    absent = pytest.param("", id="none", marks=pytest.mark.skipif(bool(CASES), reason="no such reference outputs"))
    return pytest.mark.parametrize(name, paths or [absent])


@cache
def network(name: str, faithful: str) -> Inputs:
    """Return a model with its inputs."""
    return Inputs(CASES[name], load(CASES[name], faithful))


@cache
def ours(path: str, faithful: str) -> dict[str, Value]:
    """Return what we make of a file of arrays, all of it at once."""
    case, file = split(path)
    if case.kind == "pictures":
        return parity_inputs.pictures(case)
    if file == "inputs":
        return parity_inputs.inputs(case)
    model = network(case.name, faithful)
    for pattern, compute in PATTERNS[case.kind](model).items():
        if re.fullmatch(pattern, file):
            with torch.inference_mode():
                return compute(file)
    pytest.fail(f"nobody compares the file {path}.npz: give it a function, or a line in LATER")


@cache
def theirs(path: str) -> dict[str, np.ndarray]:
    """Return what the authors' code gave."""
    case, file = split(path)
    return case.read(file)


def check(array: str, faithful: str, largest: dict[str, tuple[float, float]]) -> None:
    """Compare an array, and see that the comparison fails when the reference is changed a little."""
    place = PurePosixPath(array)
    path, name = str(place.parent), place.name
    recorded = theirs(path)[name]
    if re.fullmatch(r"source_.*|.*_source", name):
        assert recorded.size, "a picture without pixels"
        return
    made = ours(path, faithful)
    assert name in made, f"nobody compares {array}"
    difference = compare(name, made[name], recorded)
    changes = perturbed(made[name], recorded)
    assert changes
    for changed in changes:
        with pytest.raises(AssertionError):
            compare(name, made[name], changed)
    rows = f" (rows {made[name].rows})" if isinstance(made[name], Rows) and len(made[name].rows) < len(recorded) else ""
    mended = " (mended, cached)" if faithful == "none" else ""
    largest[array + rows + mended] = difference, allowed(name, recorded)


@over("array", ARRAYS)
def test_an_array_is_what_the_authors_code_gave(fixtures, array, largest):
    check(array, "all", largest)


@over("array", UNCACHED)
def test_the_mended_cached_generation_is_the_uncached_one(fixtures, array, largest):
    check(array, "none", largest)


@over("path", [path for path, noted in NOTED.items() if "noise_seed" in noted])
def test_the_noise_is_what_the_authors_code_was_given(fixtures, path):
    first = NOTED[path]["noise_first_values"]
    drawn = parity_inputs.noise(NOTED[path]["noise_seed"], tuple(NOTED[path]["noise_shape"]))
    np.testing.assert_allclose(drawn.ravel()[: len(first)], first, rtol=1e-6)


@over("path", [path for path, noted in NOTED.items() if "detokenised" in noted])
def test_a_sequence_is_spelled_as_the_authors_code_does(fixtures, path):
    made = ours(path, "all")
    assert detokenize(made.get("text_tokens_out", made["text_tokens"])[0], ESM) == NOTED[path]["detokenised"]


@over("path", [path for path, noted in NOTED.items() if "positions_filled_in_each_step" in noted])
def test_residues_are_filled_in_the_order_of_the_authors_code(fixtures, path):
    assert ours(path, "all")["order"] == NOTED[path]["positions_filled_in_each_step"]


def test_no_file_is_overlooked(fixtures):
    """A file that nobody compares fails in its own test; one beside all cases would have none."""
    assert CASES, f"there is no meta.json below {FOLDER}"
    assert {path.parent for path in FOLDER.rglob("*.npz")} <= {case.path for case in CASES.values()}
