import sys

import pytest

from napari_celle.data.splitting.programs import read_output, run_program
from napari_celle.errors import CelleError


def test_a_program_gets_its_arguments_and_its_text_is_read(tmp_path):
    run_program(sys.executable, "-c", "import sys; open(sys.argv[1], 'w').write('found')", tmp_path / "out")
    assert read_output("python", tmp_path / "out") == "found"


def test_the_last_words_of_a_program_that_fails_are_told():
    with pytest.raises(CelleError, match="code 3: second third"):
        run_program(sys.executable, "-c", "print('first\\nsecond\\n====\\nthird'); raise SystemExit(3)")
    with pytest.raises(CelleError, match="it said nothing"):
        run_program(sys.executable, "-c", "raise SystemExit(3)")


def test_text_that_was_not_written_is_an_error(tmp_path):
    with pytest.raises(CelleError, match="mmseqs ended without a result"):
        read_output("mmseqs", tmp_path / "out")
