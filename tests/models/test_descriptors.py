import sys

import numpy as np
import pytest

from napari_celle.alphabet import ESM, TAPE
from napari_celle.errors import CelleError
from napari_celle.models.descriptors import FAMILIES, descriptor_table

peptides = pytest.importorskip("peptides")


def test_there_are_ten_families_and_66_values():
    assert len(FAMILIES) == 10
    assert descriptor_table(TAPE).shape == (30, 66)
    for family, (_, count) in FAMILIES.items():
        assert len(getattr(peptides.tables, family)) == count


@pytest.mark.parametrize("letter", "ACDEFGHIKLMNPQRSTVWY")
def test_the_values_of_an_amino_acid_are_those_of_the_package(letter):
    of = peptides.Peptide(letter)
    expected = [
        *of.blosum_indices(), *of.cruciani_properties(), *of.fasgai_vectors(), *of.kidera_factors(),
        *of.ms_whim_scores(), *of.protfp_descriptors(), *of.st_scales(), *of.t_scales(), *of.vhse_scales(),
        *of.z_scales(),
    ]  # fmt: skip
    for alphabet in (TAPE, ESM):
        np.testing.assert_allclose(descriptor_table(alphabet)[alphabet.ids[letter]], expected, rtol=1e-6)


def test_rare_letters_have_the_values_of_what_they_stand_for():
    values = dict(zip(TAPE.tokens, descriptor_table(TAPE), strict=True))
    np.testing.assert_allclose(values["B"], (values["D"] + values["N"]) / 2, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(values["Z"], (values["E"] + values["Q"]) / 2, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(values["U"], values["C"])
    np.testing.assert_array_equal(values["O"], values["K"])


@pytest.mark.parametrize("alphabet", [TAPE, ESM], ids=lambda alphabet: alphabet.name)
def test_special_tokens_and_unknown_residues_are_zeros_and_nothing_else_is(alphabet):
    empty = {token for token, row in zip(alphabet.tokens, descriptor_table(alphabet), strict=True) if not row.any()}
    assert empty == {token for token in alphabet.tokens if not token.isalpha() or token == "X"}


def test_a_missing_package_is_named_with_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "peptides", None)
    with pytest.raises(CelleError, match=r"peptides.*pip install 'napari-celle\[published\]'"):
        descriptor_table(TAPE)
