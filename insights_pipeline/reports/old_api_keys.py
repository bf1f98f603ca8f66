"""The page of callers that still use an old admin API key, until there is none. Rows to what is shown."""

from __future__ import annotations

from datetime import date

from insights_pipeline.reports.database import Database, Row
from insights_pipeline.reports.listing import Field, ListOf, listing
from insights_pipeline.reports.page import Column, Figure, Page, Picture, Stack, Table
from insights_pipeline.reports.wording import many, moment, number, place, shown


def _state(row: Row) -> str:
    if row["status"] == "active":
        return "active, came back" if row["reopened"] else "active"
    return f"{row['status']} for {many(row['days_quiet'], 'day')}"


LIST = ListOf(
    title="Callers",
    question="old_api_keys/callers",
    things="callers",
    order="those that still call first, then by number of calls",
    file="old_api_key_sources.csv",
    fields=(
        Field("State", _state),
        Field(
            "What it is, and what to do", lambda row: f"{shown(row['integration'])}. {shown(row['advice'])}", "prose"
        ),
        Field("Key of", lambda row: shown(row["admin_email"])),
        Field("From", lambda row: place(row["client_ip"], row["country_code"])),
        Field("What it calls", lambda row: shown(row["api_path"]), "code"),
        Field("Program", lambda row: shown(row["user_agent"])),
        Field("Calls so far", lambda row: f"{number(row['attempts'])}, {shown(row['typical_interval'])}"),
        Field("Last call", lambda row: moment(row["last_seen"]), "time"),
    ),
    empty="No call with an old key was seen.",
    note="Each call is in old_api_key_attempts.csv.",
    advice="Give each program the new key; a caller is closed when it has been silent for 30 days.",
)

STATUSES = ("active", "quiet", "closed")


def page(database: Database, *, with_org: bool) -> Page:
    """Old keys in the period."""
    figures = database.row("old_api_keys/figures")
    burndown = burndown_picture(database.rows("old_api_keys/burndown"), database.period.buckets())
    return Page(
        name="old-api-keys",
        title="Old API keys",
        question="Which integrations still call JumpCloud with an admin API key that was replaced or revoked?",
        headline=headline(figures),
        figures=numbers(figures),
        sections=[burndown, listing(LIST, database.rows(LIST.question), with_org=with_org)],
    )


def headline(row: Row) -> str:
    """How it stands, in a sentence."""
    if row["active"] + row["quiet"] + row["closed"] == 0:
        return "No call with an old admin API key is held."
    if row["active"] + row["quiet"] == 0:
        return f"No caller used an old admin API key in the last 30 days; {many(row['closed'], 'caller')} did before."
    more = f", {number(row['quiet'])} more in the last 30" if row["quiet"] else ""
    return f"{many(row['active'], 'caller')} used an old admin API key in the last 7 days{more}."


def numbers(row: Row) -> list[Figure]:
    """What the page opens with."""
    last = f"the last on {row['last_call']:%Y-%m-%d %H:%M}" if row["last_call"] else "none in the period"
    judged = f"on {row['judged_on']}" if row["judged_on"] else "no day is held"
    return [
        Figure(
            "Active callers",
            number(row["active"]),
            f"called within 7 days, {judged}",
            "alert" if row["active"] else "plain",
        ),
        Figure("Quiet", number(row["quiet"]), "last called 8 to 30 days ago", "caution" if row["quiet"] else "plain"),
        Figure("Closed", number(row["closed"]), "silent for more than 30 days"),
        Figure(
            "Came back", number(row["reopened"]), "after they had been closed", "alert" if row["reopened"] else "plain"
        ),
        Figure("Administrators", number(row["admins"]), "whose old keys are still in use"),
        Figure("Calls", number(row["calls"]), last),
    ]


def burndown_picture(rows: list[Row], buckets: list[date]) -> Picture:
    """How many callers there were, and how they stood."""
    layers = {status: {row["bucket"]: row[status] for row in rows} for status in STATUSES}
    first, last = (rows[0], rows[-1]) if rows else (None, None)
    moved = f" From {first['active']:,} active to {last['active']:,}." if first and last else ""
    return Picture(
        name="burndown",
        title="Burn-down of callers",
        summary=f"Callers with an old key by how they stood at the time: active, quiet or closed.{moved}",
        chart=Stack(buckets, layers if rows else {}),
        figures=Table(
            (Column("From", "time"), Column("Active", "number"), Column("Quiet", "number"), Column("Closed", "number")),
            [(str(row["bucket"]), *(number(row[status]) for status in STATUSES)) for row in rows],
        ),
        legend=(
            ("active", "Active: called within 7 days"),
            ("quiet", "Quiet: within 30"),
            ("closed", "Closed: not since"),
        ),
    )
