import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_celle.config import TokenizerConfig, VqganConfig
from napari_celle.data.localization import LOCATIONS
from napari_celle.data.pictures import draw_pictures, pair_pictures, prepared, read_pictures, split
from napari_celle.errors import CelleError, ImageError
from napari_celle.preprocess import above_otsu, hpa

GREY = TokenizerConfig(VqganConfig(image_size=32), "nucleus")
THRESHOLD = TokenizerConfig(VqganConfig(image_size=32), "protein", threshold=True)


def disc(height=40, width=40, top=1000):
    y, x = np.mgrid[:height, :width]
    return (top * (np.hypot(y - 15, x - 20) < 9)).astype(np.uint16)


def test_tiff_and_png_are_read_in_the_order_of_their_names(tmp_path):
    tifffile.imwrite(tmp_path / "b.TIF", disc(width=50))
    Image.fromarray((disc(top=200)).astype(np.uint8)).save(tmp_path / "a.png")
    tifffile.imwrite(tmp_path / "c.tiff", disc(height=60))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "._a.png").write_bytes(b"what macOS leaves on foreign disks")
    seen = []
    found = read_pictures(tmp_path, GREY, on_step=lambda *step: seen.append(step))
    assert [picture.shape for picture in found] == [(40, 40), (40, 50), (60, 40)]
    assert all((picture.min(), picture.max()) == (0, 1) for picture in found)
    assert seen == [("reading pictures", number, 3) for number in range(3)]


def test_all_pictures_that_cannot_be_used_are_named(tmp_path):
    tifffile.imwrite(tmp_path / "good.tif", disc())
    tifffile.imwrite(tmp_path / "small.tif", disc(height=31))
    tifffile.imwrite(tmp_path / "empty.tif", np.zeros((40, 40), np.uint16))
    tifffile.imwrite(tmp_path / "nan.tif", np.where(disc() > 0, np.nan, 1).astype(np.float32))
    tifffile.imwrite(tmp_path / "stack.tif", np.stack([disc()] * 4), photometric="minisblack", metadata={"axes": "ZYX"})
    (tmp_path / "damaged.png").write_bytes(b"\x89PNG damaged")
    with pytest.raises(ImageError) as caught:
        read_pictures(tmp_path, GREY)
    said = str(caught.value)
    assert said.startswith("5 of 6 pictures cannot be used: ")
    assert "small.tif has 31 x 40 pixels, fewer than 32 x 32" in said
    assert "empty.tif is constant: every pixel is 0" in said
    assert "nan.tif has pixels that are NaN" in said
    assert "stack.tif is a stack with axes Z 4, Y 40, X 40" in said
    assert "damaged.png cannot be read as an image" in said
    assert "--plane" not in said  # an option of another command


def test_of_many_bad_pictures_ten_are_named(tmp_path):
    for number in range(12):
        (tmp_path / f"{number}.png").write_bytes(b"none")
    with pytest.raises(ImageError, match=r"^12 of 12 .*; and 2 more\. Put"):
        read_pictures(tmp_path, GREY)


def test_a_folder_without_pictures_and_a_missing_one_are_told(tmp_path):
    with pytest.raises(ImageError, match="has no TIFF or PNG"):
        read_pictures(tmp_path, GREY)
    with pytest.raises(ImageError, match="There is no folder"):
        read_pictures(tmp_path / "missing", GREY)


def test_threshold_images_are_those_of_the_family():
    picture = disc() + np.random.default_rng(0).integers(0, 50, (40, 40)).astype(np.uint16)
    found = prepared(picture, THRESHOLD)
    assert found.dtype == bool
    assert np.array_equal(found, above_otsu(picture) > 0)
    median = prepared(picture, TokenizerConfig(VqganConfig(), "protein", pixels="hpa", threshold=True))
    assert median.mean() == pytest.approx(0.5, abs=0.02)


def test_pictures_of_a_published_family_are_prepared_as_its_own():
    picture = disc(top=200).astype(np.uint8)
    found = prepared(picture, TokenizerConfig(VqganConfig(), "nucleus", pixels="hpa"))
    assert np.array_equal(found, hpa(picture.astype(np.float32), dtype=np.uint8).astype(np.float16))


def test_drawn_pictures_follow_from_the_seed_and_their_number():
    first, second = draw_pictures(2, GREY, seed=3)
    assert np.array_equal(draw_pictures(1, GREY, seed=3)[0], first)
    assert not np.array_equal(first, second)
    assert not np.array_equal(draw_pictures(1, GREY, seed=4)[0], first)
    assert (first.shape, first.dtype) == ((256, 256), np.float16)


def test_the_protein_is_drawn_in_any_compartment_or_where_the_table_says(monkeypatch):
    drawn = []

    def draw_protein(field, amounts, rng):
        drawn.append(amounts)
        return field.nucleus

    monkeypatch.setattr("napari_celle.data.pictures.draw_protein", draw_protein)
    draw_pictures(12, THRESHOLD, seed=0)
    assert len({name for amounts in drawn for name in amounts}) > 4
    drawn.clear()
    locations = np.zeros((2, 10), bool)
    locations[0, LOCATIONS.index("Mitochondrion")] = True
    locations[1, LOCATIONS.index("Plastid")] = True  # cannot be drawn
    draw_pictures(3, THRESHOLD, seed=0, locations=locations)
    assert len(drawn) == 3
    assert all(amounts["mitochondria"] > 0.5 for amounts in drawn)


def test_a_tenth_is_kept_for_the_validation():
    pictures = [np.full((2, 2), number) for number in range(25)]
    samples, checks = split(pictures, seed=1)
    assert (len(samples), len(checks)) == (23, 2)
    assert sorted(int(picture[0, 0]) for picture in [*samples, *checks]) == list(range(25))
    other = split(pictures, seed=2)[1]
    assert [picture[0, 0] for picture in checks] != [picture[0, 0] for picture in other]
    assert [len(part) for part in split(pictures[:2], seed=0)] == [1, 1]


def test_one_picture_is_not_enough():
    with pytest.raises(CelleError, match="two at least"):
        split([np.zeros((2, 2))], seed=0)


def test_proteins_of_which_none_can_be_drawn_are_told():
    with pytest.raises(CelleError, match="Of 3 proteins none has a location that can be drawn"):
        draw_pictures(2, THRESHOLD, seed=0, locations=np.zeros((3, len(LOCATIONS)), bool))


class OnePair:
    """A disc in the nuclei; the protein is measured or painted."""

    def __init__(self, protein):
        self.protein = protein

    def __len__(self):
        return 1

    def read(self, index):
        return disc(), self.protein


def test_of_a_pair_the_picture_of_the_channel_is_taken():
    pairs = OnePair(disc().T)
    np.testing.assert_array_equal(pair_pictures(pairs, GREY)[0], prepared(disc(), GREY))
    np.testing.assert_array_equal(pair_pictures(pairs, THRESHOLD)[0], prepared(disc().T, THRESHOLD))


def test_the_mask_of_a_pair_is_a_threshold_image_as_it_is():
    mask = disc() == 0  # more than half, so nothing is above the median
    config = TokenizerConfig(VqganConfig(image_size=32), "protein", threshold=True, pixels="hpa")
    np.testing.assert_array_equal(pair_pictures(OnePair(mask), config)[0], mask)
