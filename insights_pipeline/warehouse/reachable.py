"""Lets DuckDB reach a lake in an object store, without a download; on a local disk there is nothing to do."""

from __future__ import annotations

import duckdb

from insights_pipeline.lake import Lake, LakeError, filesystem_of
from insights_pipeline.warehouse.errors import WarehouseError


def make_reachable(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """For who knows the lake."""
    _register(connection, lake.place)


def make_published_reachable(connection: duckdb.DuckDBPyConnection) -> None:
    """For who has but a published database open: its view `events` says where the typed files are.

    Raises WarehouseError where they are in an object store and the extra for it isn't installed.
    """
    found = connection.execute(
        r"select regexp_extract(sql, '''([a-z0-9]+://[^*'']*)', 1) from duckdb_views() where view_name = 'events'"
    ).fetchall()
    try:
        _register(connection, found[0][0] if found else "")
    except LakeError as error:
        raise WarehouseError(str(error)) from None


def _register(connection: duckdb.DuckDBPyConnection, place: str) -> None:
    filesystem = filesystem_of(place)
    # Connections of one process to the same file share what was registered.
    if filesystem is not None and not connection.filesystem_is_registered(filesystem.protocol):
        connection.register_filesystem(filesystem)
