"""The page of the coverage: what is held, how it compares with JumpCloud's counts, and what is missing. Rows to what is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from insights_pipeline.reports.basis import STATES, gap_of
from insights_pipeline.reports.charts import SYMBOLS
from insights_pipeline.reports.database import Database, Row
from insights_pipeline.reports.listing import Field, ListOf, listing
from insights_pipeline.reports.page import Calendar, Column, Figure, Page, Picture, Table
from insights_pipeline.reports.wording import many, moment, number, share, shown, span

_FILE = "coverage.csv"


def gaps_list(*, several: bool) -> ListOf:
    """The gaps; a gap names its organization where there are several."""
    return ListOf(
        title="Gaps",
        question="coverage/gaps",
        things="gaps",
        order="the worst state first",
        file=_FILE,
        fields=(
            Field("State", lambda row: row["state"]),
            Field("Days", lambda row: span(row["first_day"], row["last_day"]), "time"),
            Field("Services", lambda row: gap_of(row, several=several).services),
            Field("Held", lambda row: gap_of(row, several=several).held),
            Field("JumpCloud deletes it from", lambda row: str(row["expires_on"] or ""), "time"),
        ),
        empty="There is none: every day of every service is complete.",
        note="Neighbouring days in one state, and services that share them, are one gap.",
        advice="“insights run --from DAY --to DAY” asks for the days again; what stays short or over after that is a "
        "question for JumpCloud's support, with the request ids of the day's manifest.",
    )


SERVICES = ListOf(
    title="By service",
    question="coverage/services",
    things="services",
    order="most unproven days first, then most events",
    file=_FILE,
    fields=(
        Field("Service", lambda row: shown(row["service"])),
        Field("Days", lambda row: number(row["days"]), "number"),
        Field("Complete", lambda row: number(row["complete"]), "number"),
        Field("Counted by JumpCloud", lambda row: number(row["expected"]), "number"),
        Field("Held", lambda row: number(row["held"]), "number"),
        Field("Came late", lambda row: number(row["late"]), "number"),
        Field("Last compared", lambda row: moment(row["counted_at"]), "time"),
    ),
    empty="No service was asked for.",
)


def page(database: Database, *, with_org: bool) -> Page:
    """The coverage of the period."""
    summary = database.row("coverage/summary")
    gaps = gaps_list(several=with_org)
    return Page(
        name="coverage",
        title="Coverage",
        question="How does one know that nothing is missing?",
        headline=headline(summary),
        figures=numbers(summary, database.row("coverage/expiring")),
        sections=[
            calendar_picture(database.rows("coverage/calendar"), database.period.buckets()),
            listing(gaps, database.rows(gaps.question), with_org=with_org),
            listing(SERVICES, database.rows(SERVICES.question), with_org=with_org),
        ],
    )


def headline(row: Row) -> str:
    """How it stands, in a sentence."""
    if row["total"] == 0:
        return "No day of the period was asked for."
    return (
        f"{number(row['complete'])} of {number(row['total'])} days of a service are complete "
        f"({share(row['complete'], row['total'])}); {many(row['held'], 'event')} held."
    )


def numbers(row: Row, expiring: Row) -> list[Figure]:
    """What the page opens with."""
    compared = "never compared"
    if row["last_counted_at"]:
        ends = (f"{row[column]:%Y-%m-%d %H:%M}" for column in ("first_counted_at", "last_counted_at"))
        compared = f"compared {' to '.join(dict.fromkeys(ends))}"
    uncounted = f"; {many(row['uncounted'], 'day')} never counted" if row["uncounted"] else ""
    doomed = expiring["days"]
    return [
        Figure(
            "Complete",
            share(row["complete"], row["total"]),
            f"{number(row['complete'])} of {number(row['total'])} days of a service",
            "good" if row["complete"] == row["total"] else "caution",
        ),
        Figure("Events held", number(row["held"]), f"{many(row['services'], 'service')}, {many(row['dates'], 'day')}"),
        Figure("Counted by JumpCloud", number(row["expected"]), f"{compared}{uncounted}"),
        Figure("Came late", number(row["late"]), "found by counting again, and fetched"),
        Figure(
            "Deleted soon, unproven",
            number(doomed),
            f"days of a service, from {expiring['expires_on']} on" if doomed else "within two weeks, of all days",
            "caution" if doomed else "plain",
        ),
    ]


def calendar_picture(rows: list[Row], buckets: list[date]) -> Picture:
    """A cell a service and day."""
    states: dict[str, dict[date, str]] = defaultdict(dict)
    names = abbreviated({row["org"] for row in rows})
    for row in rows:
        line = " ".join(part for part in (names[row["org"]], shown(row["service"])) if part)
        states[line][row["bucket"]] = row["state"]
    total = rows[0]["total"] if rows else 0
    note = f"The {len(states):,} worst of {total:,} lines; all are in {_FILE}." if total > len(states) else ""
    occurring = {state for line in states.values() for state in line.values()}
    wanting = sum(state not in ("complete", "open") for line in states.values() for state in line.values())
    return Picture(
        name="calendar",
        title="Coverage calendar",
        summary=f"The state of each service over time, the worst of its days in a cell: {number(wanting)} of "
        f"{number(sum(len(line) for line in states.values()))} cells are neither complete nor open.",
        chart=Calendar(buckets, dict(states)),
        figures=Table(
            (Column("Line"), *(Column(state.capitalize(), "number") for state in STATES)),
            [(line, *(number(list(days.values()).count(state)) for state in STATES)) for line, days in states.items()],
        ),
        legend=tuple(
            (f"state-{state}", f"{SYMBOLS[state]} {state}: {meaning}".strip())
            for state, meaning in STATES.items()
            if state in occurring
        ),
        note=note,
    )


def abbreviated(orgs: Collection[str]) -> dict[str, str]:
    """Organization ids by their first and last characters, as long as that tells them apart."""
    short = {org: f"{org[:5]}…{org[-4:]}" if len(org) > 12 else org for org in orgs}
    return {org: shown(short[org] if len(set(short.values())) == len(short) else org) for org in orgs}
