"""What an import costs and what it drags in, seen from a fresh interpreter."""

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import napari_celle

GUI = ("napari", "qtpy", "magicgui", "superqt", "PyQt5", "PyQt6", "PySide2", "PySide6")
HEAVY = ("numpy", "torch", *GUI)


def in_fresh_python(code: str) -> object:
    """Run code in a new interpreter and return what it prints as JSON."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def core_modules() -> list[str]:
    """Name every module of the package but the window (``ui``) and the program (``__main__``)."""
    names = [module.name for module in pkgutil.walk_packages(napari_celle.__path__, "napari_celle.", onerror=raise_it)]
    return [name for name in names if not name.startswith(("napari_celle.ui", "napari_celle.__main__"))]


def raise_it(name: str) -> None:
    raise ImportError(name)


def test_the_package_imports_in_less_than_50_ms() -> None:
    code = "import time; start = time.perf_counter(); import napari_celle; print(time.perf_counter() - start)"
    assert min(in_fresh_python(code) for _ in range(5)) < 0.050


def test_the_package_itself_imports_nothing_heavy() -> None:
    code = f"import json, sys, napari_celle; print(json.dumps([name for name in {HEAVY} if name in sys.modules]))"
    assert in_fresh_python(code) == []


def test_the_core_imports_no_gui() -> None:
    modules = core_modules()
    assert "napari_celle.types" in modules
    code = (
        f"import importlib, json, sys\nfor name in {modules}: importlib.import_module(name)\n"
        f"print(json.dumps([name for name in {GUI} if name in sys.modules]))"
    )
    assert in_fresh_python(code) == []


def test_files_and_pixels_import_without_torch() -> None:
    code = (
        "import json, sys, napari_celle.types, napari_celle.sequence, napari_celle.image, napari_celle.layout\n"
        "import napari_celle.files, napari_celle.simulate, napari_celle.metrics\n"
        "print(json.dumps('torch' in sys.modules))"
    )
    assert in_fresh_python(code) is False


def test_imports_go_down_only_and_each_heavy_package_has_one_door(root: Path) -> None:
    program = Path(sys.executable).with_name("lint-imports")
    if not program.exists():
        pytest.skip("import-linter is not installed; pip install --group lint")
    done = subprocess.run([program, "--no-logo"], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
