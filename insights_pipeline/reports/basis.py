"""What every page says first: of which days, organizations and moment it is, and what is missing from it."""

from __future__ import annotations

from insights_pipeline.reports.database import Database, Row
from insights_pipeline.reports.page import Basis, Gap
from insights_pipeline.reports.period import Period
from insights_pipeline.reports.wording import listed, many, number, shown, span

MOST_GAPS = 8
MOST_NAMES = 6

STATES = {
    "complete": "as many events are held as JumpCloud counts",
    "short": "fewer events are held than JumpCloud counts",
    "over": "more events are held than JumpCloud counts",
    "open": "the day, or the time that late events are given, isn't over",
    "unverified": "events are held, but no count of the whole day could be had",
    "missing": "never fetched",
    "expired": "never fetched, and JumpCloud no longer has them",
}
"""What a coverage state means."""


def basis(database: Database) -> Basis:
    """The coverage of the report's period, in words."""
    summary = database.row("coverage/summary")
    return basis_of(summary, database.rows("coverage/gaps"), database.rows("coverage/states"), database.period)


def basis_of(summary: Row, gaps: list[Row], states: list[Row], period: Period) -> Basis:
    """As `basis`, from rows."""
    orgs = list(summary["orgs"] or ())
    total = gaps[0]["total"] if gaps else 0
    rule = f"The {MOST_GAPS} worst of {total:,} gaps; all are on the page Coverage and in coverage.csv."
    return Basis(
        period=span(period.first, period.last),
        days=many(period.days, "day"),
        as_of=f"{summary['as_of']:%Y-%m-%d %H:%M} UTC" if summary["as_of"] else "no fetch yet",
        organizations=_organizations(orgs),
        is_complete=not gaps,
        statement=_statement(summary, states, is_complete=not gaps),
        gaps=[gap_of(row, several=len(orgs) > 1) for row in gaps[:MOST_GAPS]],
        gaps_rule=rule if total > MOST_GAPS else "",
    )


def gap_of(row: Row, *, several: bool) -> Gap:
    """One gap in words."""
    services = row["services"]
    if not services:
        named = "every service"
    elif len(services) == row["services_of_org"] and len(services) > 1:
        named = f"all {len(services)} services"
    else:
        named = listed(services, MOST_NAMES)
    held = ""
    if row["expected"] is not None:
        held = f"{number(row['held'])} of {number(row['expected'])} events held"
    elif row["held"]:
        held = f"{many(row['held'], 'event')} held, not counted"
    return Gap(
        state=row["state"],
        days=span(row["first_day"], row["last_day"]),
        services=named,
        organization=shown(row["org"]) if several else "",
        held=held,
    )


def _organizations(orgs: list[str]) -> str:
    if not orgs:
        return "no organization"
    if orgs == ["self"]:
        return "the key's own organization"
    return f"{many(len(orgs), 'organization')}: {listed(orgs, MOST_NAMES)}"


def _statement(summary: Row, states: list[Row], *, is_complete: bool) -> str:
    if is_complete:
        return (
            f"{many(summary['services'], 'service')} on {many(summary['dates'], 'day')}: "
            f"{many(summary['held'], 'event')} held, and JumpCloud counts as many for each service and day."
        )
    others = [f"{row['days']:,} {row['state']}" for row in states if row["state"] != "complete"]
    others = others or ["some days were never asked for"]
    return (
        f"{number(summary['complete'])} of {number(summary['total'])} days of a service are complete; "
        f"{', '.join(others)}. What is missing there is missing from this page too."
    )
