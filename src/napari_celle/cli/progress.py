"""A progress bar on standard error, where there is a person to see it."""

from collections.abc import Iterator
from contextlib import contextmanager

from napari_celle.types import OnStep


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[OnStep]:
    """Give an ``on_step`` that moves a bar; there is none when ``quiet``, or when standard error is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("Starting", total=None)

        def on_step(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total if total > 1 else None)

        yield on_step


def titled(on_step: OnStep, title: str) -> OnStep:
    """Put a title before the names of the stages, for one prediction of many."""
    return lambda stage, done, total: on_step(f"{title}: {stage}", done, total)
