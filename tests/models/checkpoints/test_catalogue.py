"""The models of the papers in registry.toml."""

import pytest

from napari_celle.config import CelleConfig, EmbeddingConfig, TransformerConfig, VqganConfig
from napari_celle.errors import WeightsError
from napari_celle.models.checkpoints import catalogue
from napari_celle.models.checkpoints.record import Record
from napari_celle.preprocess import RECIPES


def test_every_model_of_the_papers_has_a_row():
    sizes = ("480", "640", "1280", "2560")
    families = [f"celle2-{family}-{size}" for family in ("hpa", "hpa-finetuned", "opencell") for size in sizes]
    assert set(catalogue.published()) == {"celle", *families}


def test_every_row_can_be_read_and_names_what_exists():
    models = catalogue.language_models()
    for name, card in catalogue.published().items():
        assert card.language_model in models
        assert card.family in RECIPES
        info = catalogue.info_of_card(card)
        assert (info.name, info.residues, info.image_size) == (name, 1000, 256)
        low, typical, high = info.nucleus_diameter_px
        assert low < typical < high < info.image_size


def test_the_known_checkpoints_have_direct_addresses():
    addresses = catalogue.published()["celle2-hpa-480"].addresses()
    start = "https://huggingface.co/HuangLab/CELL-E_2_HPA_480/resolve/main/"
    assert addresses == {file: start + file for file in catalogue.FILES}


def test_language_models_have_direct_addresses():
    models = catalogue.language_models()
    first, *_ = models["esm2-480"].addresses()
    assert first == {
        "model.safetensors": "https://huggingface.co/facebook/esm2_t12_35M_UR50D/resolve/main/model.safetensors"
    }
    ((address,),) = (names.values() for names in models["tape-bert"].addresses())
    assert address.startswith("https://s3.amazonaws.com/songlabdata/")


def test_a_language_model_is_found_by_kind_and_width():
    assert catalogue.language_model_of("esm2", 640).name == "esm2-640"
    assert catalogue.language_model_of("esm2", 641) is None


def test_an_imported_model_without_a_row_takes_the_values_of_its_pictures():
    config = CelleConfig(
        decoding="masked",
        embedding=EmbeddingConfig(kind="esm2", dim=96),
        window=120,
        reference=VqganConfig(),
        protein=VqganConfig(),
        transformer=TransformerConfig(),
        pixels="hpa",
    )
    record = Record(name="mine", source="/there", licence="mine", files={"a": "0"})
    info = catalogue.info_of_record(record, config)
    assert (info.name, info.licence, info.residues) == ("mine", "mine", 120)
    assert info.sampling.top_k == 105
    assert info.weights_sha256 == record.weights_sha256
    assert "/there" in info.summary


def test_a_missing_list_is_an_error_with_a_remedy(tmp_path):
    with pytest.raises(WeightsError, match="Install napari-celle again"):
        catalogue.read_registry(tmp_path)
