from dataclasses import replace

import numpy as np
import pytest
import torch

from napari_celle.alphabet import ALPHABETS
from napari_celle.config import EmbeddingConfig
from napari_celle.errors import CelleError
from napari_celle.models.checkpoints.catalogue import info_of_record
from napari_celle.models.checkpoints.record import Record
from napari_celle.models.embedder import KINDS
from napari_celle.models.published import LOWEST, residue_tokens
from napari_celle.models.registry import _TINY_CELLE, _TINY_CELLE2, LoadedModel, _toy_info, build
from napari_celle.predict import Predictor
from napari_celle.simulate import draw_field
from napari_celle.types import PredictionRequest, SamplingOptions, SequenceRequest

LANGUAGE_MODEL = {"layers": 1, "heads": 2, "hidden": 16}
EMBEDDINGS = {
    "tape-bert": EmbeddingConfig("tape-bert", dim=16, positions=30, token_types=1, **LANGUAGE_MODEL),
    "unirep": EmbeddingConfig("unirep", dim=8),
    "esm1b": EmbeddingConfig("esm1b", dim=8, positions=30, **LANGUAGE_MODEL),
    "esm2": EmbeddingConfig("esm2", dim=8, **LANGUAGE_MODEL),
    "descriptors": EmbeddingConfig("descriptors", dim=66),
    "one-hot": EmbeddingConfig("one-hot", dim=30),
    "random": EmbeddingConfig("random", dim=16),
    "none": EmbeddingConfig("none", dim=16),
    "array": EmbeddingConfig("array", dim=7),
}
PICTURE = replace(_TINY_CELLE.protein, image_size=64)  # 4 x 4 codes
DECODINGS = {
    decoding: replace(toy, window=20, reference=PICTURE, protein=PICTURE)
    for decoding, toy in (("causal", _TINY_CELLE), ("masked", _TINY_CELLE2))
}
WINDOW, SIZE, CODES = 20, 64, 16
GFP = "MSKGEELFTGVVPI"
BOTH = pytest.mark.parametrize("decoding", DECODINGS)


@pytest.fixture(scope="module")
def nucleus():
    return draw_field(np.random.default_rng(3), size=256).nucleus[100 : 100 + SIZE, 100 : 100 + SIZE]


def network(decoding, *, faithful="none", **changes):
    torch.manual_seed(0)
    return build(replace(DECODINGS[decoding], **changes), faithful=faithful).eval()


def predictor(decoding, *, residues=WINDOW, **changes):
    info = replace(_toy_info("toy"), residues=residues, image_size=SIZE)
    return Predictor(LoadedModel(network(decoding, **changes), info), device="cpu")


def assert_whole(prediction):
    assert prediction.probability.sum(dtype=float) == pytest.approx(1, abs=1e-5)
    assert set(np.unique(prediction.threshold)) <= {0, 1}
    assert prediction.tokens.shape == (4, 4)
    assert prediction.probability.shape == (SIZE, SIZE)


def request(nucleus, sequence=GFP, **changes):
    frame = {"nuclei": np.ones(nucleus.shape, int), "pixel_size_um": 0.2}  # at the model's own scale
    return PredictionRequest(sequence, nucleus, **(frame | {"sampling": SamplingOptions(temperature=0)} | changes))


def codes(seed, batch=1, length=CODES):
    return torch.randint(0, 11, (batch, length), generator=torch.Generator().manual_seed(seed))


# --- embeddings ---------------------------------------------------------------------------------------------------


def test_every_embedding_is_tested():
    assert set(EMBEDDINGS) == set(KINDS)


@BOTH
@pytest.mark.parametrize("kind", sorted(set(EMBEDDINGS) - {"none", "array"}))
def test_a_model_with_any_embedding_predicts_and_the_sequence_matters(nucleus, decoding, kind):
    model = predictor(decoding, embedding=EMBEDDINGS[kind])
    answers = [model(request(nucleus, text)) for text in (GFP, "KRPAATKKAG")]
    for answer in answers:
        assert_whole(answer)
        assert answer.residues in ((0, 14), (0, 10))
    assert not np.array_equal(answers[0].heatmap, answers[1].heatmap)


@BOTH
@pytest.mark.parametrize("kind", EMBEDDINGS)
def test_the_residue_tokens_fill_their_part_of_the_layout_at_the_transformers_width(decoding, kind):
    model = network(decoding, embedding=EMBEDDINGS[kind])
    assert (model.project.__class__ is torch.nn.Identity) == (EMBEDDINGS[kind].dim == 16)
    if kind == "array":
        embedded = model.embed_vectors(torch.zeros(2, 5, 7))
    else:
        embedded = model.embed(torch.from_numpy(model.residue_ids(GFP))[None].expand(2, -1))
    assert embedded.shape == (2, model.layout.residues, 16)
    expected = {"none": 0, "esm1b": WINDOW + 2, "esm2": WINDOW + 2}.get(kind, WINDOW)
    own_start = decoding == "causal" and expected == WINDOW
    assert model.layout.residues == expected + own_start
    assert residue_tokens(model.config) == expected


@BOTH
@pytest.mark.parametrize("kind", sorted(set(EMBEDDINGS) - {"none", "array"}))
def test_vectors_that_the_user_brings_do_what_the_models_own_do(decoding, kind):
    model = network(decoding, embedding=EMBEDDINGS[kind])
    ids = torch.from_numpy(model.residue_ids(GFP))[None]
    start = torch.full((1, 1), model.alphabet.start)
    read = torch.cat([start, ids], dim=1) if getattr(model, "own_start", False) else ids
    torch.testing.assert_close(model.embed_vectors(model.embedder(read).double()), model.embed(ids))


@BOTH
def test_vectors_of_fewer_residues_are_followed_by_zeros(decoding):
    model = network(decoding)
    vectors = torch.randn(1, 5, 16)
    embedded = model.embed_vectors(vectors)
    torch.testing.assert_close(embedded[:, :5], vectors)
    assert not embedded[:, 5:].any()


@BOTH
@pytest.mark.parametrize(("length", "width"), [(60, 16), (5, 15)])
def test_vectors_that_do_not_fit_are_refused_with_both_sizes(decoding, length, width):
    with pytest.raises(CelleError, match=rf"{length} residues of {width} values.*at most 2[01] of 16 values"):
        network(decoding).embed_vectors(torch.zeros(1, length, width))


@BOTH
@pytest.mark.parametrize("kind", ["array", "random"])
def test_an_array_of_residue_vectors_is_answered_and_matters(nucleus, decoding, kind):
    model = predictor(decoding, embedding=replace(EMBEDDINGS[kind], dim=7))
    rng = np.random.default_rng(0)
    answers = [model(request(nucleus, "", embedding=rng.normal(size=(9, 7)))) for _ in range(2)]
    for answer in answers:
        assert_whole(answer)
        assert answer.residues == (0, 9)
    assert not np.array_equal(answers[0].heatmap, answers[1].heatmap)


@BOTH
def test_a_model_of_given_vectors_says_so_when_it_gets_none(nucleus, decoding):
    with pytest.raises(CelleError, match=r"PredictionRequest\.embedding"):
        predictor(decoding, embedding=EMBEDDINGS["array"])(request(nucleus))


@pytest.mark.parametrize(
    "vectors",
    [np.zeros(7), np.zeros((0, 7)), np.zeros((3, 7), int), np.full((3, 7), np.nan), [["a"]]],
    ids=["flat", "empty", "integers", "nan", "letters"],
)
def test_what_is_no_array_of_vectors_is_refused(nucleus, vectors):
    model = predictor("masked", embedding=EMBEDDINGS["array"])
    with pytest.raises(CelleError, match=r"array \(residues, values\)"):
        model(request(nucleus, "", embedding=vectors))


@BOTH
@pytest.mark.parametrize("text", ["", GFP])
def test_a_model_that_reads_no_sequence_needs_none(nucleus, decoding, text):
    model = predictor(decoding, residues=0, embedding=EMBEDDINGS["none"])
    answer = model(request(nucleus, text))
    assert_whole(answer)
    assert answer.residues == (0, 0)
    assert any("reads no sequence" in note for note in answer.notes) == bool(text)


def test_a_model_that_reads_no_sequence_finds_no_residues(nucleus):
    model = predictor("masked", residues=0, embedding=EMBEDDINGS["none"])
    with pytest.raises(CelleError, match="toy reads no sequence"):
        model.complete(SequenceRequest("MS<mask>G", nucleus, nucleus > nucleus.mean()))


def test_an_installed_model_that_reads_no_sequence_says_so(nucleus):
    record = Record(name="mine", source="here", licence="mine", card="", embedder="none", origin={})
    without = replace(DECODINGS["masked"], embedding=EMBEDDINGS["none"])
    assert info_of_record(record, without).residues == 0
    assert info_of_record(record, DECODINGS["masked"]).residues == WINDOW


# --- reference ----------------------------------------------------------------------------------------------------


@BOTH
def test_a_model_without_reference_image_sees_nothing_of_it(nucleus, decoding):
    model = predictor(decoding, reference=None)
    answers = [model(request(image)) for image in (nucleus, nucleus[::-1])]
    assert_whole(answers[0])
    np.testing.assert_array_equal(answers[0].tokens, answers[1].tokens)
    np.testing.assert_array_equal(answers[0].heatmap, answers[1].heatmap)
    assert model._network.encode_reference(torch.zeros(3, 1, SIZE, SIZE)).shape == (3, 0)


@BOTH
def test_the_reference_image_matters(nucleus, decoding):
    answers = [predictor(decoding)(request(image)) for image in (nucleus, nucleus[::-1])]
    assert not np.array_equal(answers[0].heatmap, answers[1].heatmap)


@BOTH
def test_a_model_without_sequence_and_reference_draws_what_it_learned_if_it_can_begin(nucleus, decoding):
    without = {"embedding": EMBEDDINGS["none"], "reference": None}
    if decoding == "causal":
        with pytest.raises(CelleError, match="nothing to begin with"):
            network(decoding, **without)
    else:
        assert_whole(predictor(decoding, residues=0, **without)(request(nucleus, "")))


@BOTH
def test_the_reference_need_not_be_a_nucleus_nor_have_as_many_codes(nucleus, decoding):
    brightfield = replace(PICTURE, codes=11, channels=4, patch=2, multipliers=(1, 1, 1, 1))
    model = predictor(decoding, reference=brightfield, pixels="percentile")
    answer = model(request(1 - nucleus))
    assert_whole(answer)
    masks = int(decoding == "masked")
    assert model._network.vocabulary.size == 30 + 11 + 16 + 3 * masks
    assert model._network.reference_embedding.num_embeddings == 11 + masks


# --- grey ---------------------------------------------------------------------------------------------------------


@BOTH
def test_a_model_of_grey_pictures_gives_one_and_its_threshold_is_the_mean(nucleus, decoding):
    answer = predictor(decoding, grey=True)(request(nucleus))
    assert_whole(answer)
    assert answer.image.dtype == np.float32
    assert answer.image.shape == (SIZE, SIZE)
    assert 0 <= answer.image.min() <= answer.image.max() <= 1
    np.testing.assert_array_equal(answer.threshold, answer.image > answer.image.mean())
    assert predictor(decoding)(request(nucleus)).image is None


# --- logits -------------------------------------------------------------------------------------------------------

VARIANTS = {
    "usual": {},
    "framed": {"embedding": EMBEDDINGS["esm2"]},
    "no sequence": {"embedding": EMBEDDINGS["none"]},
    "no reference": {"reference": None},
}


@torch.no_grad()
@BOTH
@pytest.mark.parametrize("variant", VARIANTS)
def test_all_logits_are_about_what_a_place_may_be(decoding, variant):
    model = network(decoding, **VARIANTS[variant])
    embedded = model.embed(torch.from_numpy(model.residue_ids(GFP))[None])
    causal = decoding == "causal"
    reference = codes(0) if model.reference else codes(0, length=0)
    logits = model.logits(embedded, reference, codes(1, length=CODES - causal))[0]
    span, letters = model.layout.residues - causal, len(model.alphabet.tokens)
    assert logits.shape == (model.layout.length - causal, model.vocabulary.size)
    told = [set(np.flatnonzero(row)) for row in (logits > LOWEST).numpy()]
    masked = set() if causal else {model.alphabet.mask}
    assert all(columns == set(range(letters)) - masked for columns in told[: max(span, 0)])
    codes_of = model.vocabulary.reference_codes
    middle = CODES * (model.reference is not None) - (causal and not model.layout.residues)
    references = told[max(span, 0) + (not causal) :][:middle]
    assert len(references) == middle
    assert all(columns == set(range(codes_of.start, codes_of.stop)) for columns in references)
    drawn = model.vocabulary.protein_codes
    assert all(columns == set(range(drawn.start, drawn.stop)) for columns in told[-CODES:])


@torch.no_grad()
def test_masked_residues_are_asked_of_any_embedding_that_knows_a_mask():
    for kind in ("tape-bert", "esm1b", "esm2", "descriptors", "one-hot", "random"):
        model = network("masked", embedding=EMBEDDINGS[kind])
        ids = torch.from_numpy(model.residue_ids("MS<mask>GEE"))[None]
        logits = model.residue_logits(ids, codes(0), codes(1))
        assert logits.shape == (1, model.layout.residues, len(ALPHABETS[kind].tokens))
        assert np.flatnonzero(logits[0, 0] == LOWEST).tolist() == [model.alphabet.mask]


# --- parts that do not fit ----------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"decoding": "diffusion"}, "no decoding 'diffusion'. Choose from causal, masked"),
        ({"embedding": EmbeddingConfig("esm3", dim=16)}, "Unknown residue embedding 'esm3'"),
        ({"reference": replace(PICTURE, multipliers=(1, 1))}, "8 codes along an edge, the protein image 4"),
    ],
)
def test_parts_that_do_not_fit_each_other_are_named(decoding, changes, words):
    with pytest.raises(CelleError, match=words):
        build(replace(DECODINGS[decoding], **changes))


@BOTH
def test_decoding_and_transformer_are_both_causal_or_none(decoding):
    causal = decoding == "causal"
    other = replace(DECODINGS[decoding].transformer, causal=not causal)
    with pytest.raises(CelleError, match=f"Set transformer.causal to {causal}"):
        network(decoding, transformer=other)
