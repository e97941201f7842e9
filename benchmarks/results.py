"""Measure a model with the public commands and write docs/results.md: ``make results``.

Each answer is kept in out/results, so what was stopped goes on with the next call; other weights or other options are
measured anew, and everything when that folder is gone. The proteins and the real nuclei are no part of the repository:
NAPARI_CELLE_SHARED names the folder that has them in ``data`` (default: ``shared`` beside the repository).
"""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from results_page import write_page
from results_pictures import draw_calibration

from napari_celle.models.registry import DEFAULT_MODEL, model_info

ROOT = Path(__file__).parents[1]
DATA, OUT = "$NAPARI_CELLE_SHARED/data", "out/results"
PROTEINS, REAL = f"{DATA}/deeploc2_swissprot.csv.gz", f"--nuclei {DATA}/real_nuclei"
CONSTRUCTS = ("gfp_nls", "top1_constructs")
HELD_OUT = (*CONSTRUCTS, "nls_table_s10")

Runner = Callable[[Sequence[str], int], str]
"""From a command, its paths filled in, and a number of threads to what it prints; raises CalledProcessError."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command whose answer is kept under ``name``; ``shown`` is how a person types it."""

    name: str
    shown: str

    def words(self, data: Path, out: Path) -> list[str]:
        """Return the command with its folders filled in."""
        return [word.replace(DATA, str(data)).replace(OUT, str(out)) for word in shlex.split(self.shown)]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured: fold, proteins and pictures a seed, seeds, pictures for the worst and best, and cycles."""

    model: str
    fold: int
    limit: int
    pictures: int
    seeds: int
    cases: int
    cycles: int


def table_step(sizes: Sizes) -> Step:
    """Return the command that writes the proteins of the fold."""
    held_out = " ".join(f"--held-out {DATA}/{name}.csv" for name in HELD_OUT)
    fold = f"--fold {sizes.fold} {held_out} --out {OUT}/fold{sizes.fold}.csv"
    return Step("table", f"napari-celle evaluate table --proteins {PROTEINS} {fold}")


def steps_of(sizes: Sizes) -> list[Step]:
    """Return the commands whose answers make the page, those that take longest first."""
    proteins = f"--table {OUT}/fold{sizes.fold}.csv {REAL}"
    homologues = f" --homologues {PROTEINS}" if shutil.which("mmseqs") else ""
    nuclear = f"napari-celle evaluate nuclear {proteins} --by is_human --by one_location{homologues}"
    drawn = f"napari-celle evaluate simulated --table {PROTEINS} --fold {sizes.fold}"
    cases = f"python benchmarks/results_pictures.py --table {PROTEINS} --out {OUT}/cases.png"
    seeds = range(sizes.seeds)
    shown = {
        **{f"nuclear-{seed}": f"{nuclear} --limit {sizes.limit} --seed {seed}" for seed in seeds},
        **{f"simulated-{seed}": f"{drawn} --limit {sizes.pictures} --seed {seed}" for seed in seeds},
        **{f"{name}-real": f"napari-celle constructs --table {DATA}/{name}.csv {REAL}" for name in CONSTRUCTS},
        **{f"{name}-drawn": f"napari-celle constructs --table {DATA}/{name}.csv" for name in CONSTRUCTS},
        "images": f"napari-celle evaluate images --simulated {PROTEINS} --fold {sizes.fold} --limit {sizes.pictures} "
        f"--published {DATA}/paper_tables.json",
        "cycle": f"napari-celle evaluate cycle {proteins} --limit {sizes.cycles}",
        "cases": f"{cases} --fold 3 --pictures {sizes.cases}",
    }
    return [Step(name, f"{command} --model {sizes.model} --json") for name, command in shown.items()]


def cost_step(sizes: Sizes) -> Step:
    """Return the command that needs the machine for itself."""
    return Step("cost", f"python benchmarks/prediction.py --model {sizes.model} --json")


def run(words: Sequence[str], threads: int) -> str:
    """Run a command from the root of the repository; its progress and errors are shown, its answer is returned."""
    programs = {"napari-celle": [sys.executable, "-m", "napari_celle"], "python": [sys.executable]}
    done = subprocess.run(
        [*programs[words[0]], *words[1:]],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": str(threads)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def answer(
    step: Step, *, data: Path, out: Path, about: Mapping[str, object], runner: Runner, threads: int
) -> dict[str, Any]:
    """Return the answer of a step: the kept one if it is of this command and model, else the command's."""
    kept = out / f"{step.name}.json"
    asked = json.loads(json.dumps({"command": step.shown, "model": about}))
    if kept.is_file():
        found = json.loads(kept.read_text(encoding="utf-8"))
        if found["asked"] == asked:
            return found["answer"]
    start = time.perf_counter()
    answered = json.loads(runner(step.words(data, out), threads))
    unfinished = kept.with_suffix(".part")
    unfinished.write_text(json.dumps({"asked": asked, "answer": answered}), encoding="utf-8")
    unfinished.replace(kept)
    print(f"{step.name}: {time.perf_counter() - start:.0f} s", flush=True)
    return answered


def measure(sizes: Sizes, *, data: Path, out: Path, jobs: int, runner: Runner = run) -> dict[str, Any]:
    """Return the answers of all steps by name; ``jobs`` of them run at a time and share the cores."""
    out.mkdir(parents=True, exist_ok=True)
    about, cores = asdict(model_info(sizes.model)), os.cpu_count() or 1
    common: dict[str, Any] = {"data": data, "out": out, "about": about, "runner": runner}
    answers = {"cost": answer(cost_step(sizes), threads=cores, **common)}
    print(runner(table_step(sizes).words(data, out), 1).strip(), flush=True)
    threads = max(1, cores // jobs)
    with ThreadPoolExecutor(jobs) as pool:
        pending = {step.name: pool.submit(answer, step, threads=threads, **common) for step in steps_of(sizes)}
        try:
            answers.update({name: future.result() for name, future in pending.items()})
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return answers


def write_results(page: Path, sizes: Sizes, *, answers: Mapping[str, Any], out: Path) -> None:
    """Write the page and, in the folder ``images`` beside it, its pictures."""
    shown = {step.name: step.shown for step in (table_step(sizes), *steps_of(sizes), cost_step(sizes))}
    images = page.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    shutil.copy(out / "cases.png", images / "results-cases.png")
    draw_calibration(answers, images / "results-calibration.png")
    write_page(page, answers=answers, commands=shown, model=model_info(sizes.model), fold=sizes.fold)


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--fold", type=int, default=4, help="4 is for reports; try things on 3")
    parser.add_argument("--limit", type=int, default=1000, help="proteins on real nuclei for each seed")
    parser.add_argument("--pictures", type=int, default=200, help="drawn pictures for each seed")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cases", type=int, default=60, help="drawn pictures to show the best and the worst of")
    parser.add_argument("--cycles", type=int, default=100, help="proteins that are found back from their pictures")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="commands at a time")
    parser.add_argument("--page", type=Path, default=ROOT / "docs/results.md")
    given = vars(parser.parse_args())
    page, jobs = given.pop("page"), given.pop("jobs")
    sizes, out = Sizes(**given), ROOT / OUT
    data = Path(os.environ.get("NAPARI_CELLE_SHARED") or ROOT.parent / "shared") / "data"
    try:
        answers = measure(sizes, data=data, out=out, jobs=jobs)
    except subprocess.CalledProcessError as error:
        sys.exit(f"This failed, see above: {shlex.join(error.cmd)}")
    write_results(page, sizes, answers=answers, out=out)
    print(page)


if __name__ == "__main__":
    main()
