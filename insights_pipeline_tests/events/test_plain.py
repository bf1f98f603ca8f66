"""What is read without a parser is what DuckDB reads, or is left to it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, cast

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.events import plain
from insights_pipeline.events.database import session

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda values: st.lists(values, max_size=2) | st.dictionaries(st.text(), values, max_size=2),
)
DIGITS = "0123456789"
TIMESTAMPS = (
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2300, 1, 1)).map(lambda at: f"{at.isoformat()}Z")  # noqa: DTZ001
    | st.builds(lambda part: f"2026-03-04T05:06:07.{part}Z", st.text(DIGITS, max_size=10))
    | st.from_regex(
        r"20[0-9]{2}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9](:[0-6][0-9])?(\.[0-9]{0,10})?(Z|z|\+0[0-9]:?30|)",
        fullmatch=True,
    )
)


def by_duckdb(expression: str, values: pa.Array) -> list[Any]:
    with session("300MB") as connection:
        connection.register("given", pa.table({"value": values}))
        return [value for (value,) in connection.sql(f"SELECT {expression} FROM given").fetchall()]


def listed(read: pa.Array | None) -> list[Any]:
    assert read is not None
    return cast(list[Any], read.to_pylist())


def column(values: list[Any]) -> pa.Array:
    """Behind something else, as a slice has it."""
    return pa.array(["before", *values, "after"], pa.string()).slice(1, len(values))


@given(st.lists(st.none() | st.builds(json.dumps, JSON | st.text(), ensure_ascii=st.booleans())))
def test_texts_are_read_as_duckdb_reads_them_or_not_at_all(values: list[str | None]) -> None:
    texts = plain.texts(column(values))
    if texts is not None:
        assert texts.to_pylist() == by_duckdb("json_text(value)", pa.array(values, pa.string()))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1), st.booleans())
def test_a_column_of_texts_is_read(values: list[str], ensure_ascii: bool) -> None:
    assert listed(plain.texts(column([json.dumps(value, ensure_ascii=ensure_ascii) for value in values]))) == values


@pytest.mark.parametrize("value", ["1", "true", "null", "[]", '{"a":"b"}', r'"\ud83d"'])
def test_a_column_with_anything_else_is_left_to_duckdb(value: str) -> None:
    assert plain.texts(column(['"a"', value])) is None


@given(st.lists(st.none() | (st.integers(-(2**64), 2**64) | st.floats(allow_nan=False)).map(json.dumps)))
def test_integers_are_read_as_duckdb_reads_them_or_not_at_all(values: list[str | None]) -> None:
    integers = plain.integers(column(values))
    if integers is not None:
        assert integers.to_pylist() == by_duckdb("try_cast(value AS BIGINT)", pa.array(values, pa.string()))


@pytest.mark.parametrize("value", ["1.0", "1e3", "true", '"1"', "9223372036854775808", "[1]"])
def test_a_column_with_anything_but_integers_of_64_bits_is_left_to_duckdb(value: str) -> None:
    assert plain.integers(column(["1", value])) is None
    assert listed(plain.integers(column(["1", "-9223372036854775808"]))) == [1, -(2**63)]


@given(st.lists(TIMESTAMPS, min_size=1, max_size=3))
def test_timestamps_are_read_as_duckdb_reads_them_or_not_at_all(values: list[str]) -> None:
    nanoseconds = plain.instants(column(values))
    if nanoseconds is not None:
        read = by_duckdb("epoch_us(instant(value)) * 1000 + beyond_microsecond(value)", pa.array(values))
        assert nanoseconds.to_pylist() == read


def test_the_usual_timestamps_are_read() -> None:
    given_texts = ["2026-03-04T05:06:07Z", "2026-03-04T05:06:07.123Z", "2026-03-04T05:06:07.123456789Z"]
    seconds = int(datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC).timestamp())
    assert listed(plain.instants(column(given_texts))) == [
        seconds * 10**9,
        seconds * 10**9 + 123_000_000,
        seconds * 10**9 + 123_456_789,
    ]
    assert listed(plain.timestamps(column([json.dumps(value) for value in given_texts]))) == [
        datetime(2026, 3, 4, 5, 6, 7, microsecond, tzinfo=UTC) for microsecond in (0, 123_000, 123_456)
    ]


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-04",
        "2026-03-04 05:06:07Z",
        "2026-03-04T05:06:07",
        "2026-03-04T05:06:07z",
        "2026-03-04T05:06:07+00:00",
        "2026-03-04T05:06:07.Z",
        "2026-03-04T05:06:07.1234567890Z",
        "2026-03-04T05:06:60Z",
        "2026-02-30T05:06:07Z",
        "1969-12-31T23:59:59.999999999Z",
        "9999-12-31T23:59:59Z",
        "",
        None,
    ],
)
def test_a_column_with_any_other_timestamp_is_left_to_duckdb(value: str | None) -> None:
    assert plain.instants(column(["2026-03-04T05:06:07Z", value])) is None
