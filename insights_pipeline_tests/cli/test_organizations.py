"""Several organizations in one lake: one that fails stops no other, and each can be deleted or handed over alone."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import duckdb
import pytest

from insights_pipeline.cli.main import main
from insights_pipeline.emulator import DEMO_API_KEY, Behaviour, RunningEmulator, Tenant, serve
from insights_pipeline_tests.cli.conftest import Ended

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
SERVICES = "directory,sso,radius"

Rows = dict[str, list[tuple[object, ...]]]
"""By published table, those of one organization."""


@dataclass(frozen=True)
class Story:
    """Of four organizations the first refuses; then the second is handed over and deleted; then what was handed over is built."""

    orgs: tuple[str, ...]
    refused: Ended
    told: list[dict[str, str]]
    """The coverage after it."""
    table: str
    deleted: Ended
    built: Ended
    unnamed: Ended
    before: dict[str, Rows]
    after: dict[str, Rows]
    handed_over: dict[str, Rows]
    requests_for_refused: int
    requests_of_build: int


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    # One home for both lakes: dbt parses the project anew for each.
    home, lake, other = (tmp_path_factory.mktemp(name) for name in ("home", "provider", "customer"))
    tenant = Tenant.invented(seed=9, last_day=YESTERDAY, days=1, events_per_day=60, organizations=4)
    refusing, leaving, *_ = tenant.organizations
    with pytest.MonkeyPatch.context() as patch, serve(tenant) as emulator:

        def insights(lake: Path, orgs: Iterable[str], *arguments: str) -> Ended:
            for name, value in variables(emulator, home, lake, orgs).items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["insights", *arguments])
            return ended()

        emulator.emulator.behaviour = Behaviour(forbidden_organizations=frozenset({refusing}))
        refused = insights(lake, tenant.organizations, "run", *OF_YESTERDAY)
        requests = sum(refusing in request.organizations for request in emulator.requests)
        told = insights(lake, tenant.organizations, "coverage", "--json")
        table = insights(lake, tenant.organizations, "coverage")
        before = {org: rows_of(home, org) for org in tenant.organizations}

        for area in ("raw", "events"):
            shutil.copytree(lake / area / f"org={leaving}", other / area / f"org={leaving}")
            shutil.rmtree(lake / area / f"org={leaving}")
        emulator.emulator.behaviour = Behaviour()
        deleted = insights(lake, [org for org in tenant.organizations if org != leaving], "run", *OF_YESTERDAY)
        after = {org: rows_of(home, org) for org in tenant.organizations}

        for file in home.glob("*.duckdb"):
            file.unlink()
        shutil.rmtree(other / "events")
        emulator.requests.clear()
        unnamed = insights(other, (), "run", "--renormalize")
        built = insights(other, [leaving], "run", "--renormalize")
        yield Story(
            tenant.organizations,
            refused,
            [json.loads(line) for line in told.out.splitlines()],
            table.out,
            deleted,
            built,
            unnamed,
            before,
            after,
            {org: rows_of(home, org) for org in tenant.organizations},
            requests,
            len(emulator.requests),
        )


OF_YESTERDAY = ("--from", str(YESTERDAY), "--to", str(YESTERDAY))


def variables(emulator: RunningEmulator, home: Path, lake: Path, orgs: Iterable[str]) -> dict[str, str]:
    return {
        "INSIGHTS_HOME": str(home),
        "INSIGHTS_LAKE": str(lake),
        "JUMPCLOUD_API_URL": emulator.url,
        "JUMPCLOUD_API_KEY": DEMO_API_KEY,
        "JUMPCLOUD_ORG_IDS": ",".join(orgs),
        "INSIGHTS_SERVICES": SERVICES,
        "INSIGHTS_START_DATE": str(YESTERDAY),
        "INSIGHTS_SETTLE_MINUTES": "0",
        "INSIGHTS_MAX_REQUESTS_PER_SECOND": "1000",
    }


def ended() -> Ended:
    """The command in this process, as its entry point runs it."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as exit_:
        main()
    assert isinstance(exit_.value.code, int | None)
    return Ended(exit_.value.code or 0, out.getvalue(), err.getvalue())


def rows_of(home: Path, org: str) -> Rows:
    with duckdb.connect(str(home / "insights.duckdb"), read_only=True) as connection:
        tables = connection.execute(
            "select distinct table_name from duckdb_columns() where schema_name = 'main' and not internal"
            " and column_name = 'org' order by all"
        ).fetchall()
        return {
            table: sorted(connection.execute(f'from "{table}" where org = ?', [org]).fetchall(), key=repr)
            for (table,) in tables
        }


def test_an_organization_that_refuses_is_named_in_one_line_and_stops_no_other(story: Story) -> None:
    refusing, *others = story.orgs
    assert story.refused.code == 1
    (line,) = [line for line in story.refused.out.splitlines() if line.startswith("Short")]
    assert line.startswith(f"Short: 1 organization ({refusing}), directory, radius, sso, 3 days: HTTP 403")
    assert story.refused.out.splitlines()[-1].startswith(
        "4 organizations × 3 services × 1 day: 9 of 12 complete, 3 missing, "
    )
    states = {(row["org"], row["state"]) for row in story.told if row["date"] == str(YESTERDAY)}
    assert states == {(refusing, "missing"), *((org, "complete") for org in others)}
    assert all(len(story.before[org]["events"]) > 20 for org in others)
    assert story.before[refusing]["events"] == []


def test_an_organization_that_refuses_is_asked_once_a_service(story: Story) -> None:
    assert story.requests_for_refused == 1 + len(SERVICES.split(","))  # the first, whether the key is good


def test_the_coverage_has_a_row_for_each_organization_the_one_that_is_short_first(story: Story) -> None:
    heading, *rows = [line.split() for line in story.table.splitlines()[:5]]
    assert heading[:3] == ["org", "days", "complete"]
    assert rows[0][0] == story.orgs[0]
    assert [row[0] for row in rows[1:]] == sorted(story.orgs[1:])


def test_what_was_deleted_of_one_organization_is_published_no_more_and_the_others_are_as_they_were(
    story: Story,
) -> None:
    refusing, leaving, *staying = story.orgs
    assert story.deleted.code == 0, story.deleted.out + story.deleted.err
    assert not any(story.after[leaving].values())
    for org in staying:
        # Their days were counted again.
        unchanged = [table for table in story.before[org] if table != "coverage"]
        assert {table: story.after[org][table] for table in unchanged} == {
            table: story.before[org][table] for table in unchanged
        }
    assert len(story.after[refusing]["events"]) > 20


def test_what_was_handed_over_is_built_elsewhere_without_a_request_to_the_same_rows(story: Story) -> None:
    leaving = story.orgs[1]
    assert story.built.code == 0, story.built.out + story.built.err
    assert story.handed_over[leaving] == story.before[leaving]
    assert not any(rows for org in story.orgs if org != leaving for rows in story.handed_over[org].values())
    assert story.requests_of_build == 0


def test_whoever_builds_it_without_naming_the_organization_is_told_to(story: Story) -> None:
    assert story.unnamed.code == 2
    assert f"are of {story.orgs[1]}: name their organizations in JUMPCLOUD_ORG_IDS." in " ".join(
        story.unnamed.err.split()
    )
