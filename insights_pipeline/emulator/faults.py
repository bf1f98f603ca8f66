"""Decides when a fault strikes: counters and a seed, no clock of the machine and no chance."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Iterable

from insights_pipeline.emulator.behaviour import Behaviour, Call, Fault


class FaultPlan:
    """Counts the requests that each fault looks at. Two runs with the same requests see the same faults."""

    def __init__(self) -> None:
        self._seen: Counter[Fault] = Counter()

    def strike(
        self, behaviour: Behaviour, call: Call, services: Iterable[str], organizations: Iterable[str]
    ) -> list[Fault]:
        """The faults that strike this request, in the order in which they are set."""
        services, organizations = set(services), set(organizations)
        struck = []
        for fault in behaviour.faults:
            if fault.calls and call not in fault.calls:
                continue
            if fault.services and not fault.services & services:
                continue
            if fault.organization is not None and fault.organization not in organizations:
                continue
            self._seen[fault] += 1
            if strikes(fault, self._seen[fault], behaviour.seed):
                struck.append(fault)
        return struck


def strikes(fault: Fault, number: int, seed: int) -> bool:
    """Whether a fault strikes the `number`-th request that it looks at (from 1 on)."""
    if number <= fault.spare or number % fault.every:
        return False
    if fault.first is not None and number > fault.first:
        return False
    return fault.share >= 1 or random.Random(f"{seed}:{fault.kind}:{fault.status}:{number}").random() < fault.share


class RateLimit:
    """A hard limit over a rolling second; refused requests count too, as a client that hammers on finds out."""

    def __init__(self) -> None:
        self._arrivals: deque[float] = deque()

    def admits(self, now: float, requests_per_second: int | None) -> bool:
        """Whether a request at `now` (seconds of a steady clock) is within the limit."""
        if requests_per_second is None:
            return True
        while self._arrivals and self._arrivals[0] <= now - 1:
            self._arrivals.popleft()
        self._arrivals.append(now)
        return len(self._arrivals) <= requests_per_second
