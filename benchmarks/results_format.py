"""Figures of several seeds as Markdown."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

Answers = Mapping[str, Any]
"""Name of a step, for example "nuclear-0", to what its command answered."""

WIDE = 110


def runs(answers: Answers, kind: str) -> list[Any]:
    """Return the answers to a kind of step, seed after seed."""
    seeds = sorted(int(name.removeprefix(f"{kind}-")) for name in answers if re.fullmatch(rf"{kind}-\d+", name))
    return [answers[f"{kind}-{seed}"] for seed in seeds]


def mean(values: Iterable[float | None]) -> float:
    """Return the mean; NaN if a value is missing."""
    return float(np.mean(_numbers(values)))


def spread(values: Iterable[float | None]) -> str:
    """Return the mean, and the standard deviation if there are several."""
    numbers = _numbers(values)
    return f"{numbers.mean():.3f}" + (f" ± {numbers.std(ddof=1):.3f}" if len(numbers) > 1 else "")


def with_interval(same: Sequence[Mapping[str, Any]], figure: str) -> str:
    """Return a figure over the seeds with the bootstrap interval of the first."""
    low, high = _numbers(same[0]["intervals"][figure])
    return f"{spread(run[figure] for run in same)} ({low:.3f}-{high:.3f})"


def mean_interval(figures: Sequence[Mapping[str, float]], *, n: int) -> str:
    """Return the 95 % interval of the mean over the ``n`` pictures of every seed."""
    middle, variance = mean(each["mean"] for each in figures), mean(each["sd"] ** 2 for each in figures)
    half = 1.96 * math.sqrt(variance / (n * len(figures)))
    return f"{middle - half:.3f}-{middle + half:.3f}"


def table(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def block(commands: Iterable[str]) -> str:
    """Return commands as they are typed; long ones an option a line."""
    shown = (command.replace(" --", " \\\n    --") if len(command) > WIDE else command for command in commands)
    return "\n".join(["```bash", *shown, "```"])


def seeded(commands: Mapping[str, str], kind: str) -> list[str]:
    """Return the command of the first seed, and in words which others there are."""
    same = [command for name, command in commands.items() if re.fullmatch(rf"{kind}-\d+", name)]
    others = ", ".join(map(str, range(1, len(same))))
    return [same[0], f"# the same with --seed {others}"] if others else same


def _numbers(values: Iterable[float | None]) -> np.ndarray:
    return np.array([math.nan if value is None else value for value in values], float)
