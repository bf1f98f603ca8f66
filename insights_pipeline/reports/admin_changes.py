"""The page of changes in the directory: who changed what, when, and what weakens security. Rows to what is shown."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from insights_pipeline.reports.charts import WEEKDAYS
from insights_pipeline.reports.database import Database, Row
from insights_pipeline.reports.listing import Field, ListOf, listing
from insights_pipeline.reports.page import Column, Dots, Figure, Hours, Listing, Page, Picture, Table
from insights_pipeline.reports.wording import listed, many, moment, number, place, share, shown

_FILE = "admin_changes.csv"


def _change(row: Row) -> str:
    return f"{shown(row['summary'])} (failed)" if row["outcome"] == "failure" else shown(row["summary"])


LISTS = (
    ListOf(
        title="Changes that weaken security",
        question="admin_changes/weakening",
        things="changes that weaken security",
        order="newest first",
        file=_FILE,
        fields=(
            Field("When", lambda row: moment(row["occurred_at"]), "time"),
            Field("Change", _change, "prose"),
            Field("Why it matters", lambda row: shown(row["risk"])),
            Field("About", lambda row: shown(row["area"])),
            Field("How", lambda row: shown(row["via"])),
            Field("From", lambda row: place(row["client_ip"], row["country_code"])),
        ),
        empty="No change weakened security.",
        note="Old and new values are in admin_change_fields.csv.",
        advice="Ask for each whether it was meant, and by whom it was asked for.",
    ),
    ListOf(
        title="Who made changes",
        question="admin_changes/actors",
        things="accounts that changed something",
        order="most weakening changes first, then most changes",
        file=_FILE,
        fields=(
            Field("Who", lambda row: shown(row["actor"])),
            Field("Kind", lambda row: shown(row["actor_type"])),
            Field("Weakening", lambda row: number(row["weakening"]), "number"),
            Field("Changes", lambda row: number(row["changes"]), "number"),
            Field("Deletions", lambda row: number(row["deletions"]), "number"),
            Field("How", lambda row: listed(row["vias"], 3)),
            Field("Addresses", lambda row: number(row["addresses"]), "number"),
            Field("Last change", lambda row: moment(row["last_change"]), "time"),
        ),
        empty="Nobody changed anything.",
    ),
    ListOf(
        title="All changes",
        question="admin_changes/newest",
        things="changes",
        order="newest first",
        file=_FILE,
        fields=(
            Field("When", lambda row: moment(row["occurred_at"]), "time"),
            Field("Change", lambda row: shown(row["summary"]), "prose"),
            Field("About", lambda row: shown(row["area"])),
            Field("How", lambda row: shown(row["via"])),
            Field("From", lambda row: place(row["client_ip"], row["country_code"])),
        ),
        empty="Nothing was changed.",
    ),
)


def page(database: Database, *, with_org: bool) -> Page:
    """Changes in the period."""
    figures = database.row("admin_changes/figures")
    lists: list[Picture | Listing] = [
        listing(definition, database.rows(definition.question), with_org=with_org) for definition in LISTS
    ]
    weakening = weakening_picture(database.rows("admin_changes/weakening_areas"), database.period.buckets())
    return Page(
        name="admin-changes",
        title="Admin changes",
        question="Who changed what, from which value to which, and does it weaken security?",
        headline=headline(figures),
        figures=numbers(figures),
        sections=[weakening, lists[0], hours_picture(database.rows("admin_changes/hours")), *lists[1:]],
    )


def headline(row: Row) -> str:
    """The period in a sentence."""
    if row["changes"] == 0:
        return "No change in the directory is held."
    return f"{many(row['changes'], 'change')} in the directory by {many(row['actors'], 'account')}; {number(row['weakening'])} weaken security."


def numbers(row: Row) -> list[Figure]:
    """What the page opens with."""
    weakening = row["weakening"]
    return [
        Figure("Changes", number(row["changes"]), f"by {many(row['actors'], 'account')}"),
        Figure(
            "Weaken security",
            number(weakening),
            f"by {many(row['weakening_actors'], 'account')}" if weakening else "none in the period",
            "alert" if weakening else "plain",
        ),
        Figure(
            "Strengthen it",
            number(row["strengthening"]),
            f"{share(row['strengthening'], row['changes'])} of all" if row["changes"] else "",
        ),
        Figure("Deletions", number(row["deletions"]), "objects deleted"),
        Figure("With an API key", number(row["by_api_key"]), "by programs, not in the admin portal"),
        Figure("Failed", number(row["failed"]), "changes that were refused or broke"),
    ]


def weakening_picture(rows: list[Row], buckets: list[date]) -> Picture:
    """Weakening changes over time by what they are about."""
    counts: dict[str, dict[date, int]] = defaultdict(dict)
    for row in rows:
        counts[shown(row["area"])][row["bucket"]] = row["changes"]
    order = sorted(counts, key=lambda name: (-sum(counts[name].values()), name))
    top = f" Most are about {order[0]}: {sum(counts[order[0]].values()):,}." if order else ""
    return Picture(
        name="weakening",
        title="Changes that weaken security, over time",
        summary=f"Changes that weaken security by what they are about; a larger dot stands for more of them.{top}",
        chart=Dots(buckets, {name: counts[name] for name in order}),
        figures=Table(
            (Column("About"), Column("From", "time"), Column("Changes", "number")),
            [(name, str(day), number(count)) for name in order for day, count in counts[name].items()],
        ),
    )


def hours_picture(rows: list[Row]) -> Picture:
    """When administrators work."""
    counts = {(row["weekday"], row["hour"]): row["changes"] for row in rows}
    total = sum(counts.values())
    outside = sum(count for (weekday, hour), count in counts.items() if weekday > 5 or not 6 <= hour < 20)
    peak = max(counts.items(), key=lambda item: (item[1], item[0]), default=None)
    busiest = f" The busiest hour is {WEEKDAYS[peak[0][0] - 1]} {peak[0][1]:02}:00, with {peak[1]:,}." if peak else ""
    return Picture(
        name="hours",
        title="Admin activity by hour and weekday",
        summary=f"Changes by administrators by weekday and hour, UTC: {number(total)} in all, {number(outside)} of them "
        f"({share(outside, total)}) on a weekend or outside 06:00–20:00.{busiest}",
        chart=Hours(counts),
        figures=Table(
            (Column("Weekday"), *(Column(f"{hour:02}", "number") for hour in range(24))),
            [
                (day, *(number(counts.get((weekday, hour), 0)) for hour in range(24)))
                for weekday, day in enumerate(WEEKDAYS, start=1)
            ]
            if counts
            else [],
        ),
        note="Hours are UTC, not the administrators' own. Changes by users and by JumpCloud itself are left out.",
    )
