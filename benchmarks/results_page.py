"""The answers of the commands in the tables of results_page.md, which becomes docs/results.md."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template
from typing import Any

from results_aims import aims
from results_figures import cycle, images
from results_format import Answers, block, mean, mean_interval, runs, seeded, spread, table, with_interval

from napari_celle.types import ModelInfo

TEMPLATE = Path(__file__).with_suffix(".md")


def write_page(path: Path, *, answers: Answers, commands: Mapping[str, str], model: ModelInfo, fold: int) -> None:
    """Write the page.

    Parameters
    ----------
    path : Path
        Markdown file.
    answers, commands : mapping
        By the name of the step.
    model : ModelInfo
        What was measured.
    fold : int
        Homology fold of the proteins.
    """
    filled = {
        "model": model.name,
        "sha256": model.weights_sha256,
        "fold": str(fold),
        "aims": table(["", "measured", "needed", "met", "hoped for", "met"], (aim.row() for aim in aims(answers))),
        **_commands(commands, fold),
        **_nuclear(answers),
        **_drawn(answers),
        "images": images(answers["images"]),
        **cycle(answers["cycle"]),
        **_gfp(answers),
        **_top1(answers),
        **_cost(answers["cost"]),
    }
    page = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(filled)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def _commands(commands: Mapping[str, str], fold: int) -> dict[str, str]:
    nuclear = [commands["table"], *seeded(commands, "nuclear")]
    on_fold_3 = [
        command.replace(f"--fold {fold} ", "--fold 3 ").replace(f"fold{fold}.csv", "fold3.csv")
        for command in nuclear[:2]
    ]
    shown = {
        "nuclear": nuclear,
        "threshold": on_fold_3,
        "drawn": seeded(commands, "simulated"),
        "images": [commands["images"]],
        "cycle": [commands["cycle"]],
        "cases": [commands["cases"]],
        "gfp": [commands[f"gfp_nls-{nuclei}"] for nuclei in ("real", "drawn")],
        "top1": [commands[f"top1_constructs-{nuclei}"] for nuclei in ("real", "drawn")],
        "cost": [commands["cost"]],
    }
    return {f"{name}_commands": block(lines) for name, lines in shown.items()}


def _nuclear(answers: Answers) -> dict[str, str]:
    found = runs(answers, "nuclear")
    threshold = f"{found[0]['threshold']:.3f}"
    groups = {"all": found, **{name: [run["groups"][name] for run in found] for name in found[0]["groups"]}}
    rows = (
        [
            name,
            f"{mean(run['n'] for run in same):,.0f}",
            f"{mean(run['nuclear'] / run['n'] for run in same):.1%}",
            *(with_interval(same, figure) for figure in ("auc", "accuracy", "accuracy_chosen_threshold")),
            spread(run["mcc_chosen_threshold"] for run in same),
        ]
        for name, same in groups.items()
    )
    rows = [*rows, *(_homologue([run["comparators"] for run in found]))]
    columns = ["proteins", "n a seed", "nuclear", "AUC", "accuracy above 0.5", f"above {threshold}", "MCC there"]
    return {
        "nuclear": table(columns, rows),
        "threshold": threshold,
        "fraction_nuclear": spread(run["mean_fraction_nuclear"] for run in found),
        "fraction_other": spread(run["mean_fraction_other"] for run in found),
        "nuclear_calibration": spread(run["expected_calibration_error"] for run in found),
    }


def _homologue(found: list[Any]) -> Iterable[list[str]]:
    """Return the row of the nearest homologue, where MMseqs2 was installed."""
    for name in found[0]:
        same = [run[name] for run in found]
        figures = (with_interval(same, figure) for figure in ("auc", "accuracy"))
        counts = [f"{mean(run['n'] for run in same):,.0f}", f"{mean(run['nuclear'] / run['n'] for run in same):.1%}"]
        yield [f"{name}, all", *counts, *figures, "", spread(run["mcc"] for run in same)]


def _drawn(answers: Answers) -> dict[str, str]:
    found = runs(answers, "simulated")
    n, baselines = found[0]["n"], list(found[0]["baselines"])
    rows = (
        [
            _words(name),
            spread(run["figures"][name]["mean"] for run in found),
            mean_interval([run["figures"][name] for run in found], n=n),
            *(f"{mean(run['baselines'][which][name]['mean'] for run in found):.3f}" for which in baselines),
        ]
        for name in found[0]["figures"]
    )
    return {
        "drawn": table(["", "the model", "95 % interval", *baselines], rows),
        "pictures": str(n),
        "drawn_calibration": spread(run["expected_calibration_error"] for run in found),
        "cases": str(answers["cases"]["pictures"]),
        "tokenizers": table(["tokenizer", "pixel accuracy", "codes"], _tokenizers(found)),
    }


def _tokenizers(found: list[Any]) -> Iterable[list[str]]:
    for key, name in (("reconstruction", "protein"), ("reconstruction_nucleus", "nucleus")):
        same = [run[key] for run in found if key in run]
        if same:
            codes = f"{mean(each['codes_used'] for each in same):.0f} of {same[0]['codes']}"
            yield [name, spread(each["pixel_accuracy"] for each in same), codes]


def _words(name: str) -> str:
    plain = name.removesuffix("_map").replace("_", " ").replace("ssim", "SSIM").replace("iou", "IoU")
    return f"{plain}, of the map" if name.endswith("_map") else plain


def _gfp(answers: Answers) -> dict[str, str]:
    groups = [grouped(answers[f"gfp_nls-{nuclei}"]["constructs"]) for nuclei in ("real", "drawn")]
    rows = ([name, len(groups[0][name]), *(spread(each[name]) for each in groups)] for name in groups[0])
    return {"gfp": table(["construct", "n", "real nuclei", "drawn nuclei"], rows)}


def grouped(constructs: Iterable[Mapping[str, Any]]) -> dict[str, list[float]]:
    """Return the nuclear fractions of constructs by name; "random 16-mer, seed 3" is one of "random 16-mer"."""
    groups: dict[str, list[float]] = {}
    for each in constructs:
        groups.setdefault(re.sub(r", seed \d+$", "", each["construct"]), []).append(each["nuclear_fraction"])
    return groups


def _top1(answers: Answers) -> dict[str, str]:
    both = [answers[f"top1_constructs-{nuclei}"] for nuclei in ("real", "drawn")]
    threshold = both[0]["right_side"]["model"]["threshold"]
    rows = (
        [same[0]["construct"], _place(same[0]), *(_side(each, threshold) for each in same)]
        for same in zip(*(each["constructs"] for each in both), strict=True)
    )
    sides = (
        [
            f"{nuclei} nuclei",
            f"{side['threshold']:.3f}",
            *(f"{side[f'{place}_right']} of {side[place]}" for place in ("nuclear", "other")),
        ]
        for nuclei, each in zip(("real", "drawn"), both, strict=True)
        for side in each["right_side"].values()
    )
    return {
        "top1": table(["construct", "published", "real nuclei", "drawn nuclei"], rows),
        "sides": table(["", "threshold", "nuclear constructs", "cytoplasmic ones"], sides),
        "real_images": str(len(both[0]["images"])),
        "drawn_images": str(len(both[1]["images"])),
    }


def _place(construct: Mapping[str, Any]) -> str:
    return "nuclear" if construct["is_nuclear"] else "cytoplasmic"


def _side(construct: Mapping[str, Any], threshold: float) -> str:
    fraction = construct["nuclear_fraction"]
    return f"{fraction:.3f}" if (fraction > threshold) == construct["is_nuclear"] else f"**{fraction:.3f}**"


def _cost(cost: Mapping[str, Any]) -> dict[str, str]:
    rows = (
        [f"{int(length):,}", f"{seconds['first_seconds']:.2f} s", f"{seconds['median_seconds']:.2f} s"]
        for length, seconds in cost["residues"].items()
    )
    return {
        "cost": table(["residues", "first prediction", "median of the next five"], rows),
        "threads": str(cost["threads"]),
        "steps": str(cost["steps"]),
        "import_seconds": f"{cost['import_seconds']:.2f}",
        "load_seconds": f"{cost['load_seconds']:.2f}",
        "peak": f"{cost['peak_bytes'] / 1e9:.2f}",
        "weights": f"{cost['weights_bytes'] / 1e6:.1f}",
        "largest": f"{cost['largest_file_bytes'] / 1e6:.1f}",
    }
