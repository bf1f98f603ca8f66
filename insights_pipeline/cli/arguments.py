"""Arguments that several commands take, and what makes them valid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import typer

from insights_pipeline.cli.errors import UsageMistake
from insights_pipeline.cli.summary import some
from insights_pipeline.collector import days_between, default_days
from insights_pipeline.events import KNOWN_SERVICES
from insights_pipeline.lake import Lake
from insights_pipeline.settings import Settings


def known_services(incomplete: str) -> list[str]:
    """For the shell: the services that begin so."""
    return [service for service in KNOWN_SERVICES if service.startswith(incomplete)]


Services = Annotated[
    list[str] | None,
    typer.Option(
        "--service", help="Only this service; may be repeated.", show_default=False, autocompletion=known_services
    ),
]


def day(text: str) -> date:
    """A UTC day from YYYY-MM-DD; raises UsageMistake."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageMistake(f"{text!r} is not a day: write it as YYYY-MM-DD, in UTC.") from None


FirstDay = Annotated[
    date | None, typer.Option("--from", parser=day, metavar="DAY", help="First UTC day.", show_default=False)
]
LastDay = Annotated[
    date | None, typer.Option("--to", parser=day, metavar="DAY", help="Last UTC day, included.", show_default=False)
]


def days_of(first: date | None, last: date | None, settings: Settings, now: datetime) -> list[date]:
    """The days asked for, both ends included, or the default ones; raises UsageMistake where there are none."""
    if first is None and last is None:
        return default_days(settings, now)
    today = now.date()
    first, last = first or last or today, last or today
    if first > last:
        raise UsageMistake(f"--from {first} is after --to {last}: swap them.")
    if last > today:
        raise UsageMistake(f"--to {last} is in the future: today is {today} in UTC.")
    if last < settings.oldest_day(now):
        raise UsageMistake(
            f"--to {last} is past retention: JumpCloud holds {settings.retention_days} days, "
            f"ask for {settings.oldest_day(now)} or later."
        )
    return days_between(first, last)


def held_days(
    lake: Lake, orgs: Sequence[str], services: Sequence[str], first: date | None, last: date | None
) -> list[date]:
    """Days of the services that are held, from first to last, both included.

    Raises UsageMistake where there are none, or only of organizations that the settings don't name: what the settings name
    would be told as missing.
    """
    if first is not None and last is not None and first > last:
        raise UsageMistake(f"--from {first} is after --to {last}: swap them.")
    held = [
        key
        for key in lake.raw_days()
        if key.service in services and (first or date.min) <= key.day <= (last or date.max)
    ]
    if not held:
        raise UsageMistake("No day that was asked for is held: `insights coverage` tells which are.")
    if not any(key.org in orgs for key in held):
        others = some(sorted({key.org for key in held}))
        raise UsageMistake(f"The days that are held are of {others}: name their organizations in JUMPCLOUD_ORG_IDS.")
    return sorted({key.day for key in held})


def services_of(asked: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """The services asked for, or all; raises UsageMistake for one that isn't collected."""
    for service in asked:
        if service not in known:
            raise UsageMistake(
                f"There is no service {service!r} here: use one of {', '.join(known)}, or name it in INSIGHTS_SERVICES."
            )
    return tuple(dict.fromkeys(asked)) or tuple(known)
