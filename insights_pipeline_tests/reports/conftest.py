"""Databases that several tests report on, each made once, and what was written of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from insights_pipeline.reports.write import WrittenReport, write_reports
from insights_pipeline_tests.reports.published import attempts, changes, coverage, old_keys, publish

ORGS = ("5f1a", "7c2b")

# Of everything that a user can type: markup, quotes, what no column has room for, a mark that turns the direction, a control character.
HOSTILE = "'<img src=x onerror=alert(1)>\"&{{ 7 * 7 }}' || repeat('W<', 300) || chr(8238) || chr(7) || '</svg>é漢🎉'"

GAPS = """case
    when org = '7c2b' and service = 'radius' and date between '2026-11-02' and '2026-11-05' then 'short'
    when org = '5f1a' and service = 'sso' and date = '2026-11-20' then 'over'
    when service = 'ldap' and date < '2026-10-30' then 'missing'
    when org = '7c2b' and date = '2026-11-11' then 'unverified'
    when date = '2026-11-24' then 'open'
    else 'complete'
end"""


@pytest.fixture(scope="session")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two organizations, a month with gaps, and more rows than a page shows."""
    home = tmp_path_factory.mktemp("tenant")
    publish(
        home,
        coverage("2026-10-01", "2026-11-24", ORGS, GAPS),
        attempts(20_000, "2026-10-01", 55, ORGS),
        changes(4_000, "2026-10-01", 55, ORGS),
        old_keys(30, "2026-10-01", "2026-11-24", ORGS[0]),
    )
    return home


@pytest.fixture(scope="session")
def report(tenant: Path) -> WrittenReport:
    """The tenant's."""
    return write_reports(tenant)


@pytest.fixture(scope="session")
def hostile_report(tmp_path_factory: pytest.TempPathFactory) -> WrittenReport:
    """A tenant whose users type what they can; every day of it is complete."""
    home = tmp_path_factory.mktemp("hostile")
    publish(
        home,
        coverage("2026-11-18", "2026-11-24"),
        attempts(3_000, "2026-11-18", 7, text=HOSTILE),
        changes(3_000, "2026-11-18", 7, text=HOSTILE),
        old_keys(250, "2026-11-18", "2026-11-24", text=HOSTILE),
    )
    return write_reports(home)


@pytest.fixture(scope="session")
def empty_report(tmp_path_factory: pytest.TempPathFactory) -> WrittenReport:
    """A tenant in which nothing happened, and all of that is held."""
    home = tmp_path_factory.mktemp("empty")
    publish(home, coverage("2026-11-18", "2026-11-24"))
    return write_reports(home)
