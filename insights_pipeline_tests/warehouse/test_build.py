"""What a build reads and leaves behind as days come, change and go."""

from __future__ import annotations

from insights_pipeline.warehouse import PUBLISHED_TABLES
from insights_pipeline_tests.warehouse.conftest import Stages


def test_a_tenant_without_events_gets_all_tables_with_the_same_columns_as_one_with_events(stages: Stages) -> None:
    columns = (
        "select table_name, column_name, data_type from information_schema.columns "
        "where table_schema = 'main' order by table_name, ordinal_position"
    )
    assert {table for table, _, _ in stages.empty.rows(columns)} >= set(PUBLISHED_TABLES)
    assert stages.empty.rows(columns) == stages.one_day.rows(columns)
    assert stages.empty.value("select count(*) from events") == 0


def test_the_first_build_is_a_full_one_and_the_next_reads_only_what_changed(stages: Stages) -> None:
    assert stages.empty.plan.full_refresh
    assert not stages.one_day.plan.full_refresh
    assert len(stages.one_day.plan.changed_days) == 3
    assert stages.nothing_new.plan.changed_days == []
    assert sum(key.org == "self" for key in stages.tenant.plan.changed_days) == 4


def test_a_build_without_changed_days_keeps_every_row(stages: Stages) -> None:
    for table in PUBLISHED_TABLES:
        assert stages.nothing_new.rows(f"from {table} order by all") == stages.one_day.rows(
            f"from {table} order by all"
        )
    assert stages.one_day.value("select count(*) from authentications") == 3
    assert stages.one_day.value("select count(*) from admin_changes") == 1


def test_a_day_that_became_empty_or_went_away_leaves_no_row_and_another_day_comes_in(stages: Stages) -> None:
    of_self = "where org = 'self' and service <> 'ldap'"
    days = stages.tenant.rows(f"select event_date::varchar, service from authentications {of_self}")
    assert days == [("2026-03-03", "directory")]
    assert stages.tenant.value(f"select count(*) from admin_changes {of_self}") == 0
    assert stages.tenant.value(f"select count(*) from admin_change_fields {of_self}") == 0
    assert stages.tenant.value(f"select count(*) from authentication_daily {of_self}") == 1


def test_a_day_that_was_collected_again_has_its_new_rows_alone(stages: Stages) -> None:
    of_the_day = "from authentications where org = 'self' and service = 'ldap' order by event_id"
    assert stages.one_day.rows(f"select actor, outcome {of_the_day}") == [("bob", "success")]
    assert stages.tenant.rows(f"select actor, outcome {of_the_day}") == [("bob", "failure"), ("zoe", "success")]
    summed = (
        "select outcome, attempts from authentication_daily where org = 'self' and service = 'ldap' order by outcome"
    )
    assert stages.tenant.rows(summed) == [("failure", 1), ("success", 1)]


def test_every_published_table_and_column_is_described_in_the_database(stages: Stages) -> None:
    undescribed = stages.tenant.rows(
        "select table_name, column_name from duckdb_columns() where not internal and comment is null"
        " union all select table_name, null from duckdb_tables() where comment is null"
        " union all select view_name, null from duckdb_views() where not internal and comment is null"
    )
    assert undescribed == []
