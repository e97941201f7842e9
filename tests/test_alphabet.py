import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.alphabet import ALPHABETS, ESM, TAPE, UNIREP, detokenize, places, tokenize
from napari_celle.errors import SequenceError
from napari_celle.sequence import AMINO_ACIDS, RARE_LETTERS

RESIDUES = AMINO_ACIDS + RARE_LETTERS
EACH = pytest.mark.parametrize("alphabet", [TAPE, UNIREP, ESM], ids=lambda alphabet: alphabet.name)
sequences = st.text(RESIDUES, min_size=1, max_size=40)
windows = st.integers(2, 30)


def spelled(sequence, alphabet, window, **options):
    return detokenize(tokenize(sequence, alphabet, window=window, **options), alphabet)


def test_each_alphabet_has_its_size_and_every_residue():
    assert [len(alphabet.tokens) for alphabet in (TAPE, UNIREP, ESM)] == [30, 26, 33]
    for alphabet in ALPHABETS.values():
        assert set(RESIDUES) <= set(alphabet.ids)
        assert alphabet.tokens[alphabet.pad] == "<pad>"
        assert alphabet.tokens[alphabet.start] == "<cls>"


def test_the_ids_are_those_of_tape():
    tokenizers = pytest.importorskip("tape.tokenizers")
    assert {token: number for number, token in enumerate(TAPE.tokens)} == tokenizers.IUPAC_VOCAB
    unirep = {token: number for number, token in enumerate(UNIREP.tokens)} | UNIREP.ids
    assert unirep == tokenizers.UNIREP_VOCAB


def test_the_ids_are_those_of_transformers():
    esm = pytest.importorskip("transformers.models.esm.configuration_esm")
    assert ESM.tokens == esm.get_default_vocab_list()


@pytest.mark.parametrize(
    ("sequence", "tape", "esm"),
    [
        ("MAC", "MAC<sep><pad>", "<cls>MAC<eos><pad><pad>"),
        ("MACD", "MACD<sep>", "<cls>MACD<eos><pad>"),
        ("MACDE", "MACDE", "<cls>MACDE<eos>"),
        ("MACDEF", "MACDE", "<cls>MACDE<pad>"),
    ],
)
def test_a_protein_is_framed_and_padded(sequence, tape, esm):
    assert spelled(sequence, TAPE, 5) == tape
    assert spelled(sequence, ESM, 5) == esm


@pytest.mark.parametrize(
    ("start", "tape", "esm"),
    [
        (1, "ACDEF", "ACDEF<pad><pad>"),
        (2, "CDEFG", "CDEFG<eos><pad>"),
        (5, "FG<sep><pad><pad>", "FG<eos><pad><pad><pad><pad>"),
    ],
)
def test_a_long_protein_is_read_from_the_chosen_residue_to_its_end(start, tape, esm):
    assert spelled("MACDEFG", TAPE, 5, start=start) == tape
    assert spelled("MACDEFG", ESM, 5, start=start) == esm


def test_faithful_loses_residues_as_the_published_loaders_do():
    assert spelled("MACDE", TAPE, 5, faithful="all") == "MACD<pad>"
    assert spelled("MACDEF", TAPE, 5, faithful="all") == "MACDE"
    assert spelled("MACDEF", ESM, 5, faithful="all") == "<cls>MACDEF"
    assert spelled("MACDEFG", ESM, 5, start=1, faithful="all") == "MACDEFG"


@pytest.mark.parametrize(("alphabet", "last"), [(TAPE, 1), (ESM, 1)])
def test_faithful_never_reaches_the_last_residue_of_a_long_protein(alphabet, last):
    spelled("MACDEFG", alphabet, 5, start=last, faithful="all")
    with pytest.raises(SequenceError, match=f"from 1 to {last + 1}"):
        spelled("MACDEFG", alphabet, 5, start=last + 1, faithful="all")


@EACH
@given(sequence=sequences, window=windows, data=st.data())
def test_every_residue_from_the_start_on_is_read_as_far_as_the_window_goes(alphabet, sequence, window, data):
    start = data.draw(st.integers(0, len(sequence) - 1))
    ids = tokenize(sequence, alphabet, window=window, start=start)
    assert ids.dtype == np.int64
    assert ids.shape == (places(alphabet, window),)
    read = [number for number in ids if number not in (alphabet.start, alphabet.end, alphabet.pad)]
    assert read == [alphabet.ids[letter] for letter in sequence[start : start + window]]


@given(sequence=sequences, window=windows, data=st.data())
def test_the_ends_of_a_protein_are_marked_only_where_they_are_in_sight(sequence, window, data):
    start = data.draw(st.integers(0, len(sequence) - 1))
    ids = tokenize(sequence, ESM, window=window, start=start)
    assert (ids[0] == ESM.start) == (start == 0)
    assert (ESM.end in ids) == (start + window >= len(sequence))


@EACH
@given(sequence=sequences, window=windows)
def test_faithful_changes_nothing_in_a_protein_shorter_than_the_window(alphabet, sequence, window):
    sequence = sequence[: window - 1]
    mended, published = (tokenize(sequence, alphabet, window=window, faithful=rule) for rule in ("none", "all"))
    np.testing.assert_array_equal(mended, published)


@pytest.mark.parametrize("alphabet", [TAPE, ESM], ids=lambda alphabet: alphabet.name)
def test_a_residue_may_be_masked(alphabet):
    assert spelled("M<mask><mask>A", alphabet, 4).startswith(("M<mask><mask>A", "<cls>M<mask><mask>A<eos>"))


@EACH
@pytest.mark.parametrize(("sequence", "letter", "place"), [("MA1", "1", 3), ("ma", "m", 1), ("M<cls>A", "<cls>", 2)])
def test_a_letter_outside_the_alphabet_is_named_with_its_place(alphabet, sequence, letter, place):
    with pytest.raises(SequenceError, match=f"'{letter}' at residue {place} is not"):
        tokenize(sequence, alphabet, window=4)


def test_unirep_has_no_mask():
    with pytest.raises(SequenceError, match=r"'<mask>' at residue 1 .* Use only A\w+\.$"):
        tokenize("<mask>", UNIREP, window=4)


@EACH
@pytest.mark.parametrize("faithful", ["none", "all"])
def test_a_start_outside_the_protein_is_refused(alphabet, faithful):
    with pytest.raises(SequenceError, match=r"from place 4: choose a first residue from 1 to \d"):
        tokenize("MAC", alphabet, window=9, start=3, faithful=faithful)
    with pytest.raises(SequenceError, match="place 0"):
        tokenize("MAC", alphabet, window=9, start=-1, faithful=faithful)


def test_an_empty_sequence_is_refused():
    with pytest.raises(SequenceError, match="empty"):
        tokenize("", ESM, window=9)


@pytest.mark.parametrize(("model", "alphabet"), [("celle1_small", TAPE), ("celle2_small", ESM)])
def test_faithful_tokens_are_those_of_the_published_loaders(fixtures, model, alphabet):
    about = json.loads((fixtures / model / "meta.json").read_text())
    window = about["transformer"]["text_seq_len"]
    with np.load(fixtures / model / "inputs.npz") as inputs:
        for name, sequence in about["sequences"].items():
            start = about["long_sequence_crop_start"] if name == "long" else 0
            ids = tokenize(sequence, alphabet, window=window, start=start, faithful="all")
            np.testing.assert_array_equal(ids, inputs[f"tokens_{name}"][0], err_msg=name)


def test_special_tokens_are_spelled_out_as_upstream_does(fixtures):
    about = json.loads((fixtures / "celle2_small" / "meta.json").read_text())
    ids = tokenize(about["sequences"]["short"], ESM, window=about["transformer"]["text_seq_len"])
    assert detokenize(ids, ESM) == about["statistics"]["sample_1_greedy"]["detokenised"]
