from dataclasses import replace

import pytest
import torch

from napari_celle.config import EmbeddingConfig
from napari_celle.errors import Cancelled
from napari_celle.models.registry import _TINY_CELLE2, build
from napari_celle.types import SamplingOptions

PICTURE = replace(_TINY_CELLE2.protein, image_size=64)  # 4 x 4 codes
CELLE2 = replace(
    _TINY_CELLE2,
    window=12,
    embedding=EmbeddingConfig("esm2", dim=16, layers=1, heads=2, hidden=16),
    reference=PICTURE,
    protein=PICTURE,
    transformer=replace(_TINY_CELLE2.transformer, depth=3),
)
CODES, DEPTH = 16, 3
VARIANTS = {
    "usual": CELLE2,
    "no sequence": replace(CELLE2, embedding=EmbeddingConfig("none", dim=16)),
    "no reference": replace(CELLE2, reference=None),
}
FAITHFUL = pytest.mark.parametrize("faithful", ["none", "all"])
STEPS = pytest.mark.parametrize("steps", [1, 4, CODES])


def network(config=CELLE2, *, seed=0, faithful="none"):
    torch.manual_seed(seed)
    model = build(config, faithful=faithful).eval()
    for name, weight in model.named_parameters():  # strong enough for codes to differ
        if name.endswith(("to_qkv.weight", "protein_embedding.weight", "head.weight", "separator")):
            torch.nn.init.normal_(weight, std=1.0)
    return model.requires_grad_(False)


def inputs(model, batch=1, seed=0):
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(4, 24, (batch, len(model.residue_ids("MSK"))), generator=generator)
    columns = CODES if model.reference else 0
    return model.embed(ids), torch.randint(0, 16, (batch, columns), generator=generator)


def noise(model, batch=1, seed=0):
    return model.noise([torch.Generator().manual_seed(seed + item) for item in range(batch)])


def draw(model, *, batch=1, steps=1, temperature=1.0, seed=0, **options):
    sampling = SamplingOptions(steps=steps, temperature=temperature)
    return model.generate(*inputs(model, batch), sampling=sampling, noise=noise(model, batch, seed), **options)


def all_masked(model, batch=1):
    return torch.full((batch, CODES), model.mask_id)


@STEPS
@FAITHFUL
@pytest.mark.parametrize("variant", VARIANTS)
def test_any_number_of_steps_leaves_no_mask(variant, faithful, steps):
    drawn = draw(network(VARIANTS[variant], faithful=faithful), batch=2, steps=steps)
    assert drawn.tokens.shape == (2, CODES)
    assert drawn.tokens.min() >= 0
    assert drawn.tokens.max() < 16
    assert drawn.step_filled.min() == 1


@FAITHFUL
def test_in_one_step_every_code_comes_from_the_pass_that_knew_none(faithful):
    model = network(faithful=faithful)
    cold = draw(model, temperature=0.0)
    expected = model.image_logits(*inputs(model), all_masked(model))
    torch.testing.assert_close(cold.filled_logits, expected, rtol=0, atol=1e-5)
    whole = model.logits(*inputs(model), all_masked(model))[:, -CODES:, model.vocabulary.protein_codes]
    torch.testing.assert_close(expected, whole, rtol=1e-4, atol=1e-4)
    assert torch.equal(cold.tokens, expected.argmax(-1))
    assert (cold.step_filled == 1).all()


def test_with_as_many_steps_as_codes_one_is_filled_a_step_knowing_those_before():
    model = network()
    drawn = draw(model, steps=CODES)
    assert sorted(drawn.step_filled[0].tolist()) == list(range(1, CODES + 1))
    embedded, reference = inputs(model)
    for step in (2, CODES // 2, CODES):
        known = torch.where(drawn.step_filled < step, drawn.tokens, model.mask_id)
        logits = model.image_logits(embedded, reference, known)
        here = (drawn.step_filled == step)[0]
        torch.testing.assert_close(drawn.filled_logits[0, here], logits[0, here], rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_one_code_a_step_fills_a_whole_picture_of_256_codes():
    config = replace(_TINY_CELLE2, window=12)
    torch.manual_seed(0)
    model = build(config).eval().requires_grad_(False)
    ids = torch.from_numpy(model.residue_ids("MSK"))[None]
    told = []
    drawn = model.generate(
        model.embed(ids),
        torch.zeros(1, 256, dtype=torch.int64),
        sampling=SamplingOptions(steps=256, temperature=1.0),
        noise=noise(model),
        on_layer=lambda *step: told.append(step),
    )
    assert sorted(drawn.step_filled[0].tolist()) == list(range(1, 257))
    assert told == [(done, 512) for done in range(1, 513)]


@STEPS
@FAITHFUL
def test_a_batch_gives_what_its_pictures_give_one_by_one(faithful, steps):
    model = network(faithful=faithful)
    embedded, reference = inputs(model, batch=3)
    together = draw(model, batch=3, steps=steps)
    assert len({tuple(row.tolist()) for row in together.tokens}) == 3
    sampling = SamplingOptions(steps=steps, temperature=1.0)
    for item in range(3):
        own = slice(item, item + 1)
        alone = model.generate(embedded[own], reference[own], sampling=sampling, noise=noise(model, seed=item))
        assert torch.equal(alone.tokens[0], together.tokens[item])
        assert torch.equal(alone.step_filled[0], together.step_filled[item])
        torch.testing.assert_close(alone.filled_logits[0], together.filled_logits[item], rtol=1e-4, atol=1e-4)


@STEPS
@FAITHFUL
def test_one_seed_gives_one_picture_and_another_seed_another(faithful, steps):
    model = network(faithful=faithful)
    first, second, other = (draw(model, steps=steps, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(first.tokens, second.tokens)
    assert torch.equal(first.filled_logits, second.filled_logits)
    assert not torch.equal(first.tokens, other.tokens)


def test_every_token_sees_every_other():
    model = network()
    embedded, reference = inputs(model)
    base = model(embedded, reference, all_masked(model))
    later = all_masked(model)
    later[:, -1] = 3
    changed = model(embedded, reference, later)
    assert (changed[:, 0] - base[:, 0]).abs().max() > 1e-4
    assert (changed[:, model.layout.separator] - base[:, model.layout.separator]).abs().max() > 1e-4


def test_the_separator_stands_between_sequence_and_pictures():
    model = network()
    embedded, reference = inputs(model)
    seen = []
    model.transformer.register_forward_pre_hook(lambda module, args: seen.append(args))
    model(embedded, reference, all_masked(model))
    (x, angles), layout = seen[0], model.layout
    torch.testing.assert_close(x[:, layout.residue_span], embedded)
    torch.testing.assert_close(x[0, layout.separator], model.separator[0])
    torch.testing.assert_close(x[:, layout.nucleus_span], model.reference_embedding(reference))
    torch.testing.assert_close(x[0, -1], model.protein_embedding.weight[model.mask_id])
    assert len(angles) == x.shape[1] == layout.length


def test_codes_of_the_pictures_stand_one_place_early_as_the_weights_were_trained():
    model = network()
    table, start = model.angles, model.layout.nucleus_span.start
    assert len(table) == model.layout.length + 1
    assert table[start, 0] == start  # still a place in the text: oddity 16
    assert table[start + 1, 0] == 8192


def test_masked_residues_are_asked_with_the_picture_in_sight():
    model = network()
    ids = torch.from_numpy(model.residue_ids("MS<mask>GEE"))[None]
    _, reference = inputs(model)
    pictures = [torch.full((1, CODES), code) for code in (2, 9)]
    told = []
    base, other = (
        model.residue_logits(ids, reference, picture, on_layer=lambda *step: told.append(step)) for picture in pictures
    )
    assert base.shape == (1, 14, 33)
    assert not torch.allclose(base[0, 3], other[0, 3])
    whole = model.logits(model.embed(ids), reference, pictures[0])
    torch.testing.assert_close(base, whole[:, :14, :33])
    assert told == [(1, 3), (2, 3), (3, 3)] * 2


@STEPS
def test_progress_counts_every_layer_of_every_step(steps):
    told = []
    draw(network(), steps=steps, on_layer=lambda *step: told.append(step))
    assert told == [(done, steps * DEPTH) for done in range(1, steps * DEPTH + 1)]


def test_faithful_progress_never_goes_back_and_may_end_early():
    told = []
    drawn = draw(network(faithful="all"), steps=CODES, on_layer=lambda *step: told.append(step))
    passes = int(drawn.step_filled.max())
    assert told == [(done, CODES * DEPTH) for done in range(1, passes * DEPTH + 1)]


def test_whoever_is_told_of_progress_can_stop_it():
    def listen(done, total):
        if done == 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        draw(network(), steps=4, on_layer=listen)


# --- oddities -----------------------------------------------------------------------------------------------------


def test_being_faithful_changes_no_logits():
    mended, faithful = network(), network(faithful="all")
    arguments = (*inputs(mended), all_masked(mended))
    torch.testing.assert_close(faithful.logits(*arguments), mended.logits(*arguments), rtol=0, atol=0)


def test_the_faithful_schedule_fills_one_code_first_and_goes_by_what_is_left():
    filled = {
        faithful: torch.bincount(draw(network(faithful=faithful), steps=4).step_filled[0], minlength=5)[1:].tolist()
        for faithful in ("none", "all")
    }
    assert filled == {"none": [2, 3, 5, 6], "all": [1, 3, 6, 6]}


def test_the_surest_code_is_filled_first_and_when_faithful_the_one_of_the_largest_logit():
    mended, faithful = (network(seed=4, faithful=faithful) for faithful in ("none", "all"))
    logits = mended.image_logits(*inputs(mended), all_masked(mended))
    largest, surest = (int(of.amax(-1).argmax()) for of in (logits, logits.softmax(-1)))
    assert largest != surest
    for model, expected in ((mended, surest), (faithful, largest)):
        drawn = draw(model, steps=CODES, temperature=0.0)
        assert drawn.step_filled[0, expected] == 1


def test_faithful_noise_is_drawn_for_all_tokens_and_the_whole_vocabulary():
    model = network(faithful="all")
    drawn = model.noise([torch.Generator().manual_seed(4)])(torch.zeros(1, CODES, 16))
    shape = (model.layout.length, model.vocabulary.size)
    uniform = torch.rand(shape, generator=torch.Generator().manual_seed(4))
    expected = -torch.log(-torch.log(uniform + 1e-20) + 1e-20)
    part = expected[model.layout.protein_span, model.vocabulary.protein_codes]
    torch.testing.assert_close(drawn[0], part, rtol=0, atol=0)
