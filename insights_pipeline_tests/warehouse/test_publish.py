"""Replacing the published file, and asking it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from insights_pipeline.lake import Lake
from insights_pipeline.warehouse import WarehouseError, build_file, publish, published_file, query


def test_nothing_is_published_before_a_build(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="no models were built yet"):
        publish(tmp_path, Lake(tmp_path / "lake"))


def test_a_build_that_lacks_a_table_leaves_the_published_file_as_it_was(tmp_path: Path) -> None:
    duckdb.connect(str(build_file(tmp_path))).close()
    published_file(tmp_path).write_bytes(b"the old one")
    with pytest.raises(WarehouseError, match="authentications can't be read"):
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
