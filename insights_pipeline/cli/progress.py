"""Progress of a run on standard error: a bar on a terminal, now and then a plain line elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from insights_pipeline.cli.verbosity import is_verbose
from insights_pipeline.collector import Outcome

# Often enough to see that it lives, seldom enough for a log file.
PLAIN_LINE_SECONDS = 10.0


_COLLECTING = "Collecting"
_BUILDING = "Modelling and publishing"


@dataclass(slots=True)
class RunProgress:
    """Told of each day as it is collected."""

    console: Console
    bar: Progress
    verbose: bool = False
    total: int = 0
    done: int = 0
    events: int = 0
    _started_at: float = 0.0
    _said_at: float = 0.0

    def started(self, days: int) -> None:
        """So many more days will be asked for."""
        self.total += days
        if not self.bar.tasks:
            self._started_at = self._said_at = time.monotonic()
            self.bar.add_task(_COLLECTING, total=self.total, events="")
        self._show()

    def collected(self, outcome: Outcome) -> None:
        """A day is done, well or not."""
        self.done += 1
        self.events += outcome.new_events
        self._show()
        now = time.monotonic()
        if self.verbose:
            self.say(day_line(outcome))
        elif not self.console.is_terminal and (now - self._said_at > PLAIN_LINE_SECONDS or self.done == self.total):
            self._said_at = now
            self.say(progress_line(self.done, self.total, self.events, now - self._started_at))

    def say(self, text: str) -> None:
        """A plain line."""
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _show(self) -> None:
        if self.bar.tasks:
            self.bar.update(
                self.bar.tasks[0].id,
                # What follows the days tells nothing until it has ended.
                description=_COLLECTING if self.done < self.total else _BUILDING,
                total=self.total,
                completed=self.done,
                events=events_line(self.events, time.monotonic() - self._started_at),
            )


def progress_line(done: int, total: int, events: int, seconds: float) -> str:
    """How far it is, how fast, and how long the rest would take at the pace so far."""
    line = f"Collecting: {done:,} of {total:,} days, {events_line(events, seconds)}"
    if done in (0, total):
        return line
    return f"{line}, about {timedelta(seconds=round(seconds / done * (total - done)))} left"


def day_line(outcome: Outcome) -> str:
    """What came of a day."""
    key = outcome.key
    state = outcome.manifest.state if outcome.manifest is not None else "missing"
    return f"{key.org} {key.service} {key.day}: {state}, {outcome.new_events:,} new events"


def events_line(events: int, seconds: float, what: str = "new events") -> str:
    """How many, and how fast; not the rate of the first moments, which is that of nothing."""
    rate = f", {events / seconds:,.0f}/s" if seconds >= 1 else ""
    return f"{events:,} {what}{rate}"


@contextmanager
def run_progress() -> Iterator[RunProgress]:
    """A bar that is there while the block runs; lines where nobody looks, or where `-v` asks for them."""
    console = Console(stderr=True)
    verbose = is_verbose()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days, {task.fields[events]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=console,
        transient=True,
        disable=verbose or not console.is_terminal,
    )
    with bar:
        yield RunProgress(console, bar, verbose)
