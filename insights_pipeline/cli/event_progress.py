"""Progress of reading events, on standard error; what is read goes to standard output and isn't known here."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status

from insights_pipeline.cli.progress import PLAIN_LINE_SECONDS, events_line


class EventProgress:
    """Told now and then how many events there are so far; says so in place on a terminal, seldom elsewhere."""

    def __init__(self, console: Console, status: Status | None) -> None:
        self.console = console
        self._status = status
        self._started_at = self._said_at = time.monotonic()

    def read(self, events: int) -> None:
        """So many events so far."""
        text = events_line(events, time.monotonic() - self._started_at, "events")
        if self._status is not None:
            self._status.update(text)
        elif not self.console.is_terminal and time.monotonic() - self._said_at > PLAIN_LINE_SECONDS:
            self._said_at = time.monotonic()
            self.say(text)

    def say(self, text: str) -> None:
        """A plain line."""
        self.console.print(text, markup=False)


@contextmanager
def event_progress() -> Iterator[EventProgress]:
    """A line that changes in place while the block runs; none where the events themselves run over the same terminal."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    if not console.is_terminal or sys.stdout.isatty():
        yield EventProgress(console, None)
        return
    with console.status("Asking JumpCloud") as status:
        yield EventProgress(console, status)
