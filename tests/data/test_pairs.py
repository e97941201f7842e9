"""Pairs of pictures in files, and what tells one set of them from another."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from napari_celle.data.pairs import FilePairs, PictureFile, joined_sha256


@pytest.fixture
def pairs(tmp_path):
    paths = {name: tmp_path / f"{name}.npy" for name in ("nucleus", "protein", "mask")}
    picture = np.random.default_rng(0).integers(0, 60_000, (40, 36)).astype(np.uint16)
    for path, pixels in zip(paths.values(), (picture, picture // 2, (picture > 30_000) * np.uint8(255)), strict=True):
        np.save(path, pixels)
    digests = tuple(hashlib.sha256(paths[name].read_bytes()).hexdigest() for name in ("protein", "mask"))
    files = {name: PictureFile(path) for name, path in paths.items()}
    return FilePairs((files["nucleus"],) * 2, (files["protein"], files["mask"]), ("MKRAP", "WDERP"), digests)


def test_a_measured_protein_keeps_its_values_and_a_painted_mask_is_true_and_false(pairs):
    nucleus, protein = pairs.read(0)
    assert (nucleus.dtype, protein.dtype) == (np.uint16, np.uint16)
    np.testing.assert_array_equal(protein, nucleus // 2)
    np.testing.assert_array_equal(pairs.read(1)[1], nucleus > 30_000)
    assert pairs.read(1)[1].dtype == bool


def test_the_fingerprint_changes_with_a_picture_and_with_a_sequence(pairs):
    first = pairs.fingerprint()
    assert replace(pairs).fingerprint() == first
    assert replace(pairs, sequences=("MKRAP", "WDER")).fingerprint() != first
    assert replace(pairs, digests=("", pairs.digests[1])).fingerprint() != first


def test_texts_that_are_cut_elsewhere_are_other_texts():
    assert joined_sha256(["MK", "R"]) != joined_sha256(["M", "KR"])
