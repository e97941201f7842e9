import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle import sequence
from napari_celle.errors import SequenceError
from napari_celle.sequence import (
    AMINO_ACIDS,
    MAX_RESIDUES,
    RARE_LETTERS,
    clean,
    fuse,
    parse,
    read_part,
    residue_places,
    tokenize,
)
from napari_celle.types import SequenceRecord

GFP_START = "MSKGEELFTGVVPILVELDG"
proteins = st.text(alphabet=AMINO_ACIDS + RARE_LETTERS, min_size=1, max_size=300).map(lambda text: "M" + text + "W")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(" mskge elftg\tvvpil\r\nvel dg\n\n", id="white space and lower case"),
        pytest.param("        1 mskgeelftg\n       11 vvpilveldg", id="GenPept"),
        pytest.param("ORIGIN      \n        1 mskgeelftg vvpilveldg\n//\n", id="GenPept, first and last line"),
        pytest.param("        10         20\nMSKGEELFTG VVPILVELDG", id="UniProt, ruler"),
        pytest.param("MSKGEELFTG 10\nVVPILVELDG 20", id="numbers at line ends"),
        pytest.param("MSKGEELFTGVVPILVELDG*", id="stop at the end"),
        pytest.param("\ufeffMSKGEELFTG\u00a0VVPILVELDG\n*\n", id="byte order mark, hard space"),
    ],
)
def test_what_people_paste_is_cleaned(text):
    assert clean(text) == GFP_START


@given(proteins, st.integers(1, 80))
def test_a_cleaned_sequence_survives_wrapping_and_numbering(protein, width):
    lines = [f"{at + 1:9d} {protein[at : at + width].lower()}" for at in range(0, len(protein), width)]
    assert clean("\n".join(lines) + "*") == protein


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param(" \n*\n", "empty", id="only a stop"),
        pytest.param("MSK3GE", "'3' at position 4 .*digit inside", id="digit inside letters"),
        pytest.param("MSKG 3 EEL", "'3' at position 5 .*digit inside", id="digit between words"),
        pytest.param("MSK*GE", r"'\*' at position 4 .*stop codon", id="stop codon"),
        pytest.param("MS-KGE", "'-' at position 3 .*gap", id="gap"),
        pytest.param("MSJKGE", "'J' at position 3 .*not an amino acid", id="no amino acid"),
        pytest.param("MSKß", "'ß' at position 4", id="a letter that upper case would turn into SS"),
        pytest.param("ATGAGTAAAGGAGAAGAACTTTTC", "DNA or RNA.*Translate it first", id="DNA"),
        pytest.param("augaguaaaggagaagaacuuuuc", "DNA or RNA.*Translate it first", id="RNA"),
        pytest.param("MK" * 20_001, "40,002 residues.*40,000", id="too long"),
    ],
)
def test_bad_input_is_named_with_the_remedy(text, said):
    with pytest.raises(SequenceError, match=said):
        clean(text)


def test_the_longest_sequence_is_accepted():
    assert len(clean("MK" * (MAX_RESIDUES // 2))) == MAX_RESIDUES


def test_a_short_run_of_a_c_g_t_is_a_peptide():
    assert clean("GATTACA") == "GATTACA"


def test_a_plain_sequence_is_one_record_without_a_name():
    assert parse("mskge") == (SequenceRecord("", "MSKGE"),)


def test_fasta_gives_every_record_with_the_first_word_as_name():
    text = "\n>sp|P42212|GFP Green\nMSKGE\nELFTG*\n\n> nls\r\n  1 KRPAATKK\r\n>\nMK"
    assert parse(text) == (
        SequenceRecord("sp|P42212|GFP", "MSKGEELFTG"),
        SequenceRecord("nls", "KRPAATKK"),
        SequenceRecord("", "MK"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (">a\nMK\n>b\nMK1MK", r"FASTA record 2 \(b\): '1' at position 3"),
        (">a\n>b\nMK", r"FASTA record 1 \(a\): .*empty"),
        ("MSK\n>b\nMK", "text before the first FASTA header: 'MSK'"),
    ],
)
def test_a_bad_record_is_named(text, said):
    with pytest.raises(SequenceError, match=said):
        parse(text)


def test_ids_follow_the_order_of_the_letters():
    ids = tokenize(AMINO_ACIDS + "BOUXZ")
    assert ids.dtype == np.int64
    np.testing.assert_array_equal(ids, np.arange(25))
    assert (sequence.MASK_ID, sequence.PAD_ID, sequence.RESIDUE_VOCABULARY) == (25, 26, 27)


def test_a_letter_without_an_id_is_named():
    with pytest.raises(SequenceError, match="'j' at position 2"):
        tokenize("Mj")


@pytest.mark.parametrize(
    ("length", "first", "expected"), [(5, 0, (0, 5)), (12, 0, (0, 10)), (12, 1, (1, 11)), (12, 11, (11, 12))]
)
def test_the_part_that_is_read_starts_where_asked(length, first, expected):
    assert read_part(length, window=10, first_residue=first) == expected


@pytest.mark.parametrize("first", [-1, 12])
def test_a_first_residue_outside_is_refused(first):
    with pytest.raises(SequenceError, match="from 1 to 12"):
        read_part(12, window=10, first_residue=first)


@given(proteins, proteins)
def test_fusing_joins_n_to_c_terminus_without_inner_stop(first, second):
    assert fuse(first.lower() + "*", second) == first + second


def _at_places(text, *, record=0):
    return "".join(text[place] for place in residue_places(text, record=record)).upper()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(" mskge elftg\tvvpil\r\nvel dg\n\n", id="white space and lower case"),
        pytest.param("\ufeffORIGIN      \n        1 mskgeelftg vvpilveldg\n//\n", id="GenPept"),
        pytest.param("        10         20\nMSKGEELFTG VVPILVELDG", id="UniProt, ruler"),
        pytest.param("MSKGEELFTG 10\nVVPILVELDG** 20", id="numbers at line ends, stops"),
        pytest.param("MSKGEELFTG\u2028VVPILVELDG\x0b", id="other line breaks"),
    ],
)
def test_each_residue_is_found_where_it_was_pasted(text):
    assert _at_places(text) == clean(text) == GFP_START


line_ends = st.sampled_from(["\n", "\r\n", "\n\n", " \n  "])


@given(st.lists(st.tuples(st.text("ab|1 \U0001f9ec", max_size=8), proteins, line_ends), min_size=1), st.booleans())
def test_residues_are_found_in_each_record_of_a_fasta_text(records, has_mark):
    text = "\ufeff" * has_mark + "".join(
        f">{header}\n 1 {protein[:7]} {protein[7:]}{end}" for header, protein, end in records
    )
    for number, record in enumerate(parse(text)):
        assert _at_places(text, record=number) == record.sequence
