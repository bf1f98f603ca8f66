"""`insights events`: asks the API directly, and prints events, their number, or a field's values."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
import typer

from insights_pipeline.cli.arguments import known_services
from insights_pipeline.cli.errors import UsageMistake, in_one_sentence
from insights_pipeline.cli.event_lines import EventLines
from insights_pipeline.cli.event_progress import EventProgress, event_progress
from insights_pipeline.cli.event_query import end_instant, first_instant, query_of, window_of
from insights_pipeline.cli.verbosity import Verbose
from insights_pipeline.collector import client_for, connect
from insights_pipeline.jumpcloud import DirectoryInsights, EventQuery, JumpCloudError, RequestRefused
from insights_pipeline.settings import SELF, Settings

# Often enough for a line that changes in place, seldom enough to cost nothing.
_EVENTS_BETWEEN_PROGRESS = 1_000


def events(
    service: Annotated[
        list[str],
        typer.Option(
            "--service",
            metavar="SERVICE[,SERVICE]",
            help="Whose events, or all; may be repeated.",
            autocompletion=known_services,
        ),
    ],
    start: Annotated[
        datetime,
        typer.Option(
            "--from", parser=first_instant, metavar="TIME", help="First instant: 2026-11-01 or 2026-11-01T10:00."
        ),
    ],
    end: Annotated[
        datetime | None,
        typer.Option(
            "--to",
            parser=end_instant,
            metavar="TIME",
            help="Where to stop, by default now: a day is included as a whole, an instant is not.",
            show_default=False,
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="FIELD=VALUE",
            help="Only events with this value; repeated for another field it narrows, for the same field it widens. "
            "Fields may be dotted. true, false and numbers are taken as such unless they are quoted.",
            show_default=False,
        ),
    ] = None,
    count: Annotated[bool, typer.Option("--count", help="Print only how many there are, as JumpCloud counts.")] = False,
    distinct: Annotated[
        str | None,
        typer.Option("--distinct", metavar="FIELD", help="Print which values the field has, and how often."),
    ] = None,
    org: Annotated[
        str | None,
        typer.Option("--org", help="Only this one of several configured organizations, or provider-ID."),
    ] = None,
    verbose: Verbose = False,
) -> None:
    """Ask JumpCloud directly for events, one JSON object a line.

    Times are in UTC unless they carry an offset. Every page is read, and each event printed as JumpCloud wrote it; what
    lies outside the time asked for, or came twice with the same id and text, is left out. --count and --distinct print
    JumpCloud's own figures, in which an event on the very instant of --to may be counted. Several organizations are
    asked one after the other, and their figures added up.
    """
    settings = Settings.load()
    if count and distinct is not None:
        raise UsageMistake("--count and --distinct answer different questions: give one of them.")
    now = datetime.now(UTC)
    window = window_of(start, end, settings, now)
    query = query_of(service, window, where or ())
    orgs = _orgs(org, settings)
    settings.require_credentials()
    with event_progress() as progress, _ending_with_the_reader():
        if window.start < now - timedelta(days=settings.retention_days):
            progress.say(f"JumpCloud holds {settings.retention_days} days: there may have been earlier events.")
        if count:
            complete = _print_count(settings, orgs, query, progress)
        elif distinct is not None:
            complete = _print_distinct(settings, orgs, query, distinct, progress)
        else:
            complete = _print_events(settings, orgs, query, EventLines(window), progress)
        sys.stdout.flush()
    raise typer.Exit(0 if complete else 1)


def _orgs(asked: str | None, settings: Settings) -> tuple[str, ...]:
    if asked is None:
        return settings.orgs
    if asked not in settings.orgs:
        known = "none is" if settings.orgs == (SELF,) else f"{', '.join(settings.orgs)} are"
        raise UsageMistake(f"The organization {asked!r} isn't configured, {known}: name it in JUMPCLOUD_ORG_IDS.")
    return (asked,)


def _print_events(
    settings: Settings, orgs: Sequence[str], query: EventQuery, lines: EventLines, progress: EventProgress
) -> bool:
    async def ask(client: DirectoryInsights) -> None:
        async with aclosing(client.pages(query)) as pages:
            async for page in pages:
                for line in lines.of(page):
                    sys.stdout.buffer.write(line + b"\n")
                    if lines.printed % _EVENTS_BETWEEN_PROGRESS == 0:
                        progress.read(lines.printed)
                del page  # 10 MB, not kept while the next is fetched

    complete = _ask_each(settings, orgs, ask, progress)
    left_out = [
        f"{number:,} {why} left out"
        for number, why in ((lines.outside, "outside the time asked for"), (lines.repeated, "repeated"))
        if number
    ]
    progress.say(", ".join([f"{lines.printed:,} events", *left_out]))
    return complete


def _print_count(settings: Settings, orgs: Sequence[str], query: EventQuery, progress: EventProgress) -> bool:
    counts: list[int] = []

    async def ask(client: DirectoryInsights) -> None:
        counts.append(await client.count(query))

    complete = _ask_each(settings, orgs, ask, progress)
    print(sum(counts))
    return complete


def _print_distinct(
    settings: Settings, orgs: Sequence[str], query: EventQuery, field: str, progress: EventProgress
) -> bool:
    counts: Counter[str] = Counter()
    unlisted = 0

    async def ask(client: DirectoryInsights) -> None:
        nonlocal unlisted
        answer = await client.distinct(query, field)
        for value, number in answer.values:
            counts[value] += number
        unlisted += answer.other_count

    complete = _ask_each(settings, orgs, ask, progress)
    for value, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        sys.stdout.buffer.write(msgspec.json.encode({"value": value, "count": number}) + b"\n")
    if unlisted:
        progress.say(
            f"{unlisted:,} events have other values that JumpCloud doesn't list: ask for less time to see them."
        )
    return complete


def _ask_each(
    settings: Settings,
    orgs: Sequence[str],
    ask: Callable[[DirectoryInsights], Awaitable[None]],
    progress: EventProgress,
) -> bool:
    """Asks one organization after the other, and names those that gave no whole answer; gives whether all did.

    Raises RequestRefused where every one refuses: then it was asked wrongly.
    """
    failures: dict[str, JumpCloudError] = {}

    async def ask_all() -> None:
        async with connect(settings) as client:
            for org in orgs:
                try:
                    await ask(client_for(client, org))
                except JumpCloudError as error:
                    failures[org] = error

    asyncio.run(ask_all())
    if len(failures) == len(orgs) and all(isinstance(error, RequestRefused) for error in failures.values()):
        raise next(iter(failures.values()))
    for org, error in failures.items():
        progress.say(f"Short: organization {org}: {in_one_sentence(str(error))}")
    return not failures


@contextmanager
def _ending_with_the_reader() -> Iterator[None]:
    """Ends well when whoever reads the output has seen enough, as `| head` does."""
    try:
        yield
    except BrokenPipeError:
        # The interpreter flushes once more when it ends, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
