"""Days of a million events and more, for benchmarks: a shelf whose rows are made when they are read, and then dropped.

The rows are some invented events with id and timestamp put in anew, so a page costs as much to receive as a real one, while
the emulator's memory stays that of the page. How well they compress depends on how many different events there are.
"""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Iterator, Sequence
from datetime import date
from typing import overload

import msgspec

from insights_pipeline.emulator.store import Row
from insights_pipeline.emulator.tenant.catalogue import SERVICES
from insights_pipeline.emulator.tenant.company import Company
from insights_pipeline.emulator.tenant.dated import finish
from insights_pipeline.emulator.tenant.instants import NANOSECONDS, start_of, whole_seconds
from insights_pipeline.emulator.tenant.scene import JsonObject, Scene

_DAY_MILLISECONDS = 86_400_000

# Prime, so that neighbours differ and each of the templates has its turn, however many there are.
_STRIDE = 31


class BulkShelf(Sequence[Row]):
    """One service's events over some days, each with the same number of them, evenly spread over the day.

    The first event of a day is on its first millisecond, the last on its last. With `burst_share` that share of a
    day's events falls into the one second `burst_second` (counted from midnight), many on the same millisecond.
    `variety` is the number of events that differ in more than id and time.
    """

    def __init__(
        self,
        company: Company,
        service: str,
        first_day: date,
        *,
        days: int,
        events_per_day: int,
        burst_share: float = 0.0,
        burst_second: int = 43_200,
        variety: int = 64,
    ) -> None:
        if not 0 <= burst_second < _DAY_MILLISECONDS // 1_000 - 1:
            raise ValueError("the burst has to end before the day does")
        self._templates = _templates(company, service, first_day, variety)
        self._start = start_of(first_day) // 1_000_000
        self._length = days * events_per_day
        self._per_day = events_per_day
        self._burst = int(events_per_day * burst_share)
        self._burst_start = burst_second * 1_000
        self._steps = max(1, events_per_day - self._burst - 1)
        # The evenly spread events before the burst; rounded up, as the one on the burst's start comes after it.
        before = -(-self._burst_start * self._steps // (_DAY_MILLISECONDS - 1))
        self._before_burst = min(before, events_per_day - self._burst)
        digest = hashlib.blake2b(f"{company.organization}:{service}".encode(), digest_size=6).digest()
        self._salt = base64.urlsafe_b64encode(digest).decode("ascii")
        self._id_salt = digest[:2].hex()

    @property
    def variety(self) -> int:
        """After so many events in a row their contents begin again."""
        return len(self._templates)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return list(self._rows(range(*index.indices(self._length))))
        position = index + self._length if index < 0 else index
        if not 0 <= position < self._length:
            raise IndexError(index)
        return next(self._rows(range(position, position + 1)))

    def _rows(self, positions: range) -> Iterator[Row]:
        # One formatting a row, and the texts of a second once: 10,000 rows take some 15 ms.
        second, id_start, second_text = -1, b"", b""
        for position in positions:
            day, within = divmod(position, self._per_day)
            instant = self._start + day * _DAY_MILLISECONDS + self._within_day(within)
            if instant // 1_000 != second:
                second = instant // 1_000
                id_start = f"{second:08x}{self._id_salt}".encode("ascii")
                second_text = whole_seconds(second * NANOSECONDS)[:-1].encode("ascii")
            head, tail = self._templates[position * _STRIDE % len(self._templates)]
            body = b'%b"id":"%b%012x","timestamp":"%b.%03dZ"%b' % (
                head,
                id_start,
                position,
                second_text,
                instant % 1_000,
                tail,
            )
            yield Row(instant, f"{self._salt}{position:012x}", body)

    def _within_day(self, number: int) -> int:
        in_burst = number - self._before_burst
        if in_burst < 0:
            return number * (_DAY_MILLISECONDS - 1) // self._steps
        if in_burst < self._burst:
            return self._burst_start + in_burst * 1_000 // self._burst
        even = (number - self._burst) * (_DAY_MILLISECONDS - 1) // self._steps
        return max(even, self._burst_start + 1_000) if self._burst else even


def fields_of(shelf: BulkShelf) -> frozenset[str]:
    """The top-level names that occur in the shelf's events."""
    decode = msgspec.json.Decoder(dict[str, object]).decode
    return frozenset(name for row in shelf[: shelf.variety] for name in decode(row.body))


def _templates(company: Company, service: str, day: date, variety: int) -> list[tuple[bytes, bytes]]:
    """What stands before and after id and timestamp in some of the service's events."""
    rng = random.Random(f"bulk:{company.organization}:{service}")
    profile = SERVICES[service]
    kinds = rng.choices(profile.kinds, weights=[kind.weight for kind in profile.kinds], k=variety)
    templates = []
    for kind in kinds:
        scene = Scene(company, rng, start_of(day), rng.choice(company.people), kind.event_type)
        templates.append(_split(finish(service, profile, scene, kind.build(scene))))
    return templates


def _split(event: JsonObject) -> tuple[bytes, bytes]:
    body = msgspec.json.encode(event)
    place = msgspec.json.encode({"id": event["id"], "timestamp": event["timestamp"]})[1:-1]
    head, _, tail = body.partition(place)
    return head, tail
