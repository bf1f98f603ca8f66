"""Days of wild events, read in wild ways while more arrive: whenever a day is called complete, nothing lacks."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from insights_pipeline.collector.window import SECOND
from insights_pipeline.emulator import Behaviour, Fault, Tenant
from insights_pipeline.jumpcloud import RetryPolicy
from insights_pipeline_tests.collector.conftest import Serve
from insights_pipeline_tests.collector.harness import DAY, Site, day_key, event

DAYS = [DAY - timedelta(days=1), DAY]
KEYS = [day_key("sso", day=day) for day in DAYS]

# Where readings of a window's borders differ, and where slices of a small day have theirs.
BORDERS = [0, 1, 500, 999, 1_000, 43_199_500, 43_200_000, 86_399_999]


def wild_event(rng: random.Random, number: int) -> dict[str, Any]:
    milliseconds = rng.choice([*BORDERS, *(rng.randrange(86_400_000) for _ in BORDERS)])
    moment = KEYS[rng.randrange(2)].start + timedelta(milliseconds=milliseconds, microseconds=rng.choice([0, 0, 999]))
    wild = event(rng.choice([number, number, rng.randrange(16)]), moment)
    if rng.random() < 0.1:
        del wild["id"]
    if rng.random() < 0.05:
        wild["timestamp"] = wild["timestamp"].replace("Z", "+00:00")
    return wild


def wild_events(rng: random.Random, count: int) -> list[dict[str, Any]]:
    events = [wild_event(rng, number) for number in range(count)]
    return events + rng.sample(events, count // 8)  # alike to the last byte


def tells_the_truth(site: Site) -> bool:
    """Whether what is called complete is, as of what the service has now."""
    return all(site.manifest(key).state != "complete" or site.is_proven(key) for key in KEYS)


@pytest.mark.parametrize("seed", range(16))
def test_what_is_called_complete_is_complete(served: Serve, seed: int) -> None:
    rng = random.Random(seed)
    site = served(
        Tenant.empty().with_events("sso", wild_events(rng, rng.randint(1, 120))),
        Behaviour(
            end_inclusive=rng.random() < 0.5,
            maximum_limit=rng.choice([20, 50, 10_000]),
            gzip=rng.random() < 0.3,
            seed=seed,
            faults=(
                Fault("repeated_rows", amount=rng.randint(1, 2), share=rng.choice([0, 0.3, 1])),
                Fault(rng.choice(["dropped", "cut", "not_json"]), share=0.1),
                Fault("status", status=rng.choice([429, 500, 503]), share=0.1),
            ),
        ),
    )
    site.retries = RetryPolicy(max_attempts=12, first_pause=0.001, longest_pause=0.01)
    site.settle = timedelta(minutes=rng.choice([0, 20]))
    site.now = KEYS[1].start + timedelta(hours=rng.randint(1, 12), milliseconds=rng.randrange(1_000))
    for number in range(4):
        site.collect(*KEYS)
        assert tells_the_truth(site)
        site.emulator.arrive("sso", wild_events(rng, rng.randint(0, 9)))
        site.now += timedelta(minutes=rng.choice([3, 30, 400]), milliseconds=number)
    site.now = KEYS[1].end + site.settle + SECOND
    outcomes = site.collect(*KEYS)
    assert all(outcome.failure is None and site.is_proven(outcome.key) for outcome in outcomes)
