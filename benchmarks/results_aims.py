"""What the embedded model has to reach, and what it reached."""

from collections.abc import Iterable
from dataclasses import dataclass

from results_format import Answers, mean, runs


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure with its bounds, None where there is none."""

    what: str
    measured: float
    needed: float | None = None
    hoped: float | None = None
    form: str = "{:.3f}"
    smaller: bool = False

    def met(self, bound: float) -> bool:
        """Tell whether the figure is on the right side."""
        return self.measured <= bound if self.smaller else self.measured >= bound

    def row(self) -> list[str]:
        """Return the cells: what, measured, needed, met, hoped for, met."""
        cells = [self.what, self.form.format(self.measured)]
        for bound in (self.needed, self.hoped):
            words = f"{'at most' if self.smaller else 'at least'} {self.form}"
            cells += ["", ""] if bound is None else [words.format(bound), "yes" if self.met(bound) else "**no**"]
        return cells


def aims(answers: Answers) -> list[Aim]:
    """Return all aims; figures of several seeds are means."""
    return [*_nuclear(answers), *_drawn(answers), *_top1(answers), *_cost(answers)]


def _nuclear(answers: Answers) -> Iterable[Aim]:
    found = runs(answers, "nuclear")
    accuracy, area = (mean(run[name] for run in found) for name in ("accuracy_chosen_threshold", "auc"))
    yield Aim("nuclear or not, real nuclei: accuracy above the model's threshold", accuracy, 0.78, 0.82)
    yield Aim("the same: area under the curve", area, 0.85, 0.88)


def _drawn(answers: Answers) -> Iterable[Aim]:
    found = runs(answers, "simulated")
    for name, words, needed in (
        ("nucleus_proportion_accuracy", "nucleus proportion accuracy", 0.85),
        ("threshold_pixel_accuracy", "threshold pixel accuracy", 0.80),
        ("ssim", "SSIM of the threshold image", 0.35),
    ):
        yield Aim(f"drawn cells: {words}", mean(run["figures"][name]["mean"] for run in found), needed)
    right, used = (mean(run["reconstruction"][name] for run in found) for name in ("pixel_accuracy", "codebook_usage"))
    yield Aim("protein tokenizer: right pixels", right, 0.93)
    yield Aim("protein tokenizer: codes in use", used, 0.6, form="{:.1%}")


def _top1(answers: Answers) -> Iterable[Aim]:
    for nuclei in ("real", "drawn"):
        sides = answers[f"top1_constructs-{nuclei}"]["right_side"]["model"]
        for side, words, hoped in (("nuclear", "nuclear", 11), ("other", "cytoplasmic", 4)):
            what = f"TOP1 constructs, {nuclei} nuclei: {words} ones on the right side, of {sides[side]}"
            yield Aim(what, sides[f"{side}_right"], hoped=hoped, form="{:.0f}")


def _cost(answers: Answers) -> Iterable[Aim]:
    cost = answers["cost"]
    for what, measured, needed in (
        ("one prediction after load, 250 residues, s", cost["residues"]["250"]["median_seconds"], 0.6),
        ("peak memory, GB", cost["peak_bytes"] / 1e9, 1.5),
        ("load, s", cost["load_seconds"], 2),
        ("weights, MB", cost["weights_bytes"] / 1e6, 24),
        ("largest file of weights, MB", cost["largest_file_bytes"] / 1e6, 16),
    ):
        yield Aim(what, measured, needed, form="{:.2f}", smaller=True)
