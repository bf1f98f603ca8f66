"""The published database is asked as it lies there at the moment, and nothing but reading is possible."""

import os
from pathlib import Path

import duckdb
import pytest

from insights_pipeline.warehouse import WarehouseError, published_file, query


def publish(home: Path, number: int) -> None:
    with duckdb.connect(str(home / "next.duckdb")) as connection:
        connection.execute(f"create table coverage as select {number} as number")
    os.replace(home / "next.duckdb", published_file(home))


def test_a_file_that_took_the_others_place_is_asked_even_while_the_other_is_open(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    with duckdb.connect(str(published_file(tmp_path)), read_only=True) as reader:
        publish(tmp_path, 2)
        assert query(tmp_path, "from coverage").to_pylist() == [{"number": 2}]
        assert reader.execute("from coverage").fetchall() == [(1,)]


def test_values_stand_for_question_marks(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    assert query(tmp_path, "select ? || number as text from coverage", ["'; --"]).to_pylist() == [{"text": "'; --1"}]


@pytest.mark.parametrize(
    "statement", ["drop table coverage", "create table other as select 1", "insert into coverage values (2)"]
)
def test_nothing_can_be_changed(tmp_path: Path, statement: str) -> None:
    publish(tmp_path, 1)
    with pytest.raises(WarehouseError, match="read-only"):
        query(tmp_path, statement)


def test_a_statement_without_rows_is_told_how_to_be_asked(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    with pytest.raises(WarehouseError, match="answers with no rows"):
        query(tmp_path, "-- nothing but a comment")
