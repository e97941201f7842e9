"""Published checkpoints become installed models: whole, checked, or not at all."""

import http.server
import json
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial

import pytest
import torch
from safetensors.torch import save_file

from napari_celle.config import EmbeddingConfig
from napari_celle.errors import Cancelled, DeviceError, DownloadError, WeightsError
from napari_celle.models.checkpoints import catalogue, convert, installed, store
from napari_celle.models.checkpoints.install import ImportOptions, fetch_model, import_model
from napari_celle.models.checkpoints.pickles import read_tensors
from napari_celle.models.checkpoints.published_keys import is_ignored, to_ours
from napari_celle.models.checkpoints.record import Record
from napari_celle.models.embedder import embedder_keys
from napari_celle.models.registry import build, load_model, model_info

TEXT = "celle.text_emb."
FOLDERS = ("celle1_small", "celle2_small")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path / "weights"


@pytest.fixture
def copy(fixtures, tmp_path):
    """Copy the files of the small CELL-E 2 as Hugging Face has them."""
    target = tmp_path / "files"
    target.mkdir()
    for source, name in [("celle.ckpt", "model.ckpt"), ("celle.yaml", "config.yaml")]:
        shutil.copyfile(fixtures / "celle2_small" / source, target / name)
    for name in ("nucleus_vqgan.yaml", "threshold_vqgan.yaml"):
        shutil.copyfile(fixtures / "celle2_small" / name, target / name)
    return target


@pytest.fixture
def split(copy, tmp_path):
    """Take the language model out of a checkpoint, and give it in a file of its own, as transformers names it."""
    tensors = read_tensors(copy / "model.ckpt")
    config = EmbeddingConfig("esm2", dim=96, layers=2, heads=4, hidden=384)
    text = {
        ours.replace("model.", "esm.", 1): tensors[TEXT + theirs].clone()
        for ours, theirs in embedder_keys(config).items()
    }
    save_file(text | {"lm_head.bias": torch.zeros(33)}, tmp_path / "model.safetensors")
    rest = {name: tensor.clone() for name, tensor in tensors.items() if not name.startswith(TEXT)}
    torch.save({"state_dict": rest}, copy / "model.ckpt")
    return copy, tmp_path / "model.safetensors"


def _load(name):
    return installed.load_installed(name, build=build, device="cpu")


@pytest.mark.parametrize("kind", FOLDERS)
def test_an_imported_checkpoint_comes_back_bit_for_bit(fixtures, kind):
    record = import_model(fixtures / kind, ImportOptions("mine", heads=4))
    assert record.embedder == "checkpoint"
    assert sorted(record.origin) == ["celle.ckpt", "celle.yaml", "nucleus_vqgan.yaml", "threshold_vqgan.yaml"]
    found = _load("mine").state_dict()
    published = read_tensors(fixtures / kind / "celle.ckpt")
    needed = {name: tensor for name, tensor in published.items() if not is_ignored(name)}
    wanted = to_ours(needed, installed.installed_config("mine"))
    assert found.keys() == wanted.keys()
    for name, tensor in wanted.items():
        assert found[name].dtype == torch.float32
        torch.testing.assert_close(found[name], tensor, rtol=0, atol=0, msg=name)
    assert all(part.device.type == "cpu" for part in [*_load("mine").parameters(), *_load("mine").buffers()])


def test_nothing_of_the_training_is_kept(fixtures, folder):
    import_model(fixtures / "celle2_small", ImportOptions("mine", heads=4))
    size = sum(path.stat().st_size for path in (folder / "mine").glob("*.safetensors"))
    assert size < 0.99 * (fixtures / "celle2_small" / "celle.ckpt").stat().st_size
    assert list(folder.iterdir()) == [folder / "mine"]


def test_an_installed_model_is_one_of_the_models(copy):
    import_model(copy, ImportOptions("mine", heads=4))
    assert model_info("mine").residues == 120
    assert load_model("mine", device="cpu").network.config.pixels == "hpa"


def test_large_parts_are_written_in_several_files(fixtures, folder, monkeypatch):
    monkeypatch.setattr(convert, "SHARD", 500_000)
    import_model(fixtures / "celle2_small", ImportOptions("mine", heads=4))
    assert (folder / "mine" / "transformer-01.safetensors").is_file()
    assert (folder / "mine" / "transformer-02.safetensors").is_file()
    _load("mine")


def test_a_missing_language_model_is_put_in_from_a_file(split, fixtures):
    folder, text = split
    record = import_model(folder, ImportOptions("mine", language_model=text, heads=4))
    assert record.embedder == str(text)
    import_model(fixtures / "celle2_small", ImportOptions("whole", heads=4))
    whole, mine = _load("whole").state_dict(), _load("mine").state_dict()
    assert all(torch.equal(whole[name], mine[name]) for name in whole)


def test_a_missing_language_model_that_is_not_published_has_to_be_given(split):
    with pytest.raises(WeightsError, match="lacks its protein language model"):
        import_model(split[0], ImportOptions("mine"))
    assert store.records() == {}


def test_a_file_of_another_language_model_is_told_apart(split, tmp_path):
    save_file({"esm.embeddings.word_embeddings.weight": torch.ones(33, 64)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="not the weights of the protein language model esm2 of width 96"):
        import_model(split[0], ImportOptions("mine", language_model=tmp_path / "other.safetensors", heads=4))


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A server on this machine that answers as Hugging Face does; gives its folder."""
    root = tmp_path / "site"
    root.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=root))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield root
    server.shutdown()
    thread.join()
    server.server_close()


def _publish(root, repo, files):
    target = root / repo / "resolve" / "main"
    target.mkdir(parents=True)
    for path in files:
        shutil.copyfile(path, target / path.name)


def test_a_repository_is_fetched_installed_and_not_asked_for_again(copy, site, folder):
    _publish(site, "lab/Small.2", copy.iterdir())
    told = set()
    options = ImportOptions(heads=4)
    record = fetch_model("lab/Small.2", options, on_step=lambda stage, done, total: told.add(stage))
    assert (record.name, record.source) == ("Small.2", "Hugging Face lab/Small.2")
    assert {"downloading model.ckpt", "converting"} <= told
    assert not store.download_folder("Small.2").exists(), "2 GB that are not needed any more"
    shutil.rmtree(site / "lab")
    assert fetch_model("lab/Small.2", options) == record
    _load("Small.2")


def test_a_language_model_that_a_checkpoint_lacks_is_fetched_and_put_in(split, site, monkeypatch):
    folder, text = split
    card = catalogue.LanguageModel(
        name="esm2-96",
        summary="",
        licence="",
        config=EmbeddingConfig("esm2", dim=96, layers=2, heads=4, hidden=384),
        repo="facebook/esm2_small",
        address="",
        files=(("absent.safetensors",), ("model.safetensors",)),
    )
    monkeypatch.setattr(catalogue, "language_models", lambda: {"esm2-96": card})
    _publish(site, "lab/without", folder.iterdir())
    with pytest.raises(DownloadError, match=r"esm2_small/resolve/main/model.safetensors: 404.*--language-model FILE"):
        fetch_model("lab/without")
    assert store.records() == {}
    _publish(site, "facebook/esm2_small", [text])
    assert fetch_model("lab/without").embedder == "facebook/esm2_small"
    assert installed.installed_config("without").embedding == card.config
    _load("without")
    assert fetch_model("esm2-96").card == "esm2-96"
    assert "esm2-96" not in store.installed()
    assert "esm2-96" in store.records()


def test_a_failed_fetch_gives_the_address_and_the_import_command(site):
    with pytest.raises(DownloadError) as caught:
        fetch_model("celle2-hpa-480")
    address = "HuangLab/CELL-E_2_HPA_480/resolve/main/model.ckpt"
    assert f"{address} in a browser" in str(caught.value)
    assert "napari-celle weights import FOLDER --name celle2-hpa-480" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("celle", "No public address"),
        ("nothing", r"no weights 'nothing'.*celle2-hpa-480"),
        ("../../x", "no weights"),
        ("a/b/c", "no weights"),
    ],
)
def test_what_cannot_be_fetched_says_so(name, word):
    with pytest.raises(WeightsError, match=word):
        fetch_model(name)


@pytest.mark.parametrize("name", ["celle-mini", "tiny", "esm2-480", "cellpose"])
def test_a_name_that_comes_with_the_package_cannot_be_taken(copy, name):
    with pytest.raises(WeightsError, match="is taken"):
        import_model(copy, ImportOptions(name))


def test_an_installed_model_is_not_replaced_by_accident(copy):
    import_model(copy, ImportOptions("mine", heads=4))
    with pytest.raises(WeightsError, match="mine is installed already"):
        import_model(copy, ImportOptions("mine", heads=4))


def test_a_model_is_not_installed_under_the_name_of_another(copy):
    for name in ("celle2-hpa-480", "celle"):
        with pytest.raises(WeightsError, match=f"not those of {name}: they are of a CELL-E 2 model of width 96"):
            import_model(copy, ImportOptions(name, heads=4))


def test_a_cancelled_conversion_installs_nothing(copy, folder):
    def on_step(stage, done, total):
        if stage == "converting" and done:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        import_model(copy, ImportOptions("mine", heads=4), on_step=on_step)
    assert list(folder.iterdir()) == []


def test_after_a_conversion_that_was_killed_the_next_start_recovers(copy, folder):
    code = (
        "import os, pathlib, signal, sys\n"
        "from napari_celle.models.checkpoints.install import ImportOptions, import_model\n"
        "def on_step(stage, done, total):\n"
        "    if stage == 'converting' and done: os.kill(os.getpid(), signal.SIGKILL)\n"
        "import_model(pathlib.Path(sys.argv[1]), ImportOptions('mine', heads=4), on_step=on_step)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(copy)], check=False)
    assert done.returncode == -9
    (left,) = folder.iterdir()
    assert list(left.glob("*.safetensors"))
    assert store.installed() == {}
    assert list(folder.iterdir()) == []
    import_model(copy, ImportOptions("mine", heads=4))
    _load("mine")


@pytest.mark.parametrize("change", ["remove", "add", "reshape"])
def test_weights_that_do_not_fit_are_reported_and_not_installed(copy, change):
    tensors = dict(read_tensors(copy / "model.ckpt"))
    key = "celle.transformer.layers.layers.1.0.fn.norm.weight"
    if change == "remove":
        del tensors[key]
    elif change == "add":
        tensors["celle.strange"] = torch.ones(1)
    else:
        tensors["celle.to_logits.1.weight"] = torch.ones(7, 96)
    torch.save({"state_dict": {name: tensor.clone() for name, tensor in tensors.items()}}, copy / "model.ckpt")
    with pytest.raises(WeightsError, match=r"does not fit|vocabulary of the weights"):
        import_model(copy, ImportOptions("mine", heads=4))
    assert store.records() == {}


def test_an_installed_model_with_the_config_of_another_is_told_apart(copy, folder):
    import_model(copy, ImportOptions("mine", heads=4))
    path = folder / "mine" / "config.json"
    path.write_text(path.read_text().replace('"depth": 3', '"depth": 4'))
    with pytest.raises(WeightsError, match=r"do not fit mine: \d+ missing \(transformer\.layers\.3.* in transformer\)"):
        _load("mine")
    path.write_text("{}")
    with pytest.raises(WeightsError, match=r"config\.json cannot be read"):
        _load("mine")


def test_a_changed_byte_is_found_when_an_installed_model_is_loaded(copy, folder):
    import_model(copy, ImportOptions("mine", heads=4))
    path = folder / "mine" / "rest.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"rest\.safetensors is damaged"):
        _load("mine")


def test_too_little_memory_is_told_before_anything_is_built(copy, monkeypatch):
    import_model(copy, ImportOptions("mine", heads=4))
    monkeypatch.setattr("napari_celle.device.free_memory", lambda device: 1_000_000)
    with pytest.raises(DeviceError, match=r"model mine needs about 0\.\d GB of memory, but cpu has 0\.0 GB free"):
        installed.load_installed("mine", build=lambda config: pytest.fail("it built"), device="cpu")


@pytest.mark.parametrize("names", [(), ("a.ckpt", "b.ckpt")])
def test_a_folder_without_a_clear_checkpoint_is_named(tmp_path, names):
    (tmp_path / "folder").mkdir()
    for name in names:
        (tmp_path / "folder" / name).write_bytes(b"")
    with pytest.raises(WeightsError, match=r"should hold one checkpoint.*Found: (none|a\.ckpt, b\.ckpt)"):
        import_model(tmp_path / "folder", ImportOptions("mine"))
    with pytest.raises(WeightsError, match="no file or folder"):
        import_model(tmp_path / "nowhere", ImportOptions("mine"))


def test_a_model_that_was_trained_is_used_where_it_lies_and_can_be_installed(tmp_path):
    folder = tmp_path / "my run" / "model"
    folder.mkdir(parents=True)
    network = load_model("tiny-celle2", device="cpu").network
    config = replace(network.config, pixels="percentile")
    convert.write_model(dict(network.state_dict()), config, folder)
    own = {
        "summary": "Mine.",
        "pixel_size_um": 0.1,
        "nucleus_diameter_px": (10.0, 20.0, 30.0),
        "sampling": {"steps": 3, "temperature": 0.5, "top_k": 0},
    }
    store.write_record(folder, Record("mine", source="here", licence="mine", info=own))
    for name in (str(folder), "installed"):
        if name == "installed":
            import_model(folder, ImportOptions("installed"))
            shutil.rmtree(folder)
        model = load_model(name, device="cpu")
        assert torch.equal(model.network.head.weight, network.head.weight)
        assert (model.info.summary, model.info.pixel_size_um, model.info.sampling.steps) == ("Mine.", 0.1, 3)
        assert model.info.nucleus_diameter_px == (10.0, 20.0, 30.0)
    assert list(store.installed()) == ["installed"]


def test_a_changed_file_of_a_trained_model_is_told(tmp_path):
    network = load_model("tiny-celle2", device="cpu").network
    convert.write_model(dict(network.state_dict()), network.config, tmp_path)
    store.write_record(tmp_path, Record("mine", source="here", licence="mine"))
    path = tmp_path / "rest.safetensors"
    path.write_bytes(path.read_bytes()[:-4] + b"1234")
    for read in (lambda: load_model(str(tmp_path), device="cpu"), lambda: import_model(tmp_path, ImportOptions("a"))):
        with pytest.raises(WeightsError, match="is damaged"):
            read()


def test_records_of_earlier_versions_are_read(folder, tmp_path):
    with store.staging("mine") as staged:
        store.install(staged, Record("mine", source="here", licence="mine"))
    path = folder / "mine" / "record.json"
    values = json.loads(path.read_text())
    del values["info"]
    path.write_text(json.dumps(values))
    assert store.read_record("mine").info == {}
