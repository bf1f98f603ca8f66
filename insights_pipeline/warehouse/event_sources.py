"""The dbt sources of the typed files, made from the declared columns, so that no column is described twice."""

from __future__ import annotations

import json
from typing import Final

from insights_pipeline.events import KNOWN_SERVICES, column_descriptions
from insights_pipeline.warehouse.event_views import OTHER_SERVICES, events_schema

EVENT_SOURCES_FILE: Final = "models/staging/_lake__events.yml"
"""Where the dbt project has them."""

_FOLDERS: Final = {
    "org": "Organization that was asked for.",
    "service": "Service that was asked for.",
    "date": "UTC day of the events.",
}

_HEAD: Final = f"""# Made by `insights schema --format dbt > dbt_project/{EVENT_SOURCES_FILE}`; columns are declared in events/fields.py.
version: 2

sources:
  - name: lake
    schema: lake
    tables:
"""


def event_sources() -> str:
    """The whole file, as YAML: a table for each known service, and one for all others."""
    tables = [_table(service, f"event of the {service} service", f"[events, {service}]") for service in KNOWN_SERVICES]
    return _HEAD + "".join([*tables, _table(OTHER_SERVICES, "event of a service that is not known by name")])


def _table(name: str, what: str, asset_key: str | None = None) -> str:
    descriptions = _FOLDERS | column_descriptions(name)
    lines = [f"      - name: {name}", f"        description: One row per {what}, changed days only."]
    if asset_key:
        lines.append(f"        config: {{meta: {{dagster: {{asset_key: {asset_key}}}}}}}")
    lines.append("        columns:")
    lines += [
        # A JSON string is a YAML string; a name is quoted too, since `on` would be a boolean.
        f"          - {{name: {json.dumps(column)}, description: {json.dumps(descriptions[column], ensure_ascii=False)}}}"
        for column in events_schema(name).names
    ]
    return "\n".join(lines) + "\n"
