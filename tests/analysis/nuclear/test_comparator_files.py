import pytest

from napari_celle.analysis.nuclear.comparator_files import Call, identifier, read_comparator
from napari_celle.errors import CelleError

PLACES = (
    "Nucleus",
    "Cytoplasm",
    "Secreted",
    "Mitochondrion",
    "Membrane",
    "Endoplasmic",
    "Plastid",
    "Golgi_apparatus",
    "Lysosome",
    "Peroxisome",
)


@pytest.fixture
def written(tmp_path):
    def write(text, name="results.txt"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def calls(tool, path):
    return read_comparator(f"{tool}={path}").calls


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("P11387", "P11387"),
        (">sp|P11387|TOP1_HUMAN DNA topoisomerase 1", "P11387"),
        ("tr|A0A024|A0A024_HUMAN", "A0A024"),
        ("my_protein |1| long", "my_protein"),
        ("P05067-2", "P05067-2"),
        ("", ""),
    ],
)
def test_a_protein_is_known_by_its_accession_or_the_first_word(name, expected):
    assert identifier(name) == expected


def test_deeploc_is_nuclear_where_nucleus_is_among_its_localizations(written):
    header = "Protein_ID,Localizations,Signals,Membrane types,Cytoplasm,Nucleus"
    path = written(
        f"{header}\n"
        "sp|P1|X_HUMAN,Cytoplasm|Nucleus,Nuclear localization signal,Soluble,0.6,0.55\n"
        "P2,Cytoplasm,,Soluble,0.9,0.45\n"
        "P3,Nucleus membrane,,Soluble,0.9,\n",
        "results_20240101.csv",
    )
    assert calls("deeploc", path) == {"P1": Call(True, 0.55), "P2": Call(False, 0.45), "P3": Call(False, None)}
    assert read_comparator(f"deeploc={path}").path == path


def test_deeploc_without_probabilities_has_calls_without_scores(written):
    assert calls("deeploc", written("Protein_ID,Localizations\nP1,Nucleus\n")) == {"P1": Call(True, None)}


def test_mulocdeep_is_nuclear_where_its_prediction_says_so(written):
    def line(name, nucleus, prediction):
        scores = "\t".join(f"{place}:{nucleus if place == 'Nucleus' else 0.125}" for place in PLACES)
        return f">{name}:\t{scores}\tprediction:{prediction}\n"

    path = written(
        line("sp|P1|X_HUMAN", 0.75, "Nucleus|") + line("P2", 0.5, "Cytoplasm|Nucleus|") + line("P3", 0.9, "Cytoplasm|")
    )
    assert calls("mulocdeep", path) == {"P1": Call(True, 0.75), "P2": Call(True, 0.5), "P3": Call(False, 0.9)}


def test_subcons_is_read_as_joined_files_with_first_lines(written):
    path = written(
        "id_protein\tLOC_DEF\tCYT\tERE\tNUC\tPEX\nsp|P1|X_HUMAN\tNUC\t0.2\t0.1\t0.6\t0.1\n"
        "id_protein\tLOC_DEF\tCYT\tMEM\tMIT\tNUC\nP2\tMEM\t0.06\t0.32\t0.1\t0.04\n"
    )
    assert calls("subcons", path) == {"P1": Call(True, 0.6), "P2": Call(False, 0.04)}


def test_subcons_is_read_with_names_in_each_line(written):
    path = written("# SubCons\nsp|P1|X_HUMAN\tLOC_DEF:NUC\tCYT:0.1\tNUC:0.5\n\nP2\tLOC_DEF:CYT\tCYT:0.9\tNUC:0.25\n")
    assert calls("subcons", path) == {"P1": Call(True, 0.5), "P2": Call(False, 0.25)}


@pytest.mark.parametrize("choice", ["deeploc", "deeploc=", "psort=x.csv", ""])
def test_a_choice_without_a_tool_or_a_file_lists_the_tools(choice):
    with pytest.raises(CelleError, match="known are deeploc, mulocdeep, subcons"):
        read_comparator(choice)


@pytest.mark.parametrize(
    ("tool", "text", "words"),
    [
        ("deeploc", "name,place\nP1,Nucleus\n", "lacks the column Protein_ID, Localizations"),
        ("deeploc", "Protein_ID,Localizations,Nucleus\nP1,Nucleus,high\n", "row 1, Nucleus: 'high' is no number"),
        ("deeploc", "Protein_ID,Localizations\nP1,Nucleus\nP1,Cytoplasm\n", "different things of P1"),
        ("mulocdeep", "P1\tnuclear\n", "line 1 is none of MULocDeep"),
        ("mulocdeep", ">P1:\tNucleus:0.5\n", "line 1 is none of MULocDeep"),
        ("mulocdeep", "# nothing\n", "has no proteins"),
        ("subcons", "id_protein\tLOC_DEF\tCYT\nP1\tCYT\t0.5\n", "line 2 is none of SubCons"),
        ("subcons", "P1\tLOC_DEF:NUC\tNUC:x\n", "line 1, NUC: 'x' is no number"),
    ],
)
def test_a_file_of_something_else_is_named_with_the_place(written, tool, text, words):
    with pytest.raises(CelleError, match=words):
        calls(tool, written(text))


@pytest.mark.parametrize("tool", ["deeploc", "mulocdeep", "subcons"])
def test_a_file_that_is_missing_or_no_text_is_named(tmp_path, tool):
    with pytest.raises(CelleError, match=r"none\.txt"):
        calls(tool, tmp_path / "none.txt")
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\xff\xfe\x00")
    with pytest.raises(CelleError, match=r"picture\.txt"):
        calls(tool, tmp_path / "picture.txt")


def test_the_same_said_twice_counts_once(written):
    assert len(calls("deeploc", written("Protein_ID,Localizations\nP1,Nucleus\nP1,Nucleus\n"))) == 1
