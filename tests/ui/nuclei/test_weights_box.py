from pathlib import Path

from qtpy.QtWidgets import QFileDialog

from napari_celle.ui.nuclei.weights_box import WeightsBox


def test_a_file_is_told_only_when_one_was_chosen(qtbot, monkeypatch):
    box = WeightsBox()
    qtbot.addWidget(box)
    box.explain("There are no weights.")
    told = []
    box.file_chosen.connect(told.append)
    for answer in ("", "/somewhere/cpsam_v2"):
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, answer=answer: (answer, ""))
        box.file_button.click()
    assert told == [Path("/somewhere/cpsam_v2")]
    box.explain("")
    assert box.isHidden()
