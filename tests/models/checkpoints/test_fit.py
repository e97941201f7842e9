"""Whether weights fit a network."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from napari_celle.config import CelleConfig, EmbeddingConfig, TransformerConfig, VqganConfig
from napari_celle.errors import WeightsError
from napari_celle.models.checkpoints.fit import check_fit, check_vocabulary, needed_memory, read_shapes

CONFIG = CelleConfig(
    decoding="masked",
    embedding=EmbeddingConfig("esm2", dim=480),
    window=1000,
    reference=VqganConfig(),
    protein=VqganConfig(),
    transformer=TransformerConfig(heads=16),
)


def test_weights_that_fit_pass():
    check_fit({"a": (1, 2)}, {"a": (1, 2)}, what="x", remedy="y")


def test_the_report_is_grouped_by_part_with_counts_names_and_shapes():
    expected = {f"transformer.{i}": (2,) for i in range(5)} | {"head.bias": (3,), "head.weight": (3, 4)}
    found = {"head.weight": (3, 5), "extra.a": (1,)}
    with pytest.raises(WeightsError) as caught:
        check_fit(expected, found, what="These do not fit", remedy="Do something.")
    assert str(caught.value) == (
        "These do not fit: 6 missing (head.bias; transformer.0, transformer.1, transformer.2, ... 5 in transformer), "
        "1 unexpected (extra.a), 1 of another shape (head.weight (3, 5) instead of (3, 4)). Do something."
    )


def test_shapes_come_from_the_headers_alone(tmp_path):
    save_file({"a": torch.ones(2, 3)}, tmp_path / "1.safetensors")
    save_file({"b": torch.ones(4)}, tmp_path / "2.safetensors")
    assert read_shapes(sorted(tmp_path.iterdir()), remedy="") == {"a": (2, 3), "b": (4,)}
    (tmp_path / "2.safetensors").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match=r"2\.safetensors cannot be read: .*\. Do it"):
        read_shapes(sorted(tmp_path.iterdir()), remedy="Do it.")


def test_the_vocabulary_has_to_be_that_of_the_tokenizer():
    check_vocabulary(CONFIG, 1060)
    check_vocabulary(replace(CONFIG, decoding="causal", embedding=EmbeddingConfig("tape-bert", dim=768)), 1054)
    with pytest.raises(WeightsError, match=r"has 1,054 entries, but esm2 with 33 residue tokens.* makes 1,060"):
        check_vocabulary(CONFIG, 1054)


def test_the_memory_of_a_model_is_its_weights_and_its_attention():
    shapes = {"a": (1000, 1000)}
    assert needed_memory(shapes, CONFIG) > 4e6 + 16 * 1515**2 * 4
    assert needed_memory(shapes | {"b": (10,)}, CONFIG) == needed_memory(shapes, CONFIG) + 40
