import json

import pytest

from napari_celle.config import CelleConfig, ResidueEncoderConfig, TransformerConfig, VqganConfig
from napari_celle.errors import CelleError

CONFIG = CelleConfig(
    nucleus=VqganConfig(codes=7),
    protein=VqganConfig(),
    residues=ResidueEncoderConfig(),
    transformer=TransformerConfig(),
)


def test_a_configuration_survives_json():
    assert CelleConfig.from_dict(json.loads(json.dumps(CONFIG.to_dict()))) == CONFIG


@pytest.mark.parametrize(
    ("change", "named"),
    [(lambda d: d["nucleus"].pop("codes"), "codes"), (lambda d: d["protein"].update(depth=3), "depth")],
    ids=["missing", "unknown"],
)
def test_missing_and_unknown_keys_are_named(change, named):
    values = json.loads(json.dumps(CONFIG.to_dict()))
    change(values)
    with pytest.raises(CelleError, match=named):
        CelleConfig.from_dict(values)
