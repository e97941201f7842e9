from types import SimpleNamespace

import numpy as np
import pytest

from napari_celle.analysis.constructs import (
    Construct,
    ConstructResult,
    drawn_nuclei,
    place_constructs,
    read_constructs,
    sides,
)
from napari_celle.errors import CelleError, SequenceError


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("gfp_fusion,fusion_sequence,sequence", "MRR"),
        ("gfp_fusion,fusion_sequence,other", "MKK"),
        ("gfp_fusion,other,another", "MAA"),
    ],
)
def test_the_sequence_stands_in_the_first_of_three_columns(tmp_path, columns, expected):
    path = tmp_path / "t.csv"
    path.write_text(f"{columns}\nMAA,MKK,MRR\n")
    (construct,) = read_constructs(path)
    assert (construct.sequence, construct.construct, construct.is_nuclear) == (expected, "row 1", None)


def test_rows_keep_their_order_names_and_what_is_known_of_them(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("construct,sequence,expected_nuclear\nb,MKK,1\na,MRR,0\nb,MAA,\n")
    read = [(each.construct, each.sequence, each.is_nuclear) for each in read_constructs(path)]
    assert read == [("b", "MKK", True), ("a", "MRR", False), ("b", "MAA", None)]


def test_a_fasta_file_gives_names_and_proteins(tmp_path):
    path = tmp_path / "proteins.fasta"
    path.write_text(">one\nMKRP\nAA\n>two\nMW\n")
    found = read_constructs(path)
    assert [(each.construct, each.sequence, each.is_nuclear) for each in found] == [
        ("one", "MKRPAA", None),
        ("two", "MW", None),
    ]


def test_a_table_without_proteins_or_with_a_bad_row_says_so(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("construct,protein\na,MKK\n")
    with pytest.raises(CelleError, match="needs one of the columns sequence, fusion_sequence, gfp_fusion"):
        read_constructs(path)
    path.write_text("sequence\nMK*K\n")
    with pytest.raises(SequenceError, match=r"t\.csv has row 1"):
        read_constructs(path)
    path.write_text("sequence,is_nuclear\nMKK,maybe\n")
    with pytest.raises(CelleError, match="row 1, is_nuclear: 'maybe'"):
        read_constructs(path)


def test_every_construct_is_seen_in_every_image_with_every_seed():
    def predictor(request):
        images.append(request.nucleus)
        return SimpleNamespace(nuclear_fraction=len(request.sequence) / 10 + request.sampling.seed / 100)

    images: list[np.ndarray] = []
    fields = drawn_nuclei(2)
    constructs = [Construct("a", "MKK", None), Construct("b", "MKKKKK", None)]
    results = place_constructs(predictor, constructs, fields, seeds=(0, 2))
    assert [each.fractions for each in results] == [(0.3, 0.32) * 2, (0.6, 0.62) * 2]
    assert results[0].nuclear_fraction == pytest.approx(0.31)
    assert results[0].nuclear_fraction_sd == pytest.approx(0.01)
    assert [image is field.pixels for image, field in zip(images[::2], fields * 2, strict=True)] == [True] * 4


def test_drawn_nuclei_are_the_same_on_every_call_and_differ_from_each_other():
    first, again = drawn_nuclei(2), drawn_nuclei(2)
    np.testing.assert_array_equal(first[1].pixels, again[1].pixels)
    assert (first[0].pixels != first[1].pixels).any()


def test_sides_are_counted_for_those_whose_place_is_known():
    def result(nuclear, fraction):
        return ConstructResult(Construct("", "M", nuclear), (fraction,))

    results = [result(True, 0.6), result(True, 0.4), result(False, 0.4), result(False, 0.9), result(None, 0.9)]
    assert sides(results, threshold=0.5) == {"nuclear": 2, "nuclear_right": 1, "other": 2, "other_right": 1}
    assert sides(results, threshold=0.3)["nuclear_right"] == 2
