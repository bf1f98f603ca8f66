"""The SQL with which plain DuckDB, without this package, opens what was published; it runs none of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from insights_pipeline.lake import Lake
from insights_pipeline.settings import of_others
from insights_pipeline.warehouse.errors import WarehouseError
from insights_pipeline.warehouse.event_views import events_from_files
from insights_pipeline.warehouse.files import published_file, quoted


def open_sql(home: Path, lake: Lake) -> str:
    """Statements that work from any folder; raises WarehouseError where nothing was published yet.

    They attach the published file for reading alone, make its tables and macros the ones that are meant by a bare name,
    show times in UTC, and add a view of each service's typed files: the published view `events` has but the columns that
    every service has.
    """
    path = published_file(home)
    if not path.exists():
        raise WarehouseError(f"There is no published database at {path} yet: run `insights run` first.")
    services = sorted({file.key.service for file in lake.events_files()})
    views = [
        f"create or replace temp view {_identifier(f'events_{service}')} as {events_from_files(lake, service)};"
        for service in services
    ]
    lines = [
        "-- For DuckDB 1.4 and later, from any folder.",
        *_reaching(lake.place),
        f"attach if not exists {quoted(str(path))} as insights (read_only);",
        "use insights;",
        "set TimeZone = 'UTC';",
        "-- The events of each service with its own columns, read from the typed files.",
        *views,
    ]
    return "\n".join(lines) + "\n"


def _reaching(place: str) -> list[str]:
    """What plain DuckDB needs before it reads an object store; no secret is in it, each is found where the store's own tools look.

    The extensions are downloaded once, by `install`: a machine without a network needs their files put into
    ~/.duckdb/extensions before.
    """
    scheme, _, _ = place.partition("://")
    if scheme == "s3":
        options = ["type s3", "provider credential_chain", *_s3_options()]
        return [
            "install httpfs; load httpfs; install aws; load aws;",
            f"create or replace temporary secret insights_lake ({', '.join(options)});",
        ]
    if scheme == "gs":
        return [
            "install httpfs; load httpfs;",
            "-- Replace the two words by an HMAC key of Google Cloud Storage.",
            "create or replace temporary secret insights_lake (type gcs, key_id 'key', secret 'secret');",
        ]
    if scheme == "az":
        account = quoted(of_others("AZURE_STORAGE_ACCOUNT_NAME") or "account")
        return [
            "install azure; load azure;",
            f"create or replace temporary secret insights_lake (type azure, provider credential_chain, account_name {account});",
        ]
    return []


def _s3_options() -> Iterator[str]:
    """Of a store that is elsewhere than at Amazon, and of the region."""
    if region := of_others("AWS_REGION", "AWS_DEFAULT_REGION"):
        yield f"region {quoted(region)}"
    if endpoint := of_others("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"):
        parts = urlsplit(endpoint)
        yield f"endpoint {quoted(parts.netloc)}"
        yield "url_style 'path'"
        if parts.scheme == "http":
            yield "use_ssl false"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
