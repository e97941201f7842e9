"""``napari-celle constructs``: how much of each protein of a table goes to the nucleus."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from napari_celle.cli.errors import readable_errors

if TYPE_CHECKING:
    from napari_celle.analysis.constructs import ConstructResult

WIDE = 140


def constructs(
    table: Annotated[
        Path, Option(help="Proteins, in the column sequence, else fusion_sequence, else gfp_fusion.", metavar="CSV")
    ],
    nucleus: Annotated[
        list[Path] | None, Option(help="Nucleus image, may be repeated; else four drawn ones.", metavar="IMG")
    ] = None,
    nuclei: Annotated[
        Path | None, Option(help="Folder with nucleus images named *_nucleus.*, all of them used.", metavar="DIR")
    ] = None,
    model: Annotated[str | None, Option(help="Model; the one that comes with napari-celle when left out.")] = None,
    seeds: Annotated[
        int, Option(min=1, help="So many draws each. The maps of celle-mini and CELL-E 2 do not depend on the seed.")
    ] = 1,
    device: Annotated[str, Option(help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
    as_json: Annotated[bool, Option("--json", help="One JSON object on standard output, nothing else.")] = False,
    debug: Annotated[bool, Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Predict every protein of a table on the same nuclei, and print how much of it is in them.

    Where the table says in is_nuclear or expected_nuclear (0, 1 or nothing) which are nuclear, it is counted how many
    are on the right side of one half, and of the threshold that the model's card states.
    """
    with readable_errors(debug=debug):
        from napari_celle.analysis.constructs import drawn_nuclei, place_constructs, read_constructs, sides
        from napari_celle.analysis.nuclear.fractions import read_nuclei
        from napari_celle.cli.progress import progress_bar
        from napari_celle.files.images import read_image
        from napari_celle.metrics import HALF
        from napari_celle.predict import DEFAULT_MODEL, Predictor

        asked = read_constructs(table)
        given = (*(read_image(path) for path in nucleus or ()), *(read_nuclei(nuclei) if nuclei else ()))
        images = given or drawn_nuclei()
        with progress_bar(quiet=as_json) as on_step:
            predictor = Predictor.load(model or DEFAULT_MODEL, device=device, on_step=on_step)
            results = place_constructs(predictor, asked, images, seeds=range(seeds), on_step=on_step)
        own = predictor.info.nuclear_threshold
        thresholds = {"half": HALF, "model": HALF if own is None else own}
        counted = {name: {"threshold": value, **sides(results, threshold=value)} for name, value in thresholds.items()}
        if as_json:
            about = {"model": predictor.info.name, "weights_sha256": predictor.info.weights_sha256}
            images_used = [str(image.path) for image in images]
            rows = [_row(result) for result in results]
            typer.echo(json.dumps({**about, "images": images_used, "constructs": rows, "right_side": counted}))
        else:
            _print(results, counted)


def _row(result: "ConstructResult") -> dict[str, object]:
    return {
        "construct": result.construct.construct,
        "nuclear_fraction": result.nuclear_fraction,
        "nuclear_fraction_sd": result.nuclear_fraction_sd,
        "is_nuclear": result.construct.is_nuclear,
    }


def _print(results: "tuple[ConstructResult, ...]", counted: dict[str, dict[str, float]]) -> None:
    from rich.console import Console
    from rich.table import Table

    words = {None: "", True: "nuclear", False: "not nuclear"}
    shown = Table("construct", "nuclear fraction", "sd", "known to be")
    for each in results:
        known = words[each.construct.is_nuclear]
        shown.add_row(
            each.construct.construct, f"{each.nuclear_fraction:.3f}", f"{each.nuclear_fraction_sd:.3f}", known
        )
    Console(width=WIDE).print(shown)
    for side in counted.values():
        if side["nuclear"] + side["other"]:
            typer.echo(
                f"Above {side['threshold']:.3f}: {side['nuclear_right']} of {side['nuclear']} nuclear ones; below: "
                f"{side['other_right']} of {side['other']} others."
            )
