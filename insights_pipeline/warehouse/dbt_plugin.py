"""What dbt's connections are told before a build, by the name that dbt_project/profiles.yml has for it."""

from __future__ import annotations

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from insights_pipeline.lake import Lake
from insights_pipeline.settings import of_others
from insights_pipeline.warehouse.reachable import make_reachable


class Plugin(BasePlugin):
    """Lets the models read a lake in an object store, whose address is in INSIGHTS_LAKE."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Called once for each database that dbt opens."""
        if place := of_others("INSIGHTS_LAKE"):
            make_reachable(conn, Lake(place))
