"""What the published database says of itself: its tables and columns, as rows and as a page of documentation."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Final

import pyarrow as pa

from insights_pipeline.warehouse.query import query

_COLUMNS: Final = """
    select c.table_name as "table", t.comment as about, c.column_name as "column", c.data_type as type,
        coalesce(c.comment, '') as description
    from duckdb_columns() as c
    join (
        select schema_name, table_name, comment from duckdb_tables()
        union all
        select schema_name, view_name, comment from duckdb_views()
    ) as t using (schema_name, table_name)
    where c.schema_name = 'main' and not c.internal
    order by c.table_name, c.column_index
"""

_HEAD: Final = """# The published tables

What `insights.duckdb` holds, in its schema `main`. The database says the same of itself (`duckdb_tables()`,
`duckdb_columns()`). This page is made by `insights schema --published --format markdown`; the descriptions are those of
the dbt models. Times are UTC.
"""


def published_schema(home: Path) -> pa.Table:
    """A row a column: `table`, `about` (the table's own description), `column`, `type`, `description`; raises WarehouseError."""
    return query(home, _COLUMNS)


def as_markdown(columns: pa.Table) -> str:
    """The page `docs/tables.md`."""
    tables = groupby(columns.to_pylist(), key=lambda row: (row["table"], row["about"]))
    return _HEAD + "".join(
        f"\n## {table}\n\n{about}\n\n| column | type | meaning |\n|---|---|---|\n"
        + "".join(f"| `{row['column']}` | {_cell(row['type'])} | {_cell(row['description'])} |\n" for row in rows)
        for (table, about), rows in tables
    )


def _cell(text: str) -> str:
    """A bar would end the cell, a line break the table, and `<id>` would be a tag."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())
