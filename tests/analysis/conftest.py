from dataclasses import dataclass

import numpy as np
import pytest

from napari_celle.simulate import draw_field, draw_protein


@dataclass(frozen=True)
class ArrayPairs:
    """Pairs of pictures in memory."""

    nucleus: tuple
    protein: tuple
    sequences: tuple
    pixel_sizes_um: tuple = ()

    def __len__(self):
        return len(self.sequences)

    def read(self, index):
        return self.nucleus[index], self.protein[index]

    def fingerprint(self):
        return ""


@pytest.fixture(scope="session")
def pairs():
    """Three fields of 16 bits with a nuclear, a cytoplasmic and a nuclear protein."""
    places = ("nucleoplasm", "cytosol", "nucleoplasm")
    nuclei, proteins = [], []
    for number, place in enumerate(places):
        rng = np.random.default_rng(number)
        field = draw_field(rng, size=320)
        for pictures, picture in ((nuclei, field.nucleus), (proteins, draw_protein(field, {place: 1.0}, rng))):
            pictures.append((picture / picture.max() * 20_000).astype(np.uint16))
    return ArrayPairs(tuple(nuclei), tuple(proteins), ("MKRPKKKRKV", "MSKGEELFTG", "MKRP"))
