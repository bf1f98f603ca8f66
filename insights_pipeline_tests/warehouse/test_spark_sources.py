"""What Spark is told of days and places, as text."""

from __future__ import annotations

from datetime import date

from insights_pipeline.lake import DayKey
from insights_pipeline.warehouse.spark.sources import days_condition
from insights_pipeline.warehouse.spark.tables import as_spark_names


def test_days_are_told_by_service_as_ranges() -> None:
    days = [DayKey("a'b", "sso", date(2026, 2, day)) for day in (1, 2, 3, 7)] + [
        DayKey("a'b", "ldap", date(2026, 2, 1))
    ]
    assert days_condition(days) == (
        r"(org = 'a\'b' and service = 'ldap' and (date between date'2026-02-01' and date'2026-02-01')) or "
        r"(org = 'a\'b' and service = 'sso' and (date between date'2026-02-01' and date'2026-02-03' or "
        "date between date'2026-02-07' and date'2026-02-07'))"
    )


def test_without_a_changed_day_no_row_is_read() -> None:
    assert days_condition([]) == "false"


def test_s3_has_the_name_that_hadoop_gives_it_and_other_places_keep_theirs() -> None:
    assert as_spark_names("s3://bucket/lake/events") == "s3a://bucket/lake/events"
    assert as_spark_names("gs://bucket/s3://events") == "gs://bucket/s3://events"
    assert as_spark_names("/srv/lake/events") == "/srv/lake/events"
