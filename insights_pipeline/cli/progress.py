"""Progress of a run on standard error: a bar on a terminal, now and then a plain line elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from insights_pipeline.collector import Outcome

# Often enough to see that it lives, seldom enough for a log file.
PLAIN_LINE_SECONDS = 10.0


@dataclass(slots=True)
class RunProgress:
    """Told of each day as it is collected."""

    console: Console
    bar: Progress
    total: int = 0
    done: int = 0
    events: int = 0
    _said_at: float = 0.0

    def started(self, days: int) -> None:
        """So many more days will be asked for."""
        self.total += days
        self._said_at = time.monotonic()
        if not self.bar.tasks:
            self.bar.add_task("Collecting", total=self.total, events=0)
        self.bar.update(self.bar.tasks[0].id, total=self.total)

    def collected(self, outcome: Outcome) -> None:
        """A day is done, well or not."""
        self.done += 1
        self.events += outcome.new_events
        if self.bar.tasks:
            self.bar.update(self.bar.tasks[0].id, advance=1, events=self.events)
        if not self.console.is_terminal and time.monotonic() - self._said_at > PLAIN_LINE_SECONDS:
            self._said_at = time.monotonic()
            self.say(f"Collecting: {self.done} of {self.total} days, {self.events:,} new events")

    def say(self, text: str) -> None:
        """A plain line."""
        self.console.print(text, markup=False, highlight=False)


@contextmanager
def run_progress() -> Iterator[RunProgress]:
    """A bar that is there while the block runs."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days, {task.fields[events]:,} new events"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        yield RunProgress(console, bar)
