import torch

from napari_celle.nn.quantizer import Quantizer


def quantizer(codes=5, dim=3):
    torch.manual_seed(0)
    quantizer = Quantizer(codes, dim)
    torch.nn.init.normal_(quantizer.embedding.weight)
    return quantizer.requires_grad_(False)


def test_the_nearest_code_is_the_one_a_search_over_all_finds():
    book = quantizer()
    z = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    by_hand = torch.tensor(
        [
            [[(book.embedding.weight - z[b, :, y, x]).square().sum(1).argmin() for x in range(4)] for y in range(4)]
            for b in range(2)
        ]
    )
    assert torch.equal(book.nearest(z), by_hand)


def test_of_equal_codes_the_first_is_taken():
    book = quantizer()
    book.embedding.weight[3] = book.embedding.weight[1]
    z = book.embedding.weight[3].reshape(1, 3, 1, 1)
    assert book.nearest(z).item() == 1


def test_a_mixture_of_one_code_is_that_code():
    book = quantizer()
    ids = torch.tensor([[[0, 4], [2, 2]]])
    torch.testing.assert_close(book.mixtures(torch.nn.functional.one_hot(ids, 5).float()), book.vectors(ids))
