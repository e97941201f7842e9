"""What is built and installed is complete: manifest, weights, types; from a wheel, an sdist and an editable install."""

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from npe2 import PluginManifest

CHECK = """
import importlib, json, sys
from pathlib import Path

import napari_celle
from npe2 import PluginManifest

package = Path(napari_celle.__file__).parent
manifest = PluginManifest.from_distribution("napari-celle")
names = [command.python_name for command in manifest.contributions.commands]
if "--import" in sys.argv:
    for module, _, attribute in (name.partition(":") for name in names):
        getattr(importlib.import_module(module), attribute)
folder = package / "weights"
files = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
print(json.dumps({"package": str(package), "commands": names, "weights": files}))
"""


@pytest.fixture(scope="module")
def weights(root: Path) -> list[str]:
    """Name the files in and below ``weights/``: each of them has to ship."""
    folder = root / "weights"
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an sdist, and a wheel from it, as a release does; return their folder."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, root)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module", params=["wheel", "editable"])
def installed(request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install into a new environment that borrows the dependencies of this one; return its interpreter."""
    folder = tmp_path_factory.mktemp(request.param)
    venv.create(folder, with_pip=False)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    # A path in a .pth file is not searched for further .pth files: this environment's own editable install stays out
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    if request.param == "wheel":
        source = [request.getfixturevalue("wheel")]
    else:
        source = ["--no-build-isolation", "--editable", root]
    options = ["--quiet", "--no-deps", "--no-index", "--ignore-installed", "--disable-pip-version-check"]
    run(python, "-m", "pip", "install", *options, *source)
    return python


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command without this test's settings, fail with its words, return what it prints."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PIP_"))}
    done = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_weights_folder_holds_the_default_model(weights: list[str]) -> None:
    assert {"registry.toml", "README.md", "LICENSE.md"} <= set(weights)
    assert any(name.endswith(".safetensors") for name in weights)


def test_all_weights_together_are_at_most_24_mb(root: Path) -> None:
    assert sum(file.stat().st_size for file in (root / "weights").rglob("*.safetensors")) <= 24_000_000


def test_the_wheel_holds_manifest_weights_and_type_marker(wheel: Path, weights: list[str]) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("napari.yaml", "py.typed", "ui/samples/proteins.fasta", *(f"weights/{file}" for file in weights)):
        assert f"napari_celle/{name}" in names
    assert not [name for name in names if not name.startswith("napari_celle")]
    assert len(names) == len(set(names))


def test_the_sdist_holds_manifest_weights_and_type_marker(built: Path, weights: list[str]) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    for name in ("napari.yaml", "py.typed", "ui/samples/proteins.fasta", *(f"weights/{file}" for file in weights)):
        assert f"src/napari_celle/{name}" in names


def test_an_install_is_found_by_napari_and_has_its_weights(installed: Path, weights: list[str], root: Path) -> None:
    found = json.loads(run(installed, "-c", CHECK, cwd=installed.parent))
    environment = installed.parents[1]
    home = root / "src" if environment.name.startswith("editable") else environment
    assert Path(found["package"]).is_relative_to(home)
    assert "napari_celle.ui.predict.widget:PredictWidget" in found["commands"]
    assert found["weights"] == weights


def test_every_command_of_an_install_imports(installed: Path) -> None:
    pytest.importorskip("qtpy.QtWidgets", reason="the widgets need Qt", exc_type=ImportError)
    run(installed, "-c", CHECK, "--import", cwd=installed.parent)


def test_the_manifest_is_valid_and_named_as_the_package(root: Path) -> None:
    manifest = PluginManifest.from_file(root / "napari.yaml")
    assert manifest.name == "napari-celle"
    assert (root / "src" / "napari_celle" / "napari.yaml").read_bytes() == (root / "napari.yaml").read_bytes()
