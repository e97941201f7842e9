import json

import pytest

from napari_celle.config import MiniConfig, ResidueEncoderConfig, TransformerConfig, VqganConfig
from napari_celle.errors import CelleError

CONFIG = MiniConfig(
    nucleus=VqganConfig(codes=7),
    protein=VqganConfig(),
    residues=ResidueEncoderConfig(),
    transformer=TransformerConfig(),
)


def test_a_configuration_survives_json():
    assert MiniConfig.from_dict(json.loads(json.dumps(CONFIG.to_dict()))) == CONFIG


@pytest.mark.parametrize(
    ("change", "named"),
    [(lambda d: d["nucleus"].pop("codes"), "codes"), (lambda d: d["protein"].update(depth=3), "depth")],
    ids=["missing", "unknown"],
)
def test_missing_and_unknown_keys_are_named(change, named):
    values = json.loads(json.dumps(CONFIG.to_dict()))
    change(values)
    with pytest.raises(CelleError, match=named):
        MiniConfig.from_dict(values)
