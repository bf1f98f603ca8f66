"""Tells what answers to one window hold, and whether a count is accounted for; pure, nothing is asked or fetched here.

JumpCloud counts documents. Two of them may share an `id`, some have none, and a page may repeat rows of the one before;
so documents are told apart by their whole text, and text that occurs twice needs a second reading to be believed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum

from insights_pipeline.collector.window import Window


def moment_of(timestamp: object) -> datetime | None:
    """The instant that an event's `timestamp` names, cut to microseconds; None where it names none.

    A text without a zone is taken as UTC: the API writes `Z`, other offsets are read as what they say.
    """
    if not isinstance(timestamp, str):
        return None
    try:
        moment = datetime.fromisoformat(timestamp)
        if moment.tzinfo is UTC:
            return moment
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # an offset can lead out of the years that there are
        return None


class Reading:
    """The rows of all pages of one walk through a window, or of several walks put together.

    Rows are kept as 64-bit fingerprints: under 100 bytes a row, and in a slice of 30,000 the chance that two different
    rows share one is below 1 in 10 billion.
    """

    def __init__(self, window: Window) -> None:
        self.window = window
        self.fingerprints: set[int] = set()
        self.beyond: set[int] = set()
        """Rows of another window: those that bear its end, where the API includes it."""
        self.repeats: Counter[int] = Counter()
        """Rows that came again, whether the paging repeated them or documents are alike, and how often."""
        self.twins: Counter[int] = Counter()
        """How many more documents there are of the same text; only of repeats that were confirmed."""

    def add(self, rows: Iterable[tuple[bytes, object]]) -> dict[int, datetime | None]:
        """Takes a page's rows, each its text and its timestamp; gives the new ones' fingerprints and instants."""
        fresh: dict[int, datetime | None] = {}
        seen, start, end = self.fingerprints, self.window.start, self.window.end
        for text, timestamp in rows:
            fingerprint = hash(text)
            if fingerprint in seen:
                self.repeats[fingerprint] += 1
                continue
            seen.add(fingerprint)
            fresh[fingerprint] = moment = moment_of(timestamp)
            # What bears no time can't be placed elsewhere: it belongs to the window that it was found in.
            if moment is not None and not start <= moment < end:
                self.beyond.add(fingerprint)
        return fresh

    @property
    def distinct(self) -> int:
        """How many different rows there are."""
        return len(self.fingerprints)

    @property
    def received(self) -> int:
        """How many documents the rows account for."""
        return self.distinct + self.twins.total()

    @property
    def received_beyond(self) -> int:
        """How many of them are another window's."""
        return sum(1 + self.twins[fingerprint] for fingerprint in self.beyond)

    def include(self, walk: Reading) -> None:
        """Takes over what a walk found, its repeats in place of those of the walk before."""
        self.fingerprints |= walk.fingerprints
        self.beyond |= walk.beyond
        self.repeats = walk.repeats
        self.twins = Counter()

    def confirm(self, further: Iterable[Reading]) -> None:
        """Believes the repeats that every further walk, each in pages of another size, met as well.

        A row that the paging repeated lies at a page's border, and the borders of the other walks are elsewhere.
        """
        self.twins = self.repeats
        for reading in further:
            self.twins = self.twins & reading.repeats


class Verdict(Enum):
    """How a reading compares with a count of the same window."""

    PROVEN = "proven"
    REPEATED = "repeated"
    """Equal only if rows of the same text are documents of their own."""
    FEWER = "fewer"
    MORE = "more"


def judge(expected: int, reading: Reading) -> Verdict:
    """Compares a count with what the walk through the same window brought, no repeat being believed yet."""
    if reading.distinct == expected:
        return Verdict.PROVEN
    if reading.distinct > expected:
        return Verdict.MORE
    return Verdict.REPEATED if reading.distinct + reading.repeats.total() >= expected else Verdict.FEWER
