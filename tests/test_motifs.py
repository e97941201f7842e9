"""Known sorting signals are found where they are, and only as hints."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_celle.motifs import find_motifs
from napari_celle.sequence import AMINO_ACIDS, RARE_LETTERS

EGFP = (
    "MVSKGEELFTGVVPILVELDGDVNGHKFSVSGEGEGDATYGKLTLKFICTTGKLPVPWPTLVTTLTYGVQCFSRYPDHMKQHDFFKSAMPEGYVQERTIFFKDDGNYK"
    "TRAEVKFEGDTLVNRIELKGIDFKEDGNILGHKLEYNYNSHNVYIMADKQKNGIKVNFKIRHNIEDGSVQLADHYQQNTPIGDGPVLLPDNHYLSTQSALSKDPNEKR"
    "DHMVLLEFVTAAGITLGMDELYK"
)
SEQUENCES = st.text(AMINO_ACIDS + RARE_LETTERS, min_size=1, max_size=120)
RICH = st.text("KRLIGPYHDESAM", min_size=1, max_size=120)


def found(sequence):
    return {motif.name: sequence[motif.start : motif.stop] for motif in find_motifs(sequence)}


@pytest.mark.parametrize(
    ("sequence", "name", "part"),
    [
        pytest.param("GSPKKKRKVGS", "monopartite NLS", "KKKRK", id="SV40 large T"),
        pytest.param("GSPAAKRVKLDGS", "monopartite NLS", "KRVK", id="c-Myc"),
        pytest.param("GSKRPAATKKAGQAKKKKGS", "bipartite NLS", "KRPAATKKAGQAKKKK", id="nucleoplasmin"),
        pytest.param("NQSSNFGPMKGGNFGGRSSGPYGGG", "PY-NLS", "FGPMKGGNFGGRSSGPY", id="hnRNP A1"),
        pytest.param("FGPGKMDSRGEHRQDRRERPY", "PY-NLS", "KMDSRGEHRQDRRERPY", id="FUS"),
        pytest.param("NELALKLAGLDINK", "leucine-rich NES", "LALKLAGLDI", id="PKI"),
        pytest.param("GSLQLPPLERLTLDC", "leucine-rich NES", "LPPLERLTL", id="HIV Rev"),
        pytest.param("AAALQKKLEELELDE", "leucine-rich NES", "LQKKLEELEL", id="MAPKK"),
        pytest.param("EEEDVPGQAKDEL", "ER retention", "KDEL", id="calreticulin"),
        pytest.param("EKAKKGGKSKL", "PTS1", "SKL", id="luciferase"),
        pytest.param("MQRLQVVLGHLRGPADSGWM", "PTS2", "RLQVVLGHL", id="thiolase"),
        pytest.param("GKKKKKKSKTKCVIM", "CAAX box", "CVIM", id="KRAS"),
    ],
)
def test_a_known_signal_is_found_where_it_is(sequence, name, part):
    assert found(sequence).get(name) == part


@pytest.mark.parametrize(
    ("sequence", "cleaved"),
    [
        pytest.param("MALWMRLLPLLALLALWGPDPAAAFVNQHL", 24, id="insulin"),
        pytest.param("MLLSVPLLLGLLGLAVAEPAVYFKEQFLDG", 17, id="calreticulin"),
        pytest.param("MKWVTFISLLFLFSSAYSRGVFRRDAHKSE", 18, id="albumin"),
    ],
)
def test_a_signal_peptide_is_seen_and_its_end_is_a_guess(sequence, cleaved):
    assert abs(len(found(sequence)["N-terminal signal peptide"]) - cleaved) <= 3


def test_green_fluorescent_protein_has_no_signal():
    assert found(EGFP) == {}


@pytest.mark.parametrize(
    ("sequence", "name"),
    [
        ("KDELGS", "ER retention"),
        ("SKLGS", "PTS1"),
        ("CVIMGS", "CAAX box"),
        ("G" * 40 + "RLQVVLGHL", "PTS2"),
        ("MDEELLLLLLLLLLSASAEEEE", "N-terminal signal peptide"),
        ("MKKTAIAIAVALEEEEEEEEEEEEEEEEEEEEEEEEEEEE", "N-terminal signal peptide"),
        ("GSRSSGPYGGG", "PY-NLS"),
        ("DEDEDEFGPMEEENFGGRSSGPY", "PY-NLS"),
        ("GSPKTKRKVGS", "monopartite NLS"),
        ("KRPAATGGAGQAGGKKGG", "bipartite NLS"),
    ],
)
def test_what_lies_elsewhere_or_lacks_a_part_is_no_signal(sequence, name):
    assert name not in found(sequence)


def test_the_tooltip_names_places_residues_and_source_and_calls_itself_a_hint():
    (motif,) = find_motifs("GSPAAKRVKLDGS")
    assert (motif.kind, motif.start, motif.stop) == ("nls", 5, 9)
    assert "residues 6-9 (KRVK)" in motif.text
    assert motif.source in motif.text
    assert "not a prediction" in motif.text


@given(st.one_of(SEQUENCES, RICH))
def test_motifs_lie_inside_say_their_residues_and_are_sorted(sequence):
    motifs = find_motifs(sequence)
    assert motifs == find_motifs(sequence)
    assert list(motifs) == sorted(motifs, key=lambda motif: (motif.start, motif.stop, motif.name))
    for motif in motifs:
        assert 0 <= motif.start < motif.stop <= len(sequence)
        assert f"({sequence[motif.start : motif.stop]})" in motif.text


@given(st.one_of(SEQUENCES, RICH))
def test_matches_of_one_signal_do_not_overlap(sequence):
    stops = {}
    for motif in find_motifs(sequence):
        assert stops.get(motif.name, 0) <= motif.start
        stops[motif.name] = motif.stop


def test_the_longest_of_overlapping_matches_is_kept():
    assert found("GGKRAAAAAAAAAAKKKAKAGG")["bipartite NLS"] == "KRAAAAAAAAAAKKKAK"


@pytest.mark.parametrize("unit", ["K", "L", "KRPY", "RPYG"])
def test_the_longest_protein_takes_a_second_at_most(unit):
    since = time.process_time()
    find_motifs((unit * 40_000)[:40_000])
    assert time.process_time() - since < 3
