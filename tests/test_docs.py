"""The documents hold: their code runs, their links lead somewhere, and nothing names a path of somebody's machine."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("weights/*.md")])
OWN_PAGES = re.compile(r"https://github\.com/napari-celle/napari-celle/(?:blob|tree)/main/")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|home|Users|root|opt)/\w|[A-Z]:\\Users")


def name_of(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def python_blocks(document: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def links(document: Path) -> list[str]:
    """List the targets of links and images that lie in this repository, relative to the document's folder."""
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = [OWN_PAGES.sub(f"{ROOT.as_posix()}/", target) for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    return [target.partition("#")[0] for target in targets if "://" not in target and not target.startswith("#")]


def tracked_files() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name]


@pytest.mark.parametrize("document", [file for file in DOCUMENTS if python_blocks(file)], ids=name_of)
def test_the_python_of_a_document_runs(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile("\n".join(python_blocks(document)), name_of(document), "exec"), {"__name__": "__main__"})
    assert "Traceback" not in capsys.readouterr().err


def test_the_readme_shows_a_prediction() -> None:
    assert any("Predictor.load" in block for block in python_blocks(ROOT / "README.md"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_to_files_of_the_repository_lead_somewhere(document: Path) -> None:
    assert [link for link in links(document) if not (document.parent / link).exists()] == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    this = Path(__file__)
    found = []
    for file in tracked_files():
        if file == this or not file.is_file() or file.suffix in (".png", ".tif", ".safetensors", ".gz", ".npy"):
            continue
        if match := MACHINE_PATH.search(file.read_text(encoding="utf-8")):
            found.append(f"{file.relative_to(ROOT)}: {match[0]}")
    assert found == []
