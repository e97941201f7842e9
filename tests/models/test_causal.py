from dataclasses import replace

import pytest
import torch

from napari_celle.config import EmbeddingConfig
from napari_celle.errors import Cancelled
from napari_celle.models.registry import _TINY_CELLE, build
from napari_celle.sampling.causal import decode
from napari_celle.types import SamplingOptions

PICTURE = replace(_TINY_CELLE.protein, image_size=64)  # 4 x 4 codes
CELLE = replace(
    _TINY_CELLE,
    window=12,
    reference=PICTURE,
    protein=PICTURE,
    transformer=replace(_TINY_CELLE.transformer, depth=3),
)
CODES, DEPTH = 16, 3
VARIANTS = {
    "usual": CELLE,
    "framed": replace(CELLE, embedding=EmbeddingConfig("esm2", dim=8, layers=1, heads=2, hidden=16)),
    "no sequence": replace(CELLE, embedding=EmbeddingConfig("none", dim=16)),
    "no reference": replace(CELLE, reference=None),
    "no token shift": replace(CELLE, transformer=replace(CELLE.transformer, token_shift=False)),
}
HOT = SamplingOptions(temperature=1.0)


def network(config=CELLE, *, seed=0, faithful="none"):
    torch.manual_seed(seed)
    model = build(config, faithful=faithful).eval()
    for name, weight in model.named_parameters():  # strong enough for every layer to matter
        if name.endswith(("to_qkv.weight", "protein_embedding.weight", "head.weight")):
            torch.nn.init.normal_(weight, std=1.0)
    return model.requires_grad_(False)


def inputs(model, batch=1, seed=0):
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(4, 24, (batch, len(model.residue_ids("MSK"))), generator=generator)
    columns = CODES if model.reference else 0
    return model.embed(ids), torch.randint(0, 16, (batch, columns), generator=generator)


def noise(model, batch=1, seed=0):
    return model.noise([torch.Generator().manual_seed(seed + item) for item in range(batch)])


def draw(model, *, batch=1, sampling=HOT, **options):
    return model.generate(*inputs(model, batch), sampling=sampling, noise=noise(model, batch), **options)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_is_remembered_of_earlier_codes_is_what_looking_again_would_give(variant, seed):
    model = network(VARIANTS[variant], seed=seed)
    cached, again = (draw(model, batch=2, cached=cached) for cached in (True, False))
    assert torch.equal(cached.tokens, again.tokens)
    torch.testing.assert_close(cached.first, again.first, rtol=1e-4, atol=1e-4)


def test_step_by_step_gives_the_logits_of_one_pass_over_all_codes():
    model = network()
    embedded, reference = inputs(model)
    drawn = draw(model)
    whole = model.logits(embedded, reference, drawn.tokens[:, :-1])
    expected = whole[:, -CODES:, model.vocabulary.protein_codes]
    torch.testing.assert_close(drawn.first, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("cached", [True, False])
@pytest.mark.parametrize("given", [1, 7, CODES - 1])
def test_codes_that_are_given_first_are_kept_and_lead_the_rest(cached, given):
    model = network()
    embedded, reference = inputs(model, batch=2)
    cold = draw(model, batch=2, sampling=SamplingOptions(temperature=0))
    options = {"length": CODES, "temperature": 0.0, "top_k": None, "noise": noise(model, 2)}
    led = decode(model.next_logits(embedded, reference, cached=cached), cold.tokens[:, :given], **options)
    assert torch.equal(led.tokens, cold.tokens)
    torch.testing.assert_close(led.first[:, given:], cold.first[:, given:], rtol=1e-4, atol=1e-4)
    other = (cold.tokens[:, :given] + 5) % 16
    elsewhere = decode(model.next_logits(embedded, reference, cached=cached), other, **options)
    assert torch.equal(elsewhere.tokens[:, :given], other)
    assert not torch.allclose(elsewhere.first[:, given:], cold.first[:, given:])


@pytest.mark.parametrize("faithful", ["none", "all"])
@pytest.mark.parametrize("cached", [True, False])
def test_a_batch_gives_what_its_pictures_give_one_by_one(faithful, cached):
    model = network(faithful=faithful)
    embedded, reference = inputs(model, batch=3)
    together = draw(model, batch=3, cached=cached)
    assert len({tuple(row.tolist()) for row in together.tokens}) == 3
    for item in range(3):
        alone = model.generate(
            embedded[item : item + 1],
            reference[item : item + 1],
            sampling=HOT,
            noise=noise(model, seed=item),
            cached=cached,
        )
        assert torch.equal(alone.tokens[0], together.tokens[item])
        torch.testing.assert_close(alone.first[0], together.first[item], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("faithful", ["none", "all"])
def test_one_seed_gives_one_picture_and_another_seed_another(faithful):
    model = network(faithful=faithful)
    first, second = draw(model), draw(model)
    assert torch.equal(first.tokens, second.tokens)
    assert torch.equal(first.first, second.first)
    other = model.generate(*inputs(model), sampling=HOT, noise=noise(model, seed=9))
    assert not torch.equal(first.tokens, other.tokens)


def test_without_noise_the_most_probable_code_is_taken():
    cold = draw(network(), sampling=SamplingOptions(temperature=0))
    assert torch.equal(cold.tokens, cold.first.argmax(-1))


def test_few_candidates_leave_fewer_codes_to_draw():
    model = network()
    drawn = draw(model, sampling=SamplingOptions(temperature=50.0, top_k=2))
    best = drawn.first.topk(2, dim=-1).indices
    assert (drawn.tokens.unsqueeze(-1) == best).any(-1).all()
    assert not torch.equal(drawn.tokens, best[..., 0])


@pytest.mark.parametrize("variant", VARIANTS)
def test_later_codes_change_nothing_before_them(variant):
    model = network(VARIANTS[variant])
    embedded, reference = inputs(model)
    protein = torch.arange(CODES - 1)[None]
    before = model(embedded, reference, protein)
    changed = protein.clone()
    changed[:, 9] = 0
    after = model(embedded, reference, changed)
    place = model.layout.protein_span.start + 9
    torch.testing.assert_close(after[:, :place], before[:, :place], rtol=0, atol=1e-6)
    assert (after[:, place] - before[:, place]).abs().max() > 1e-2
    assert (after[:, place + 1 :] - before[:, place + 1 :]).abs().max() > 1e-2


def test_reference_codes_change_nothing_in_the_sequence_but_the_picture():
    model = network()
    embedded, reference = inputs(model)
    base, other = (
        model(embedded, codes, torch.zeros(1, 5, dtype=torch.int64)) for codes in (reference, 15 - reference)
    )
    start = model.layout.nucleus_span.start
    torch.testing.assert_close(base[:, :start], other[:, :start], rtol=0, atol=1e-6)
    assert not torch.allclose(base[:, -1], other[:, -1])


@pytest.mark.parametrize("cached", [True, False])
def test_progress_counts_every_layer_of_every_code(cached):
    told = []
    draw(network(), cached=cached, on_layer=lambda *step: told.append(step))
    assert told == [(done, CODES * DEPTH) for done in range(1, CODES * DEPTH + 1)]


def test_whoever_is_told_of_progress_can_stop_it():
    told = []

    def listen(done, total):
        told.append(done)
        if done == 10:
            raise Cancelled

    with pytest.raises(Cancelled):
        draw(network(), on_layer=listen)
    assert told[-1] == 10


# --- oddities -----------------------------------------------------------------------------------------------------


def test_the_faithful_shift_is_another_from_the_second_code_on_when_remembering():
    mended, faithful = (network(faithful=faithful) for faithful in ("none", "all"))
    embedded, reference = inputs(mended)
    protein = torch.arange(CODES - 1)[None]

    def all_logits(model, *, cached):
        about_next = model.next_logits(embedded, reference, cached=cached)
        return torch.stack([about_next(protein[:, :known]) for known in range(CODES)], dim=1)

    exact = all_logits(mended, cached=False)
    torch.testing.assert_close(all_logits(faithful, cached=False), exact, rtol=0, atol=0)
    torch.testing.assert_close(all_logits(mended, cached=True), exact, rtol=1e-4, atol=1e-4)
    odd = all_logits(faithful, cached=True)
    torch.testing.assert_close(odd[:, 0], exact[:, 0], rtol=1e-4, atol=1e-4)
    assert (odd[:, 1:] - exact[:, 1:]).abs().amax(-1).min() > 1e-2


def test_without_token_shift_being_faithful_changes_no_logits():
    config = VARIANTS["no token shift"]
    cold = SamplingOptions(temperature=0)
    mended, faithful = (draw(network(config, faithful=faithful), sampling=cold) for faithful in ("none", "all"))
    torch.testing.assert_close(faithful.first, mended.first, rtol=0, atol=0)


def test_faithful_noise_is_drawn_for_the_whole_vocabulary():
    model = network(faithful="all")
    generator = torch.Generator().manual_seed(4)
    drawn = model.noise([generator])(torch.zeros(1, 16))
    uniform = torch.rand(1, model.vocabulary.size, generator=torch.Generator().manual_seed(4))
    expected = -torch.log(-torch.log(uniform + 1e-20) + 1e-20)
    torch.testing.assert_close(drawn, expected[:, model.vocabulary.protein_codes], rtol=0, atol=0)
    assert not torch.equal(drawn, network().noise([torch.Generator().manual_seed(4)])(torch.zeros(1, 16)))


def test_the_start_token_goes_before_the_sequence():
    model = network()
    ids = torch.from_numpy(model.residue_ids("MSK"))[None]
    embedded = model.embed(ids)
    assert embedded.shape[1] == ids.shape[1] + 1
    torch.testing.assert_close(embedded[0, 0], model.embedder.weight[model.alphabet.start])
    torch.testing.assert_close(embedded[0, 1:], model.embedder(ids)[0])
