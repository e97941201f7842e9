"""What gives the residues of a new model their vectors."""

from dataclasses import replace

import pytest
import torch

from napari_celle.errors import CelleError
from napari_celle.models.checkpoints import catalogue, store
from napari_celle.models.checkpoints.record import Record
from napari_celle.models.embedder import build_embedder
from napari_celle.train.residue_embedding import residue_embedding


@pytest.mark.parametrize(("name", "dim"), [("random", 24), ("none", 24), ("one-hot", 30), ("descriptors", 66)])
def test_tables_have_the_width_asked_for_or_their_own(name, dim):
    embedding = residue_embedding(name, dim=24)
    assert (embedding.config.kind, embedding.config.dim, embedding.tensors) == (name, dim, {})


def test_an_unknown_embedding_lists_the_known():
    with pytest.raises(CelleError, match="Choose from random, one-hot, descriptors, none, esm2-480"):
        residue_embedding("magic", dim=24)


@pytest.mark.parametrize(
    ("name", "sizes", "prefix"),
    [("esm2-480", {"dim": 40, "layers": 1, "heads": 20, "hidden": 64}, "esm."), ("unirep", {"dim": 40}, "")],
)
def test_a_language_model_is_read_from_where_it_is_installed(tmp_path, monkeypatch, name, sizes, prefix):
    pytest.importorskip("transformers")
    pytest.importorskip("tape")
    from safetensors.torch import save_file

    monkeypatch.setenv("NAPARI_CELLE_WEIGHTS", str(tmp_path))
    card = catalogue.language_models()[name]
    small = replace(card, config=replace(card.config, **sizes))
    monkeypatch.setattr("napari_celle.train.residue_embedding.language_models", lambda: {name: small})
    tensors = build_embedder(small.config).state_dict()
    with store.staging(name) as folder:
        save_file({key.replace("model.", prefix, 1): value for key, value in tensors.items()}, folder / "a.safetensors")
        store.install(folder, Record(name, source="here", licence="none"))
    embedding = residue_embedding(name, dim=24)
    assert embedding.config.dim == 40
    assert embedding.tensors.keys() == tensors.keys()
    assert all(torch.equal(embedding.tensors[key], tensors[key]) for key in tensors)
