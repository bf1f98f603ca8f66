"""A run whose lake is in an object store publishes what one on disk publishes, row for row, and every command reads it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from insights_pipeline.emulator import DEMO_API_KEY, Tenant, serve
from insights_pipeline.lake import DayKey, Lake, filesystem_of
from insights_pipeline_tests.demo import program
from insights_pipeline_tests.object_store import ObjectStore, needs_object_store
from insights_pipeline_tests.processes import bare_environment

pytestmark = needs_object_store

DAYS = [datetime.now(UTC).date() - timedelta(days=back) for back in (4, 3, 2)]
SERVICES = ("directory", "sso", "radius")

# When something was asked and when it was answered differ from run to run.
_OF_THE_RUN = {"counted_at", "fetched_at"}


@dataclass(frozen=True)
class Company:
    """The same days of the same tenant, with a lake in each place."""

    on_disk: Path
    in_store: Path
    address: str
    variables: dict[str, str]

    def insights(self, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        own = {"INSIGHTS_HOME": str(home)} | ({"INSIGHTS_LAKE": self.address} if home == self.in_store else {})
        return subprocess.run(
            [program(), *arguments],
            env=bare_environment({**self.variables, **own}),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, object_store_server: ObjectStore) -> Iterator[Company]:
    """On disk all days are collected at once, in the store the last one by a run of its own, after one was collected anew."""
    folder = tmp_path_factory.mktemp("homes")
    with serve(Tenant.invented(seed=5, last_day=DAYS[-1], days=len(DAYS), events_per_day=200)) as emulator:
        variables = object_store_server.variables | {
            "JUMPCLOUD_API_URL": emulator.url,
            "JUMPCLOUD_API_KEY": DEMO_API_KEY,
            "INSIGHTS_SERVICES": ",".join(SERVICES),
            "INSIGHTS_START_DATE": DAYS[0].isoformat(),
            "INSIGHTS_SETTLE_MINUTES": "0",
            "INSIGHTS_MAX_REQUESTS_PER_SECOND": "1000",
        }
        made = Company(folder / "disk", folder / "store", object_store_server.address("company"), variables)
        _succeed(made.insights(made.on_disk, "run", *_range(DAYS)))
        _succeed(made.insights(made.in_store, "run", *_range(DAYS[:2])))
        with pytest.MonkeyPatch.context() as patch:
            for name, value in object_store_server.variables.items():
                patch.setenv(name, value)
            Lake(made.address).remove_folder(DayKey("self", "directory", DAYS[0]).events_folder)
        _succeed(made.insights(made.in_store, "run", *_range(DAYS)))
        yield made


def _range(days: list[date]) -> list[str]:
    return ["--from", days[0].isoformat(), "--to", days[-1].isoformat()]


def _succeed(run: subprocess.CompletedProcess[str]) -> None:
    assert run.returncode == 0, run.stdout + run.stderr


def _tables(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(home / "insights.duckdb"), read_only=True) as connection:
        tables = {}
        for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall():
            columns = [row[0] for row in connection.execute(f"select column_name from (describe {name})").fetchall()]
            kept = ", ".join(f'"{column}"' for column in columns if column not in _OF_THE_RUN)
            tables[name] = connection.execute(f"select {kept} from {name} order by all").fetchall()
        return tables


def test_every_published_table_is_the_same_row_for_row(company: Company) -> None:
    on_disk, in_store = _tables(company.on_disk), _tables(company.in_store)
    assert on_disk.keys() == in_store.keys()
    assert len(on_disk["authentications"]) > 50
    for name, rows in on_disk.items():
        assert in_store[name] == rows, name


def test_nothing_of_the_lake_is_on_the_disk(company: Company) -> None:
    assert not (company.in_store / "lake").exists()


def test_typed_events_can_be_asked_for_by_the_command(company: Company) -> None:
    question = "select service, count(*) as events, min(id) as id from events group by all order by all"
    answers = [
        company.insights(home, "query", question, "--format", "json") for home in (company.on_disk, company.in_store)
    ]
    for answer in answers:
        _succeed(answer)
    assert answers[0].stdout == answers[1].stdout
    assert '"service":"sso"' in answers[1].stdout.replace(" ", "")


def test_coverage_drift_and_doctor_read_the_store(company: Company) -> None:
    for command in ("coverage", "drift"):
        on_disk, in_store = (company.insights(home, command) for home in (company.on_disk, company.in_store))
        assert (in_store.returncode, in_store.stdout) == (on_disk.returncode, on_disk.stdout)
    doctor = company.insights(company.in_store, "doctor")
    assert f"ok    lake {company.address} can be written, 9 days of services in it" in doctor.stdout
    assert company.variables["AWS_SECRET_ACCESS_KEY"] not in doctor.stdout + doctor.stderr


def test_a_report_is_written_from_it(company: Company) -> None:
    _succeed(company.insights(company.in_store, "report"))


def test_what_plain_duckdb_needs_is_told_without_a_secret(company: Company) -> None:
    sql = company.insights(company.in_store, "open-sql").stdout
    port = company.variables["AWS_ENDPOINT_URL"].rpartition(":")[2]
    assert (
        "create or replace temporary secret insights_lake (type s3, provider credential_chain, region 'us-east-1', "
        f"endpoint '127.0.0.1:{port}', url_style 'path', use_ssl false);"
    ) in sql
    assert company.variables["AWS_SECRET_ACCESS_KEY"] not in sql
    reading = sql.partition("insights_lake")[2].partition(";\n")[2]
    with duckdb.connect() as connection:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in company.variables.items():
                patch.setenv(name, value)
            connection.register_filesystem(filesystem_of(company.address))
            connection.execute(reading)
            ((events,),) = connection.execute("select count(*) from events_sso").fetchall()
        assert events > 0


def test_a_store_that_is_away_is_one_sentence_and_exit_code_2(company: Company) -> None:
    company.variables["AWS_ENDPOINT_URL"], kept = "http://127.0.0.1:9", company.variables["AWS_ENDPOINT_URL"]
    try:
        for command in (["run"], ["query", "select count(*) from events"]):
            refused = company.insights(company.in_store, *command)
            assert refused.returncode == 2
            assert "Traceback" not in refused.stderr
            assert "127.0.0.1:9" in refused.stderr
    finally:
        company.variables["AWS_ENDPOINT_URL"] = kept
