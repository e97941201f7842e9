"""FASTA files are read in the background: all their proteins, or one sentence."""

import threading

import pytest
from qtpy.QtCore import QThreadPool
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_celle.ui.sequence import reading
from napari_celle.ui.sequence.reading import MOST_LETTERS, FastaFiles


@pytest.fixture
def files(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    files = FastaFiles(parent)
    files.holder = parent  # keeps it alive
    yield files
    QThreadPool.globalInstance().waitForDone(5000)


def _sentence(qtbot, files, path):
    with qtbot.waitSignal(files.failed) as failed:
        files.open([path])
    return str(failed.args[0])


def test_the_proteins_of_all_files_come_in_their_order(qtbot, files, fasta, tmp_path):
    (tmp_path / "my protein.txt").write_text("MSKG EELF\n")
    with qtbot.waitSignal(files.read) as read:
        files.open([fasta, tmp_path / "my protein.txt"])
    assert read.args == [">gfp\nMSKGEELFTG\n>nls\nKRPAATKKAGQAKKKK\n>my-protein\nMSKGEELF\n"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\xff", "is not a text file"),
        (b"\n", "is empty"),
        (b">a\nMSK-GE\n", "'-' at position 4"),
        (b"MSKG\n>a\nMSKG\n", "text before the first FASTA header"),
        (None, "There is no file"),
    ],
    ids=["picture", "empty", "gap", "text before", "missing"],
)
def test_a_bad_file_gives_one_sentence_with_its_name_and_no_folder(qtbot, files, tmp_path, content, said):
    path = tmp_path / "bad.fasta"
    if content is not None:
        path.write_bytes(content)
    sentence = _sentence(qtbot, files, path)
    assert said in sentence
    assert "bad.fasta" in sentence
    assert str(tmp_path) not in sentence


def test_a_folder_is_no_fasta(qtbot, files, tmp_path):
    assert "cannot be read" in _sentence(qtbot, files, tmp_path)


@pytest.mark.parametrize("size", [MOST_LETTERS + 1, 3 * MOST_LETTERS])
def test_a_whole_proteome_is_refused_and_the_other_way_named(qtbot, files, tmp_path, size):
    (tmp_path / "human.fasta").write_text(">a\nMSKGEELFTG\n" * (size // 13))
    sentence = _sentence(qtbot, files, tmp_path / "human.fasta")
    assert "the box takes 200,000" in sentence
    assert "napari-celle predict --fasta" in sentence


def test_the_reading_is_not_in_the_thread_of_the_window(qtbot, files, fasta, monkeypatch):
    threads = []
    honest = reading.read_fasta
    monkeypatch.setattr(reading, "read_fasta", lambda path: threads.append(threading.current_thread()) or honest(path))
    with qtbot.waitSignal(files.read):
        files.open([fasta])
    assert threads[0] is not threading.main_thread()


def test_of_two_requests_the_later_counts(qtbot, files, fasta, tmp_path, monkeypatch):
    go = threading.Event()
    honest = reading.read_fasta
    monkeypatch.setattr(reading, "read_fasta", lambda path: (go.wait(5), honest(path))[1])
    (tmp_path / "b.fa").write_text(">b\nMSKG\n")
    texts = []
    files.read.connect(texts.append)
    files.open([fasta])
    files.open([tmp_path / "b.fa"])
    go.set()
    qtbot.waitUntil(lambda: bool(texts))
    QThreadPool.globalInstance().waitForDone(5000)
    qtbot.wait(1)
    assert texts == [">b\nMSKG\n"]


def test_files_are_chosen_in_a_dialog_which_can_be_left(qtbot, files, fasta, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *args: ([str(fasta)], ""))
    with qtbot.waitSignal(files.read) as read:
        files.choose()
    assert read.args[0].startswith(">gfp")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *args: ([], ""))
    with qtbot.assertNotEmitted(files.read):
        files.choose()
