"""Progress and seconds of the stages of a piece of work."""

import time

from napari_celle.types import OnStep


class Stages:
    """Tells of progress and measures the seconds of each stage.

    Parameters
    ----------
    on_step : callable or None
        ``on_step(stage, done, total)``; may raise to stop.
    """

    def __init__(self, on_step: OnStep | None) -> None:
        self._on_step = on_step
        self._stage, self._since = "", time.perf_counter()
        self.seconds: dict[str, float] = {}

    def enter(self, stage: str, total: int = 1) -> None:
        """End the stage before and begin this one."""
        self.leave()
        self._stage = stage
        self.tell(0, total)

    def tell(self, done: int, total: int) -> None:
        """Report within a stage; the listener may raise to stop."""
        if self._on_step is not None:
            self._on_step(self._stage, done, total)

    def leave(self) -> None:
        """End the stage that runs."""
        now = time.perf_counter()
        if self._stage:
            self.seconds[self._stage] = now - self._since
        self._stage, self._since = "", now
