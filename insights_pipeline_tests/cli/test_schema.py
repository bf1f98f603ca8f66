"""`insights schema`: the data dictionary, and the dbt sources that are made from it."""

import csv
import io
import json

from insights_pipeline.events import KNOWN_SERVICES, arrow_schema
from insights_pipeline.warehouse import EVENT_SOURCES_FILE, PROJECT_FOLDER, event_sources
from insights_pipeline_tests.cli.conftest import Insights


def test_every_column_of_every_service_is_told_with_type_and_meaning(insights: Insights) -> None:
    rows = list(csv.DictReader(io.StringIO(insights("schema", "--format", "csv").out)))
    for service in KNOWN_SERVICES:
        told = [row["column"] for row in rows if row["service"] == service and "." not in row["column"]]
        assert told == arrow_schema(service).names
    assert all(row["type"] and row["description"] for row in rows)


def test_members_of_structs_are_told_below_them(insights: Insights) -> None:
    rows = [json.loads(line) for line in insights("schema", "--service", "radius", "--format", "json").out.splitlines()]
    columns = [row["column"] for row in rows]
    assert columns[columns.index("outer") + 1] == "outer.eap_type"
    assert {row["type"] for row in rows if row["column"] == "geoip.latitude"} == {"double"}


def test_the_dbt_project_has_the_sources_that_the_declared_columns_make(insights: Insights) -> None:
    """Make it again as its first line says."""
    assert (PROJECT_FOLDER / EVENT_SOURCES_FILE).read_text() == event_sources()
    assert insights("schema", "--format", "dbt").out == event_sources()
