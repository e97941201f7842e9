"""A whole training of a transformer, at toy size."""

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from napari_celle.config import Hardware, TokenizerConfig, TrainConfig
from napari_celle.errors import Cancelled, CelleError
from napari_celle.models.checkpoints import installed
from napari_celle.models.checkpoints.tokenizers import Tokenizer
from napari_celle.models.registry import _TINY_IMAGE, load_model
from napari_celle.nn.vqgan import Vqgan
from napari_celle.train.crops import Crops
from napari_celle.train.image_tokenizers import Tokenizers
from napari_celle.train.masked import MaskedTraining
from napari_celle.train.masks import Masking
from napari_celle.train.published import CELLE2, LossWeights
from napari_celle.train.start import NewModel, new_start
from napari_celle.train.tokenizer import Told
from napari_celle.train.tokens import PublishedBatches
from napari_celle.train.transformer import TransformerTraining, nucleus_diameters, train_transformer

IMAGE = replace(_TINY_IMAGE, image_size=64)  # 4 x 4 codes
CPU = Hardware(accelerator="cpu")
NUMBERS = TrainConfig(steps=4, batch=2, every=2, checks=2, precision="32-true")


@dataclass
class Same:
    """Pictures in memory: a disc and its surroundings."""

    count: int = 4
    pixel_sizes_um: tuple = ()

    @property
    def sequences(self):
        return tuple("MKRAPWDE" * (number + 1) for number in range(self.count))

    def __len__(self):
        return self.count

    def read(self, index):
        y, x = np.mgrid[:80, :80]
        disc = (y - 40) ** 2 + (x - 38) ** 2 < (14 + index) ** 2
        noise = np.random.default_rng(index).integers(0, 20, disc.shape)
        return (180 * disc + noise).astype(np.uint8), (180 * ~disc + noise).astype(np.uint8)

    def fingerprint(self):
        return f"same {self.count}"


def _start(decoding="masked", **kwargs):
    torch.manual_seed(1)
    parts = [
        Tokenizer(TokenizerConfig(IMAGE, name, threshold=name == "protein"), Vqgan(IMAGE).state_dict())
        for name in ("nucleus", "protein")
    ]
    model = NewModel(decoding, residues=20, dim=16, depth=1, heads=1)
    return new_start(replace(model, **kwargs), Tokenizers(*parts), seed=0)


def _training(decoding="masked", **kwargs):
    values = {
        "start": _start(decoding),
        "numbers": NUMBERS,
        "samples": Same(4),
        "checks": Same(2),
        "weights": CELLE2,
        "masking": Masking(),
        "learning_rate": 1e-2,
        "fixed_embedding": False,
    }
    return TransformerTraining(**values | kwargs)


def _weights(folder):
    return load_model(str(folder / "model"), device="cpu").network.state_dict()


@pytest.mark.parametrize("decoding", ["masked", "causal"])
def test_a_training_gives_a_model_that_can_be_loaded_and_knows_its_pictures(decoding, tmp_path):
    training = _training(decoding, samples=Same(4, pixel_sizes_um=(0.3, 0.5)))
    first = {name: tensor.clone() for name, tensor in training.start.network.state_dict().items()}
    record = train_transformer(training, out=tmp_path / "a run", hardware=CPU)
    assert record.steps == 4
    weights = _weights(tmp_path / "a run")
    changed = {name.split(".")[0] for name in first if not torch.equal(first[name], weights[name])}
    assert {"transformer", "head", "protein_embedding", "embedder"} <= changed
    assert changed.isdisjoint({"reference", "protein", "angles"})
    info = installed.installed_info(str(tmp_path / "a run" / "model"))
    assert (info.name, info.image_size, info.residues, info.pixel_size_um) == ("a-run", 64, 20, 0.4)
    smallest, typical, largest = info.nucleus_diameter_px
    assert 24 < smallest < typical < largest < 40
    assert info.sampling.top_k == 0


def test_the_best_validation_counts_not_the_last_step(tmp_path, monkeypatch):
    def worse_and_worse(module, batch, index):
        module.log("val/loss", float(module.global_step), batch_size=1)

    monkeypatch.setattr(MaskedTraining, "validation_step", worse_and_worse)
    record = train_transformer(_training(), out=tmp_path, hardware=CPU)
    best = torch.load(tmp_path / "checkpoints/best.ckpt", weights_only=True)
    last = torch.load(tmp_path / "checkpoints/last.ckpt", weights_only=True)
    assert best["global_step"] == record.best["step"] == 2 < last["global_step"]
    assert torch.equal(_weights(tmp_path)["head.weight"], best["state_dict"]["model.head.weight"])


def test_a_training_that_was_stopped_ends_like_one_that_was_not(tmp_path):
    train_transformer(_training(), out=tmp_path / "whole", hardware=CPU)

    def stop(stage, done, total):
        if done == 3:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        train_transformer(_training(), out=tmp_path / "parts", hardware=CPU, told=Told(on_step=stop))
    assert not (tmp_path / "parts" / "model").exists()
    train_transformer(_training(), out=tmp_path / "parts", hardware=CPU)
    one, other = _weights(tmp_path / "whole"), _weights(tmp_path / "parts")
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"weights": LossWeights()}, "loss_weights"),
        ({"masking": Masking(no_sequence=0.5)}, "masking"),
        ({"samples": Same(3)}, r"data\.samples"),
        ({"start": _start(dim=24)}, "made_of.model"),
    ],
)
def test_another_training_does_not_go_on_in_the_same_folder(tmp_path, other, words):
    train_transformer(_training(), out=tmp_path, hardware=CPU)
    with pytest.raises(CelleError, match=words):
        train_transformer(_training(**other), out=tmp_path, hardware=CPU)


def test_the_record_says_what_the_model_was_made_of(tmp_path):
    train_transformer(_training(), out=tmp_path, hardware=CPU)
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["made_of"]["masking"]["residues"] == "scaled-cosine"
    assert record["made_of"]["weights"].keys() == {"reference", "protein"}
    assert record["data"] == {"samples": "same 4", "checks": "same 2"}


def test_sample_pictures_go_to_the_log(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train_transformer(_training(), out=tmp_path, hardware=CPU)
    log = EventAccumulator(str(tmp_path / "tensorboard"), size_guidance={"images": 0})
    log.Reload()
    pictures = log.Images("nucleus, protein, prediction")
    assert [picture.step for picture in pictures] == [2, 4]
    assert (pictures[0].height, pictures[0].width) == (3 * 64, 2 * 64)  # nucleus, protein, prediction; two samples


def test_the_training_makes_tokens_of_pixels_in_full_precision():
    training = _training()
    network = training.start.network
    module = MaskedTraining(network, steps=1, weights=CELLE2)
    crops = Crops(training.samples, size=64, pixels=network.pixels)
    batch = PublishedBatches(crops, model=network, batch=3)[0]
    with torch.autocast("cpu", torch.bfloat16):
        tokens = module.in_tokens(batch)
    assert torch.equal(tokens.protein, network.protein.encode(batch.protein))
    assert torch.equal(tokens.nucleus, network.reference.encode(batch.nucleus))
    assert tokens.masked.shape == tokens.protein.shape
    assert torch.equal(module.in_tokens(tokens).protein, tokens.protein)


def test_nuclei_are_measured_and_none_is_no_error():
    smallest, typical, largest = nucleus_diameters(Same(3))
    assert (smallest, typical, largest) == pytest.approx((28, 30, 32), abs=1.5)

    class Empty(Same):
        def read(self, index):
            return np.zeros((80, 80), np.uint8) + np.eye(80, dtype=np.uint8), np.zeros((80, 80), bool)

    assert len(nucleus_diameters(Empty(1))) == 3
