import pytest
import torch

from napari_celle.sampling.suppression import ResidueIds, only, suppress_as_published

IDS = ResidueIds(mask=9, pad=1, start=0, end=2, standard=(4, 5), residues=(4, 5, 6))  # 3, 7 and 8 are other tokens
BAN, FORCE = float("-inf"), float("inf")


def suppressed(*rows, letters_only=False):
    tokens = torch.tensor(rows)
    return suppress_as_published(torch.zeros(*tokens.shape, 10), tokens, IDS, letters_only=letters_only)


def test_only_bans_everything_else():
    assert only(torch.zeros(1, 10), IDS.standard)[0].isfinite().nonzero().flatten().tolist() == [4, 5]


def test_start_and_end_stay_at_their_places_and_padding_outside():
    scores = suppressed([0, 9, 9, 2, 1])[0]
    assert scores[:, 0].tolist() == [0, BAN, BAN, BAN, BAN]
    assert scores[:, 2].tolist() == [BAN, BAN, BAN, 0, BAN]
    assert scores[:, 1].tolist() == [BAN, BAN, BAN, BAN, FORCE]
    assert (scores[:, 9] == BAN).all()
    assert (scores[:, [3, 4, 7, 8]] == 0).all()


@pytest.mark.parametrize(("row", "free"), [([0, 9, 9, 4, 4], 0), ([4, 9, 9, 4, 2], 4)])
def test_with_only_one_terminus_padding_is_forced_nearly_everywhere(row, free):
    padding = suppressed(row)[0, :, 1]
    assert [place for place, value in enumerate(padding.tolist()) if value != FORCE] == [free]


def test_without_termini_nothing_but_the_mask_is_banned():
    scores = suppressed([4, 9, 9, 4])[0]
    assert (scores[:, :9] == 0).all()


def test_a_rule_that_does_not_fit_is_left_out():
    scores = suppressed([0, 0, 9, 2, 1])[0]  # two starts: the end's rule remains
    assert (scores[:, 0] == 0).all()
    assert scores[:, 2].tolist() == [BAN, BAN, BAN, 0, BAN]
    assert (scores[:, 1] == 0).all()


def test_letters_only_are_all_letters_and_the_termini():
    scores = suppressed([0, 9, 2, 1], letters_only=True)[0]
    assert [scores[place].isfinite().nonzero().flatten().tolist() for place in range(4)] == [
        [0, 4, 5, 6],
        [4, 5, 6],
        [2, 4, 5, 6],
        [4, 5, 6],
    ]


def test_each_item_of_a_batch_has_its_own_termini():
    scores = suppressed([0, 9, 2, 1, 1], [0, 9, 9, 9, 2])
    assert (scores[:, :, 1] == FORCE).tolist() == [[False, False, False, True, True], [False] * 5]


def test_the_scores_handed_in_stay_as_they_are():
    scores = torch.zeros(1, 4, 10)
    suppress_as_published(scores, torch.tensor([[0, 9, 2, 1]]), IDS, letters_only=True)
    assert (scores == 0).all()
