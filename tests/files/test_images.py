import io
import subprocess
import sys
import warnings

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_celle.errors import ImageError
from napari_celle.files.images import count_planes, read_image

RNG = np.random.default_rng(0)
GRAY8 = RNG.integers(0, 256, (20, 30), np.uint8)
GRAY16 = RNG.integers(0, 65_536, (20, 30), np.uint16)
COLOUR = RNG.integers(0, 256, (20, 30, 3), np.uint8)
STACK = RNG.integers(0, 4096, (4, 2, 20, 30), np.uint16)  # (Z, C, Y, X)


def save(path, array, **options):
    Image.fromarray(array).save(path, **options)
    return path


@pytest.mark.parametrize("image", [GRAY8, GRAY16, GRAY8 > 100], ids=["8 bit", "16 bit", "1 bit"])
def test_a_gray_png_keeps_its_values(tmp_path, image):
    read = read_image(save(tmp_path / "a.png", image))
    assert read.pixels.dtype == image.dtype
    np.testing.assert_array_equal(read.pixels, image)
    assert read.path == tmp_path / "a.png"
    assert read.pixel_size_um is None


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32", "float32", "float64", ">u2"])
def test_tiff_and_npy_keep_dtype_and_values(tmp_path, dtype):
    image = GRAY8.astype(dtype)
    tifffile.imwrite(tmp_path / "a.tif", image)
    np.save(tmp_path / "a.npy", image)
    for name in ("a.tif", "a.npy"):
        pixels = read_image(str(tmp_path / name)).pixels
        assert pixels.dtype.newbyteorder("=") == image.dtype.newbyteorder("=")
        np.testing.assert_array_equal(pixels, image)


def test_a_jpeg_is_read(tmp_path):
    image = np.tile(np.linspace(0, 255, 30).astype(np.uint8), (20, 1))
    np.testing.assert_allclose(
        read_image(save(tmp_path / "a.jpg", image, quality=95)).pixels.astype(int), image, atol=12
    )


def test_the_content_decides_on_the_format(tmp_path):
    np.testing.assert_array_equal(read_image(save(tmp_path / "a.tif", GRAY8, format="PNG")).pixels, GRAY8)


@pytest.mark.parametrize(
    ("metadata", "size"),
    [
        ({"PhysicalSizeX": 0.108}, 0.108),
        ({"PhysicalSizeX": 325.0, "PhysicalSizeXUnit": "nm"}, 0.325),
        ({"PhysicalSizeX": 1.0, "PhysicalSizeXUnit": "pixel"}, None),
        ({}, None),
    ],
)
def test_ome_tiff_gives_the_pixel_size(tmp_path, metadata, size):
    tifffile.imwrite(tmp_path / "a.ome.tif", GRAY16, metadata={"axes": "YX", **metadata})
    assert read_image(tmp_path / "a.ome.tif").pixel_size_um == pytest.approx(size)


@pytest.mark.parametrize(
    ("options", "size"),
    [
        pytest.param({"imagej": True, "resolution": (5, 5), "metadata": {"unit": "um"}}, 0.2, id="ImageJ, um"),
        pytest.param({"imagej": True, "resolution": (5, 5), "metadata": {"unit": "micron"}}, 0.2, id="ImageJ, micron"),
        pytest.param({"imagej": True, "resolution": (5, 5), "metadata": {"unit": "pixel"}}, None, id="ImageJ, pixel"),
        pytest.param({"resolution": (1e5, 1e5), "resolutionunit": "CENTIMETER"}, 0.1, id="per centimetre"),
        pytest.param({"resolution": (72, 72), "resolutionunit": "INCH"}, None, id="72 dpi means print"),
        pytest.param({"resolution": (5, 5), "resolutionunit": "NONE"}, None, id="without unit"),
    ],
)
def test_tiff_gives_the_pixel_size_where_it_has_one(tmp_path, options, size):
    tifffile.imwrite(tmp_path / "a.tif", GRAY16, **options)
    assert read_image(tmp_path / "a.tif").pixel_size_um == (size and pytest.approx(size, rel=1e-4))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P"])
def test_gray_saved_as_colour_is_gray(tmp_path, mode):
    Image.fromarray(GRAY8).convert(mode).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png").pixels, GRAY8)


def test_a_colour_picture_asks_for_a_channel_and_gives_it(tmp_path):
    path = save(tmp_path / "a.png", COLOUR)
    with pytest.raises(ImageError, match=r"a\.png is a colour .RGB. picture.*--channel \(0 red, 1 green, 2 blue\)"):
        read_image(path)
    np.testing.assert_array_equal(read_image(path, channel=2).pixels, COLOUR[..., 2])


@pytest.mark.parametrize("suffix", ["tif", "npy"])
def test_colour_in_other_formats_is_recognised(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    if suffix == "tif":
        tifffile.imwrite(path, COLOUR, photometric="rgb")
    else:
        np.save(path, COLOUR)
    with pytest.raises(ImageError, match="colour"):
        read_image(path)
    np.testing.assert_array_equal(read_image(path, channel=0).pixels, COLOUR[..., 0])


def test_a_palette_picture_with_colours_is_a_colour_picture(tmp_path):
    Image.fromarray(COLOUR).quantize(16).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match="colour"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.ome.tif", "a.tif"])
def test_a_stack_asks_for_plane_and_channel_and_gives_them(tmp_path, name):
    path = tmp_path / name
    tifffile.imwrite(path, STACK, imagej=name == "a.tif", metadata={"axes": "ZCYX"})
    with pytest.raises(ImageError, match=r"axes Z 4, C 2, Y 20, X 30.*--plane \(0 to 3\).*--channel \(0 to 1\)"):
        read_image(path)
    with pytest.raises(ImageError, match=r"Choose one plane with --plane \(0 to 3\)\.$"):
        read_image(path, channel=1)
    np.testing.assert_array_equal(read_image(path, channel=1, plane=3).pixels, STACK[3, 1])


def test_planes_of_several_axes_are_counted_through(tmp_path):
    times = RNG.integers(0, 9, (2, 3, 20, 30), np.uint16)  # (T, Z, Y, X)
    tifffile.imwrite(tmp_path / "a.ome.tif", times, metadata={"axes": "TZYX"})
    np.testing.assert_array_equal(read_image(tmp_path / "a.ome.tif", plane=4).pixels, times[1, 1])


@pytest.mark.parametrize("option", ["plane", "channel"])
def test_an_axis_without_a_name_is_chosen_by_either_option(tmp_path, option):
    np.save(tmp_path / "a.npy", STACK[:, 0])
    np.testing.assert_array_equal(read_image(tmp_path / "a.npy", **{option: 2}).pixels, STACK[2, 0])


@pytest.mark.parametrize(("option", "index"), [("channel", 2), ("channel", -1), ("plane", 4)])
def test_a_choice_that_is_not_there_is_named(tmp_path, option, index):
    tifffile.imwrite(tmp_path / "a.ome.tif", STACK, metadata={"axes": "ZCYX"})
    with pytest.raises(
        ImageError, match=f"--{option} {index} is not there. Choose from 0 to {3 if option == 'plane' else 1}"
    ):
        read_image(tmp_path / "a.ome.tif", **{"channel": 0, "plane": 0, option: index})


def test_a_channel_of_a_gray_image_is_refused_unless_the_first(tmp_path):
    path = save(tmp_path / "a.png", GRAY8)
    np.testing.assert_array_equal(read_image(path, channel=0, plane=0).pixels, GRAY8)
    with pytest.raises(ImageError, match="--channel 1 is not there"):
        read_image(path, channel=1)


def png_bytes():
    buffer = io.BytesIO()
    Image.fromarray(GRAY16).save(buffer, format="PNG")
    return buffer.getvalue()


def tiff_bytes():
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, GRAY16, compression="zlib")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "not an image", id="empty"),
        pytest.param(b"MSKGEELFTG\n", "not an image.*TIFF, OME-TIFF, PNG, JPEG or npy", id="text"),
        pytest.param(b"GIF89a" + bytes(40), "not an image", id="another format"),
        pytest.param(png_bytes()[:300], "cannot be read.*damaged", id="half a PNG"),
        pytest.param(png_bytes()[:8], "cannot be read.*damaged", id="start of a PNG"),
        pytest.param(b"\xff\xd8\xff\xe0" + bytes(100), "cannot be read.*damaged", id="broken JPEG"),
        pytest.param(b"II*\0" + b"\xff" * 60, "cannot be read.*damaged", id="broken TIFF"),
        pytest.param(b"II*\0", "cannot be read.*damaged", id="start of a TIFF"),
        pytest.param(tiff_bytes()[:10] + bytes(50), "cannot be read.*damaged", id="TIFF of zeros"),
        pytest.param(tiff_bytes()[:-200], "cannot be read.*damaged", id="TIFF cut short"),
        pytest.param(b"\x93NUMPY\x01\x00" + bytes(30), "cannot be read.*damaged", id="broken npy"),
    ],
)
def test_a_file_that_is_no_image_or_damaged_is_named(tmp_path, capfd, content, said):
    path = tmp_path / "cells.tif"
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ImageError, match=f"cells.tif.*{said}"):
            read_image(path)
    assert capfd.readouterr() == ("", "")


def test_a_large_picture_is_read_without_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 400)  # of 600
    np.testing.assert_array_equal(read_image(save(tmp_path / "a.png", GRAY8)).pixels, GRAY8)


def test_an_absurdly_large_picture_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 200)
    with pytest.raises(ImageError, match="exceeds limit"):
        read_image(save(tmp_path / "a.png", GRAY8))


def test_remarks_on_a_damaged_tiff_do_not_reach_the_console(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"II*\0" + b"\xff" * 60)
    code = f"from napari_celle.files.images import count_planes, read_image; read_image({str(tmp_path / 'a.tif')!r})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "invalid offset" not in run.stderr
    assert "ImageError" in run.stderr


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(ImageError, match=r"no file .*gone\.tif"):
        read_image(tmp_path / "gone.tif")
    with pytest.raises(ImageError, match="is a folder"):
        read_image(tmp_path)


def test_an_npy_with_objects_is_not_unpickled(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[{}]], object), allow_pickle=True)
    with pytest.raises(ImageError, match="cannot be read"):
        read_image(tmp_path / "a.npy")


@pytest.mark.parametrize("shape", [(), (5,), (0, 5)])
def test_an_array_without_y_and_x_is_refused(tmp_path, shape):
    np.save(tmp_path / "a.npy", np.zeros(shape))
    with pytest.raises(ImageError, match="not an image with axes Y and X"):
        read_image(tmp_path / "a.npy")


def test_real_images_are_read(shared):
    nucleus = read_image(shared / "data" / "real_nuclei" / "hpa_1_nucleus.png")
    assert (nucleus.pixels.shape, nucleus.pixels.dtype, nucleus.pixels.max()) == ((256, 256), np.uint8, 255)
    field = read_image(shared / "data" / "real_fields" / "ht29_dna.tif")
    assert (field.pixels.shape, field.pixel_size_um) == ((512, 512), None)


@pytest.mark.parametrize("compression", ["lzw", "zlib", "packbits"])
def test_compressed_tiff_is_read(tmp_path, compression):
    tifffile.imwrite(tmp_path / "a.tif", GRAY16, compression=compression)
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif").pixels, GRAY16)


def test_planes_are_counted_with_channels_and_colours(tmp_path):
    tifffile.imwrite(tmp_path / "pages.tif", np.stack([GRAY16, GRAY16]))
    tifffile.imwrite(
        tmp_path / "stack.tif", np.zeros((3, 2, 20, 30), np.uint16), imagej=True, metadata={"axes": "ZCYX"}
    )
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(tmp_path / "colour.png")
    assert [count_planes(tmp_path / name) for name in ("pages.tif", "stack.tif", "colour.png")] == [2, 6, 3]
