"""One home that goes through the stages of a tenant's life, each built by dbt once and kept for the tests to look at."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from insights_pipeline.lake import DayKey, Lake
from insights_pipeline.warehouse import BuildPlan, Published, finish_build, prepare_build, publish, run_dbt
from insights_pipeline_tests.warehouse.days import coverage_of, write_day
from insights_pipeline_tests.warehouse.events import ADMIN_SIGN_IN, GROUP_CREATED, SSO_SIGN_IN, TENANT

MONDAY = date(2026, 3, 2)
TUESDAY = date(2026, 3, 3)


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
    changed: Stage
    """Monday's directory day became empty, Monday's SSO day is gone, Tuesday came."""
    tenant: Stage
    """The events of `TENANT`, every shape that the documents describe, in organizations of their own."""


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    home = tmp_path_factory.mktemp("home")
    lake = Lake(home / "lake")
    build = _builder(home, lake)

    empty = build("empty")
    write_day(lake, DayKey("self", "directory", MONDAY), [ADMIN_SIGN_IN, GROUP_CREATED])
    write_day(lake, DayKey("self", "sso", MONDAY), [SSO_SIGN_IN])
    one_day = build("one_day")
    nothing_new = build("nothing_new")
    write_day(lake, DayKey("self", "directory", MONDAY), [])
    lake.remove_folder(DayKey("self", "sso", MONDAY).events_folder)
    write_day(lake, DayKey("self", "directory", TUESDAY), [{**ADMIN_SIGN_IN, "timestamp": "2026-03-03T00:00:00Z"}])
    changed = build("changed")
    for key, events in TENANT.items():
        write_day(lake, key, events)
    return Stages(empty, one_day, nothing_new, changed, build("tenant"))


def _builder(home: Path, lake: Lake) -> Callable[[str], Stage]:
    def build(name: str) -> Stage:
        plan = prepare_build(home, lake, coverage_of(lake))
        run_dbt(plan.arguments, plan.environment, home / "target")
        finish_build(home, plan)
        published = publish(home, lake)
        kept = Path(shutil.copy(published.path, home / f"{name}.duckdb"))
        return Stage(plan, Published(kept, published.tables, published.bytes))

    return build
