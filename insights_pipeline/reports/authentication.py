"""The page of attempts to sign in: who, how, from where, and what failed. Rows to what is shown; pure but for asking."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from insights_pipeline.reports.database import Database, Row
from insights_pipeline.reports.listing import Field, ListOf, listing
from insights_pipeline.reports.page import Bars, Column, Figure, Listing, Page, Panels, Picture, Table, Tone
from insights_pipeline.reports.wording import (
    CHANNELS,
    FACTORS,
    channel,
    country,
    listed,
    many,
    moment,
    number,
    place,
    share,
    shown,
)

MOST_BARS = 12

_FILE = "authentications.csv"


def _origins(row: Row) -> str:
    names = [country(code) for code in row["countries"] or ()]
    where = f" in {listed(names, 3)}" if names else ""
    return f"{many(row['addresses'], 'address', 'addresses')}{where}" if row["addresses"] else ""


LISTS = (
    ListOf(
        title="Administrators who signed in without a second factor",
        question="authentication/admins_without_factor",
        things="sign-ins to the admin portal without a second factor",
        order="newest first",
        file=_FILE,
        fields=(
            Field("When", lambda row: moment(row["occurred_at"]), "time"),
            Field("Administrator", lambda row: shown(row["actor"])),
            Field("From", lambda row: place(row["client_ip"], row["country_code"])),
            Field("Program", lambda row: shown(row["user_agent"])),
        ),
        empty="No administrator signed in to the admin portal without a second factor.",
        advice="Require a second factor of every administrator: an admin account opens all the others.",
    ),
    ListOf(
        title="Addresses that failed for several accounts",
        question="authentication/addresses",
        things="addresses that failed for three accounts or more",
        order="by the share that failed",
        file=_FILE,
        fields=(
            Field("Address", lambda row: place(row["client_ip"], row["country_code"])),
            Field("Accounts that failed", lambda row: number(row["accounts"]), "number"),
            Field("Failed", lambda row: number(row["failures"]), "number"),
            Field("Failed of all", lambda row: share(row["failures"], row["failures"] + row["successes"]), "number"),
            Field("Accounts that got in", lambda row: number(row["accounts_in"]), "number"),
            Field("First failure", lambda row: moment(row["first_failure"]), "time"),
            Field("Last failure", lambda row: moment(row["last_failure"]), "time"),
        ),
        empty="No address failed for three accounts or more.",
        note="Offices share an address too: there most attempts succeed.",
    ),
    ListOf(
        title="People whose attempts failed most",
        question="authentication/people",
        things="people with a failed attempt",
        order="most failures first",
        file=_FILE,
        fields=(
            Field("Person", lambda row: shown(row["actor"])),
            Field("Failed", lambda row: number(row["failures"]), "number"),
            Field("Attempts", lambda row: number(row["attempts"]), "number"),
            Field("Usual reason", lambda row: shown(row["reason"])),
            Field("Failed from", _origins),
            Field("Last failure", lambda row: moment(row["last_failure"]), "time"),
        ),
        empty="Nobody's attempt failed.",
    ),
    ListOf(
        title="Failed attempts",
        question="authentication/failures",
        things="failed attempts",
        order="newest first",
        file=_FILE,
        fields=(
            Field("When", lambda row: moment(row["occurred_at"]), "time"),
            Field("Who", lambda row: shown(row["actor"])),
            Field("Channel", lambda row: channel(row["channel"])),
            Field("Application or device", lambda row: shown(row["what"])),
            Field("Reason", lambda row: shown(row["failure_reason"])),
            Field("From", lambda row: place(row["client_ip"], row["country_code"])),
        ),
        empty="No attempt failed.",
    ),
)


def page(database: Database, *, with_org: bool) -> Page:
    """Authentication in the period."""
    figures = database.row("authentication/figures")
    lists: list[Picture | Listing] = [
        listing(definition, database.rows(definition.question), with_org=with_org) for definition in LISTS
    ]
    return Page(
        name="authentication",
        title="Authentication",
        question="Who signed in, how, from where, and what failed?",
        headline=headline(figures),
        figures=numbers(figures),
        sections=[
            channels_picture(database.rows("authentication/channels"), database.period.buckets()),
            countries_picture(database.rows("authentication/countries")),
            factors_picture(database.rows("authentication/factors"), figures),
            *lists,
        ],
    )


def headline(row: Row) -> str:
    """The period in a sentence."""
    if row["attempts"] == 0:
        return "No attempt to sign in is held."
    return (
        f"{many(row['attempts'], 'attempt')} to sign in by {many(row['people'], 'person', 'people')}; "
        f"{number(row['failures'])} failed ({share(row['failures'], row['attempts'])})."
    )


def numbers(row: Row) -> list[Figure]:
    """What the page opens with."""
    told = row["with_factor"] + row["without_factor"]
    admins = row["admin_without_factor"]
    return [
        Figure(
            "Attempts",
            number(row["attempts"]),
            f"{many(row['people'], 'person', 'people')}, {row['countries']:,} countries",
        ),
        Figure(
            "Failed",
            number(row["failures"]),
            f"{share(row['failures'], row['attempts'])}, {many(row['people_failing'], 'person', 'people')}",
        ),
        Figure(
            "Second factor",
            share(row["with_factor"], told),
            f"of {many(told, 'sign-in')} that tell of it",
        ),
        Figure(
            "Admins without one",
            number(admins),
            f"of {many(row['admin_sign_ins'], 'sign-in')} to the admin portal",
            "alert" if admins else "plain",
        ),
        Figure(
            "Lockouts",
            number(row["lockouts"]),
            "accounts locked after failures",
            "caution" if row["lockouts"] else "plain",
        ),
    ]


def channels_picture(rows: list[Row], buckets: list[date]) -> Picture:
    """Attempts and failures over time, a small chart a channel."""
    counts: dict[str, dict[date, tuple[int, int]]] = defaultdict(dict)
    for row in rows:
        counts[row["channel"]][row["bucket"]] = (row["attempts"], row["failures"])
    totals = {name: [sum(column) for column in zip(*days.values(), strict=True)] for name, days in counts.items()}
    order = sorted(counts, key=lambda name: (-totals[name][0], list(CHANNELS).index(name) if name in CHANNELS else 99))
    busiest = f" Most attempts came through {channel(order[0])}: {totals[order[0]][0]:,}." if order else ""
    return Picture(
        name="channels",
        title="Attempts and failures over time",
        summary=f"Attempts to sign in, and how many of them failed, for each of {many(len(order), 'channel')}.{busiest}",
        chart=Panels(buckets, {channel(name): counts[name] for name in order}),
        figures=Table(
            (Column("Channel"), Column("From", "time"), Column("Attempts", "number"), Column("Failed", "number")),
            [
                (channel(name), str(day), number(attempts), number(failures))
                for name in order
                for day, (attempts, failures) in counts[name].items()
            ],
        ),
        legend=(("series", "Attempts"), ("alert-mark", "of them failed")),
        note="Each channel has a scale of its own, by its busiest day.",
    )


def countries_picture(rows: list[Row]) -> Picture:
    """Failures by country, the most first; the addresses that no country is known of stand last."""
    known = [row for row in rows if row["country_code"] is not None]
    bars: list[tuple[str, int, str, Tone]] = [
        _country_bar(country(row["country_code"]), [row]) for row in known[:MOST_BARS]
    ]
    if others := known[MOST_BARS:]:
        bars.append(_country_bar(f"{len(others)} others", others))
    if unknown := [row for row in rows if row["country_code"] is None]:
        bars.append(_country_bar("Not known", unknown))
    top = f" Most came from {bars[0][0]}: {bars[0][2]}." if bars else ""
    return Picture(
        name="countries",
        title="Failures by country",
        summary=f"Failed attempts by country of the address, and their share of the country's attempts.{top}",
        chart=Bars(bars),
        figures=Table(
            (
                Column("Country"),
                Column("Failed", "number"),
                Column("Attempts", "number"),
                Column("Failed of all", "number"),
            ),
            [
                (
                    country(row["country_code"]) or "Not known",
                    number(row["failures"]),
                    number(row["attempts"]),
                    share(row["failures"], row["attempts"]),
                )
                for row in rows
            ],
        ),
        legend=(
            ("series", "Failed attempts"),
            ("alert-mark", "of a country whose attempts failed more often than not"),
        ),
        note="Private and unknown addresses have no country, nor do events of devices and of LDAP.",
    )


def factors_picture(rows: list[Row], figures: Row) -> Picture:
    """Successful sign-ins by the factor that was given."""
    sums: dict[tuple[str, Tone], int] = defaultdict(int)
    for row in rows:
        sums[_factor(row)] += row["sign_ins"]
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    kept, others = ordered[:MOST_BARS], ordered[MOST_BARS:]
    whole = figures["successes"]
    bars: list[tuple[str, int, str, Tone]] = [
        (name, count, f"{count:,} ({share(count, whole)})", tone) for (name, tone), count in kept
    ]
    if others:
        rest = sum(count for _, count in others)
        bars.append((f"{len(others)} others", rest, f"{rest:,} ({share(rest, whole)})", "plain"))
    return Picture(
        name="factors",
        title="Factors used",
        summary="Successful sign-ins by the second factor that was given"
        + (f". The most: {bars[0][0]}, {bars[0][2]}." if bars else "."),
        chart=Bars(bars),
        figures=Table(
            (Column("Factor"), Column("Sign-ins", "number"), Column("Share", "number")),
            [(name, number(count), share(count, whole)) for (name, _), count in ordered],
        ),
        legend=(("series", "A second factor"), ("caution-mark", "None"), ("quiet-mark", "The event doesn't tell")),
        note="RADIUS, devices and LDAP often don't tell, or can't ask for one.",
    )


def _country_bar(name: str, rows: list[Row]) -> tuple[str, int, str, Tone]:
    failures, attempts = (sum(row[column] for row in rows) for column in ("failures", "attempts"))
    return (
        name,
        failures,
        f"{failures:,} ({share(failures, attempts)})",
        "alert" if 2 * failures > attempts else "plain",
    )


def _factor(row: Row) -> tuple[str, Tone]:
    if row["mfa_used"] is None:
        return "Not told", "quiet"
    if not row["mfa_used"]:
        return "No second factor", "caution"
    if row["mfa_factor"] is None:
        return "One that isn't named", "plain"
    return " + ".join(FACTORS.get(name, shown(name)) for name in row["mfa_factor"].split(", ")), "plain"
