"""One home that goes through the stages of a tenant's life, each built by dbt once and kept for the tests to look at."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from insights_pipeline.emulator import Tenant, serve
from insights_pipeline.events import KNOWN_SERVICES
from insights_pipeline.lake import DayKey, Lake
from insights_pipeline.warehouse import EXCLUDED, BuildPlan, Published, finish_build, prepare_build, publish, run_dbt
from insights_pipeline_tests.warehouse.days import Event, coverage_of, write_day
from insights_pipeline_tests.warehouse.events import (
    ADMIN_SIGN_IN,
    GROUP_CREATED,
    LDAP_SIGN_IN,
    SHAPES,
    SSO_SIGN_IN,
    WILD,
)

MONDAY = date(2026, 3, 2)
TUESDAY = date(2026, 3, 3)
LAST_TENANT_DAY = date(2026, 5, 29)


@dataclass(frozen=True)
class Stage:
    """What a build had to do and what it published."""

    plan: BuildPlan
    published: Published

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.published.path), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(sql).fetchall()

    def value(self, sql: str) -> Any:
        ((value,),) = self.rows(sql)
        return value


@dataclass(frozen=True)
class Stages:
    empty: Stage
    one_day: Stage
    nothing_new: Stage
    tenant: Stage
    """Monday's directory day became empty, its SSO day is gone, its LDAP day was collected again, Tuesday came; three organizations joined: `tenant`
    with a week of the emulator's tenant, `shapes` with the `SHAPES`, and `wild` with the `WILD`."""
    tenant_events: dict[str, list[dict[str, Any]]]
    """The events of that week by service, parsed."""
    home: Path


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    home = tmp_path_factory.mktemp("home")
    lake = Lake(home / "lake")
    build = _builder(home, lake)

    empty = build("empty")
    write_day(lake, DayKey("self", "directory", MONDAY), [ADMIN_SIGN_IN, GROUP_CREATED])
    write_day(lake, DayKey("self", "sso", MONDAY), [SSO_SIGN_IN])
    write_day(lake, DayKey("self", "ldap", MONDAY), [LDAP_SIGN_IN])
    one_day = build("one_day")
    nothing_new = build("nothing_new")
    write_day(lake, DayKey("self", "directory", MONDAY), [])
    lake.remove_folder(DayKey("self", "sso", MONDAY).events_folder)
    again = [{**LDAP_SIGN_IN, "error_code": 49}, {**LDAP_SIGN_IN, "id": "69a5a1000000000000000005", "username": "zoe"}]
    write_day(lake, DayKey("self", "ldap", MONDAY), again)
    write_day(lake, DayKey("self", "directory", TUESDAY), [{**ADMIN_SIGN_IN, "timestamp": "2026-03-03T00:00:00Z"}])
    for org, given in (("shapes", SHAPES), ("wild", WILD)):
        for (service, day), events_of_day in _by_day(given).items():
            write_day(lake, DayKey(org, service, day), events_of_day)
    events = _write_tenant(lake)
    return Stages(empty, one_day, nothing_new, build("tenant"), events, home)


def _by_day(events: Sequence[Event]) -> dict[tuple[str, date], list[Event]]:
    days: dict[tuple[str, date], list[Event]] = {}
    for event in events:
        key = (event.get("service", "directory"), date.fromisoformat(event["timestamp"][:10]))
        days.setdefault(key, []).append(event)
    return days


def _write_tenant(lake: Lake) -> dict[str, list[dict[str, Any]]]:
    """Seven days, which the tenant's whole story is in."""
    tenant = Tenant.invented(seed=7, last_day=LAST_TENANT_DAY, days=7, events_per_day=300)
    served: dict[str, list[dict[str, Any]]] = {}
    with serve(tenant=tenant) as emulator:
        for day in (LAST_TENANT_DAY - timedelta(days=before) for before in range(7)):
            for service in KNOWN_SERVICES:
                key = DayKey("tenant", service, day)
                bodies = emulator.truth.events(service, key.start, key.end)
                write_day(lake, key, bodies)
                served.setdefault(service, []).extend(json.loads(body) for body in bodies)
    return served


def _builder(home: Path, lake: Lake) -> Callable[[str], Stage]:
    def build(name: str) -> Stage:
        plan = prepare_build(home, lake, coverage_of(lake))
        run_dbt([*plan.arguments, "--exclude", EXCLUDED], plan.environment, home / "target")
        finish_build(home, plan)
        published = publish(home, lake)
        kept = Path(shutil.copy(published.path, home / f"{name}.duckdb"))
        return Stage(plan, Published(kept, published.tables, published.bytes))

    return build
