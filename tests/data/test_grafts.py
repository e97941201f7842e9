import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.data.grafts import LONGEST, SHORTEST, grafted, most_basic
from napari_celle.data.proteins import LOCATIONS, Proteins


def labels(*names):
    return [name in names for name in LOCATIONS]


@pytest.fixture
def proteins():
    """Twenty purely cytoplasmic proteins, one nuclear with a basic stretch, one in both, one of the ER."""
    return Proteins(
        accessions=tuple(f"T{number}" for number in range(23)),
        sequences=(*["MAEDAEDAEDAEDAEDAEDG"] * 20, "MSSSSSSSSSKKKRKKKRKSSSSSSSS", "MTTTTTTTTTTT", "MLLLLLLLLLLL"),
        locations=np.array(
            [labels("Cytoplasm")] * 20
            + [labels("Nucleus"), labels("Nucleus", "Cytoplasm"), labels("Endoplasmic reticulum")]
        ),
    )


@given(st.text("AKRD", min_size=1, max_size=60), st.integers(1, 30))
def test_the_most_basic_run_is_found(sequence, length):
    run = most_basic(sequence, length)
    runs = [sequence[start : start + length] for start in range(max(1, len(sequence) - length + 1))]
    assert run == max(runs, key=lambda text: sum(letter in "KR" for letter in text))


def test_pieces_of_nuclear_proteins_make_cytoplasmic_ones_nuclear_and_other_pieces_do_not(proteins):
    result = grafted(proteins, 1.0, np.random.default_rng(0))
    for before, after, location in zip(proteins.sequences[:20], result.sequences, result.locations, strict=False):
        assert before in after
        piece = after.removeprefix(before) if after.startswith(before) else after.removesuffix(before)
        assert SHORTEST <= len(piece) <= LONGEST
        nuclear = location[LOCATIONS.index("Nucleus")]
        assert location.sum() == 1
        if nuclear:
            assert "KK" in piece
    assert 4 < result.locations[:20, LOCATIONS.index("Nucleus")].sum() < 16


def test_only_purely_cytoplasmic_proteins_change(proteins):
    result = grafted(proteins, 1.0, np.random.default_rng(0))
    assert result.sequences[20:] == proteins.sequences[20:]
    np.testing.assert_array_equal(result.locations[20:], proteins.locations[20:])
    assert proteins.sequences[0] == "MAEDAEDAEDAEDAEDAEDG"


def test_no_share_changes_nothing(proteins):
    assert grafted(proteins, 0.0, np.random.default_rng(0)).sequences == proteins.sequences
