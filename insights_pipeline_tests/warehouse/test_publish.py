"""Replacing the published file, and asking it."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from insights_pipeline.lake import Lake
from insights_pipeline.warehouse import (
    WarehouseError,
    build_file,
    finish_build,
    is_current,
    prepare_build,
    publish,
    published_file,
    query,
)
from insights_pipeline_tests.warehouse.conftest import Stages


def test_nothing_is_published_before_a_build(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="no models were built yet"):
        publish(tmp_path, Lake(tmp_path / "lake"))


def test_a_build_that_lacks_a_table_leaves_the_published_file_as_it_was(tmp_path: Path) -> None:
    duckdb.connect(str(build_file(tmp_path))).close()
    published_file(tmp_path).write_bytes(b"the old one")
    with pytest.raises(WarehouseError, match=r"authentications, coverage.* are missing"):
        publish(tmp_path, Lake(tmp_path / "lake"))
    assert published_file(tmp_path).read_bytes() == b"the old one"
    assert [file.name for file in tmp_path.iterdir() if file.name.endswith(".tmp")] == []


def test_a_question_before_the_first_publication_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="insights run"):
        query(tmp_path, "select 1")


def test_the_published_file_can_be_asked_and_not_written(tmp_path: Path) -> None:
    duckdb.connect(str(published_file(tmp_path))).close()
    assert query(tmp_path, "select timestamptz '2026-03-01 00:00:00+00' as at").to_pylist()[0]["at"].isoformat() == (
        "2026-03-01T00:00:00+00:00"
    )
    with pytest.raises(WarehouseError, match="read-only"):
        query(tmp_path, "create table x (a int)")
    with pytest.raises(WarehouseError, match="can't be answered"):
        query(tmp_path, "selec 1")


def test_the_macros_for_analysts_answer_and_explain_themselves(stages: Stages) -> None:
    rows = stages.tenant.rows
    bob = rows("select kind, what from person_timeline('BOB') where org = 'shapes'")
    assert ("admin change", "ann@example.org removed user bob from user group Sales") in bob
    assert {kind for kind, _ in bob} == {"authentication", "admin change"}
    changes = rows("select summary, fields from admin_changes_between('2026-04-01', '2026-04-02') where org = 'shapes'")
    assert len(changes) == 5
    assert {"field": "size", "old_value": "1", "new_value": "2"} in next(f for s, f in changes if "quantum" in s)
    log = rows("select actor from activity_log('ldap', 'ldap_bind', '2026-04-01', '2026-04-02') where org = 'shapes'")
    assert len(log) == 1
    ((event,),) = rows("select event from event_json('69cc00000000000000000040')")
    assert json.loads(event)["service"] == "quantum_vault"
    assert rows("select count(*) from duckdb_functions() where not internal and comment is null") == [(0,)]


def test_a_build_that_did_not_pass_is_not_published(tmp_path: Path) -> None:
    prepare_build(tmp_path, Lake(tmp_path / "lake"), [])
    published_file(tmp_path).write_bytes(b"the old one")
    with pytest.raises(WarehouseError, match="did not pass"):
        publish(tmp_path, Lake(tmp_path / "lake"))
    assert published_file(tmp_path).read_bytes() == b"the old one"


def test_only_what_was_built_whole_and_published_is_current(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    assert not is_current(tmp_path, lake, [])
    plan = prepare_build(tmp_path, lake, [])
    published_file(tmp_path).write_bytes(b"the old one")
    assert not is_current(tmp_path, lake, [])
    finish_build(tmp_path, plan)
    assert not is_current(tmp_path, lake, [])
