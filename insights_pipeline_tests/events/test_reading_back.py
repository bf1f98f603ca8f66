"""The typed files as other programs read them: hive folders found, types as declared, empty days and services side by side."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from insights_pipeline.events import arrow_schema, normalize_day
from insights_pipeline.events.fields import SCHEMA_VERSION
from insights_pipeline.lake import Lake
from insights_pipeline_tests.events.raw_days import DAY, key_of, land

ORG = key_of().org


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The `events` folder of a lake: two days of directory, one of them empty, and one of sso."""
    lake = Lake(tmp_path_factory.mktemp("lake"))
    login = {
        "id": "a",
        "timestamp": "2023-06-15T12:00:00.123456789Z",
        "service": "directory",
        "event_type": "admin_login_attempt",
        "success": True,
        "geoip": {"country_code": "FR", "latitude": 48.8323, "longitude": 2.4075},
        "initiated_by": {"type": "admin", "source_metadata": {"name": "Okta"}},
        "mfa": "yes",
        "changes": [{"field": "state", "from": 1, "to": None}],
    }
    sign_in = {"id": "b", "timestamp": "2023-06-15T13:00:00Z", "service": "sso", "sso_token_success": False}
    for service, day, page in (
        ("directory", DAY, [login]),
        ("directory", date(2023, 6, 16), []),
        ("sso", DAY, [sign_in]),
    ):
        land(lake, key_of(service, day), page)
        normalize_day(lake, key_of(service, day))
    return lake.location("events")


def test_duckdb_reads_all_services_and_days_as_one_table(events: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        files = f"read_parquet('{events}/**/*.parquet', hive_partitioning = true, union_by_name = true)"
        rows = connection.sql(
            f"""SELECT org, service, date, id, timestamp, geoip.latitude, initiated_by.source_metadata.name, misfits,
                changes->0->>'field', sso_token_success FROM {files} ORDER BY id"""
        ).fetchall()
    assert rows == [
        (
            ORG,
            "directory",
            DAY,
            "a",
            datetime(2023, 6, 15, 12, 0, 0, 123456, UTC),
            48.8323,
            "Okta",
            ["mfa"],
            "state",
            None,
        ),
        (ORG, "sso", DAY, "b", datetime(2023, 6, 15, 13, tzinfo=UTC), None, None, [], None, False),
    ]


def test_pyarrow_finds_the_partitions_and_filters_by_them(events: str) -> None:
    dataset = ds.dataset(f"{events}/org={ORG}/service=directory", partitioning="hive", format="parquet")
    table = dataset.to_table(filter=(ds.field("date") == "2023-06-15") & ds.field("success"))
    assert table["id"].to_pylist() == ["a"]
    assert table["geoip"].to_pylist()[0]["country_code"] == "FR"
    assert dataset.schema.field("timestamp").type == arrow_schema("directory").field("timestamp").type


def test_pandas_reads_a_folder_into_a_frame(events: str) -> None:
    frame = pd.read_parquet(f"{events}/org={ORG}/service=directory")
    assert frame["id"].tolist() == ["a"]
    assert frame["timestamp"].iloc[0] == pd.Timestamp("2023-06-15T12:00:00.123456Z")
    assert frame["geoip"].iloc[0]["latitude"] == 48.8323
    assert frame["date"].astype(str).tolist() == ["2023-06-15"]


def test_a_file_says_which_schema_it_has_and_what_its_columns_mean(events: str) -> None:
    schema = pq.read_schema(f"{events}/org={ORG}/service=sso/date=2023-06-15/events.parquet")
    assert schema.metadata[b"schema_version"] == str(SCHEMA_VERSION).encode()
    assert all(schema.field(name).metadata[b"description"] for name in schema.names)


def test_a_filter_on_time_can_skip_row_groups(events: str) -> None:
    group = pq.ParquetFile(f"{events}/org={ORG}/service=directory/date=2023-06-15/events.parquet").metadata.row_group(0)
    columns = {group.column(index).path_in_schema: group.column(index) for index in range(group.num_columns)}
    assert columns["timestamp"].statistics.min == datetime(2023, 6, 15, 12, 0, 0, 123456, UTC)
    assert columns["event_type"].statistics.max == "admin_login_attempt"
    assert columns["event"].statistics is None
    assert {column.compression for column in columns.values()} == {"ZSTD"}


def test_a_file_of_an_older_schema_is_read_beside_a_newer_one(events: str, tmp_path: Path) -> None:
    newer = pq.read_table(f"{events}/org={ORG}/service=directory/date=2023-06-15/events.parquet")
    older = newer.drop_columns(["mfa_meta", "auth_context"])
    for name, table in (("older", older), ("newer", newer)):
        pq.write_table(table, tmp_path / f"{name}.parquet")
    with duckdb.connect() as connection:
        rows = connection.sql(
            f"SELECT id, mfa_meta FROM read_parquet('{tmp_path}/*.parquet', union_by_name = true)"
        ).fetchall()
    assert rows == [("a", None), ("a", None)]
    dataset = ds.dataset(tmp_path, schema=arrow_schema("directory"), format="parquet")
    assert dataset.to_table(columns=["id", "mfa_meta"]).num_rows == 2


def test_spark_reads_structs_and_timestamps(events: str) -> None:
    spark_sql = pytest.importorskip("pyspark.sql")
    spark = spark_sql.SparkSession.builder.master("local[1]").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    try:
        rows = (
            spark.read.parquet(f"{events}/org={ORG}/service=directory")
            .select("id", "geoip.country_code", "date")
            .collect()
        )
        assert [(row["id"], row["country_code"], row["date"]) for row in rows] == [("a", "FR", DAY)]
    finally:
        spark.stop()
