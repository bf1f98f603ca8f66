"""Raw pages in an in-memory DuckDB: read, typed, told apart. Which pages and what becomes of the rows is `normalize`'s."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, Literal, cast

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insights_pipeline.events import statements
from insights_pipeline.events.pages import NOT_AN_ARRAY, CorruptPage, Page
from insights_pipeline.events.rejects import Reason, Reject
from insights_pipeline.events.schema import service_fields
from insights_pipeline.events.shape import Findings, Probe
from insights_pipeline.events.surrogates import mended
from insights_pipeline.events.typed import ROWS_PER_CHUNK, Chunk

# DuckDB's reader takes objects up to this size unless told otherwise, and reserves a multiple of it for each thread.
_USUAL_OBJECT_BYTES: Final = 16 * 2**20

# What DuckDB raises about a page or a JSON text that it can't read. Its message can quote it, so it is not passed on.
_UNREADABLE: Final = (duckdb.InvalidInputException, duckdb.IOException, duckdb.ConversionException)

# `event` is JSON that can be read; `verbatim` is the event as received where that can't be, else null.
_COLUMNS: Final = """page INTEGER, event JSON, verbatim VARCHAR, shape UBIGINT, id VARCHAR, timestamp_text VARCHAR,
    instant TIMESTAMPTZ, nanoseconds SMALLINT, scattered BOOLEAN, reason VARCHAR"""

_BODY: Final = "coalesce(verbatim, event::VARCHAR)"

# DuckDB's own hash gives equal numbers to 120 in 40,000 ids that differ in two of their 24 digits.
_ID_HASH: Final = "md5_number_lower(id)"

Ids = npt.NDArray[np.uint64]
"""One number for each event: equal ids have equal numbers, and hardly any others do."""

Table = Literal["staged", "aside"]
"""The events that are loaded, and those that wait for the part of the day they belong to."""


class Staging:
    """The events of some pages of one service, each with the columns that its fields give."""

    def __init__(self, service: str, pages: Sequence[Page], connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._fields = service_fields(service)
        self._probe = Probe(self._fields)
        self._findings: dict[int, Findings] = {}
        connection.register("page", _table_of(pages))
        connection.execute(f"CREATE TEMP TABLE aside ({_COLUMNS})")
        connection.execute("CREATE TEMP TABLE mended (page INTEGER, event JSON, verbatim VARCHAR)")

    def load(self, pages: Sequence[Page]) -> list[CorruptPage]:
        """Takes the place of what was loaded before; gives the pages that are not JSON arrays of as many rows as landed."""
        corrupt: list[CorruptPage] = []
        self._connection.execute("TRUNCATE mended")
        try:
            self._read(pages, _USUAL_OBJECT_BYTES)
        except _UNREADABLE:
            refused = [page for page in pages if not self._readable(page)]
            corrupt = [CorruptPage(page.file, NOT_AN_ARRAY) for page in refused if not self._mend(page)]
            readable = [page for page in pages if page not in refused]
            self._read(readable, max((page.raw_bytes for page in readable), default=0))
            unusable = {page.file for page in corrupt}
            pages = [page for page in pages if page.file not in unusable]
        corrupt += self._short(pages)
        self._judge("staged", "event")
        self._gather()
        self._describe()
        return corrupt

    def outside(self, start: datetime, end: datetime) -> int:
        """Drops the events that did not happen in [start, end), UTC; gives how many those are."""
        return self._changed("DELETE FROM staged WHERE instant < $start OR instant >= $end", start=start, end=end)

    def reject(self) -> list[Reject]:
        """Takes out the events that can't be placed or told apart, each body once."""
        rows = self._connection.execute(
            f"""SELECT reason, min_by(p.file, p.number), min(p.fetched_at), {_BODY}
            FROM staged JOIN page p ON p.number = staged.page WHERE reason IS NOT NULL GROUP BY ALL"""
        ).fetchall()
        if rows:
            self._connection.execute("DELETE FROM staged WHERE reason IS NOT NULL")
        return [Reject(Reason(reason), file, fetched_at, event) for reason, file, fetched_at, event in rows]

    def set_aside(self, start: datetime, end: datetime, contested: Ids | None = None) -> None:
        """Takes out the events that did not happen in [start, end), and those of such ids; they wait aside."""
        leaving = self._leaving(start, end, contested)
        self._connection.execute(f"INSERT INTO aside FROM staged WHERE {leaving}")
        self._connection.execute(f"DELETE FROM staged WHERE {leaving}")

    def leave_out(self, start: datetime, end: datetime, contested: Ids) -> None:
        """Drops the events that `set_aside` would take."""
        self._connection.execute(f"DELETE FROM staged WHERE {self._leaving(start, end, contested)}")

    def empty_aside(self) -> None:
        """Forgets the events that wait."""
        self._connection.execute("TRUNCATE aside")

    def waiting(self) -> int:
        """How many events wait aside."""
        return self._scalar("SELECT count(*) FROM aside")

    def bring_back(self, start: datetime, end: datetime) -> None:
        """Puts the events that wait aside and happened in [start, end) among the loaded ones."""
        window = {"start": start, "end": end}
        self._connection.execute("INSERT INTO staged FROM aside WHERE instant >= $start AND instant < $end", window)
        self._connection.execute("DELETE FROM aside WHERE instant >= $start AND instant < $end", window)

    def id_hashes(self, table: Table) -> Ids:
        hashes = self._connection.sql(f"SELECT {_ID_HASH} AS id FROM {table}").to_arrow_table()
        return cast(Ids, hashes["id"].to_numpy())

    def deduplicate(self, table: Table) -> tuple[int, list[Reject]]:
        """Keeps of each id the row fetched last; gives how many copies went, and each other body once as a reject.

        Rows of one page are told apart by their text, so that the choice does not hang on the order of reading.
        """
        if not self._scalar(f"SELECT count(*) - count(DISTINCT id) FROM {table}"):
            return 0, []
        self._connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE contested AS
            SELECT contested_row, page, body, row_number() OVER newest AS place,
                first_value(body) OVER newest = body AS same_body,
                row_number() OVER (PARTITION BY id, body ORDER BY page DESC) AS copy
            FROM (
                SELECT rowid AS contested_row, page, id, {_BODY} AS body FROM {table}
                WHERE id IN (SELECT id FROM {table} GROUP BY id HAVING count(*) > 1)
            )
            WINDOW newest AS (PARTITION BY id ORDER BY page DESC, body DESC)"""
        )
        self._connection.execute(
            f"DELETE FROM {table} WHERE rowid IN (SELECT contested_row FROM contested WHERE place > 1)"
        )
        losers = self._connection.execute(
            """SELECT p.file, p.fetched_at, body FROM contested JOIN page p ON p.number = contested.page
            WHERE NOT same_body AND copy = 1"""
        ).fetchall()
        removed = self._scalar("SELECT count(*) FROM contested WHERE place > 1")
        rejects = [Reject(Reason.CONFLICT, file, fetched_at, body) for file, fetched_at, body in losers]
        return removed - len(rejects), rejects

    def in_order(self) -> Iterator[Chunk]:
        """What is loaded, by timestamp to the nanosecond, then id."""
        misfits = frozenset(path for findings in self._findings.values() for path in findings.misfits)
        present = frozenset(path for findings in self._findings.values() for path in findings.present)
        query = f"""SELECT id, instant AS "timestamp", timestamp_text, {_BODY} AS event, p.fetched_at,
                CASE WHEN verbatim IS NOT NULL THEN event::VARCHAR END AS document, scattered, s.misfits AS shape_misfits
            FROM staged JOIN shape s USING (shape) JOIN page p ON p.number = staged.page
            ORDER BY instant, nanoseconds, id"""
        for batch in self._connection.sql(query).to_arrow_reader(ROWS_PER_CHUNK):
            yield Chunk(pa.Table.from_batches([batch]), misfits, present)

    def unknown_fields(self) -> dict[str, int]:
        """Paths of members that no field describes, and how many of the events have them."""
        counts: dict[str, int] = {}
        for shape, events in self._connection.execute("SELECT shape, count(*) FROM staged GROUP BY shape").fetchall():
            for path in self._findings[shape].unknown_fields:
                counts[path] = counts.get(path, 0) + events
        return counts

    def _read(self, pages: Sequence[Page], object_bytes: int) -> None:
        events = "FROM mended"
        parameters: dict[str, Any] = {}
        if pages:
            parameters = {"files": [page.location for page in pages], "bytes": object_bytes}
            events += """ UNION ALL SELECT p.number, json, NULL
                FROM read_json_objects(
                    $files, format = 'array', filename = true, maximum_object_size = $bytes, compression = 'zstd'
                ) JOIN page p ON p.location = filename"""
        self._connection.execute(
            # One level of query for each step, so that nothing is computed twice.
            f"""CREATE OR REPLACE TEMP TABLE staged AS
            SELECT page, event, verbatim, shape, id, timestamp_text, instant, nanoseconds, false AS scattered,
                CASE
                    WHEN NOT is_object THEN '{Reason.NOT_AN_OBJECT}'
                    WHEN id IS NULL THEN '{Reason.NO_ID}'
                    WHEN instant IS NULL AND NOT has_timestamp THEN '{Reason.NO_TIMESTAMP}'
                    WHEN instant IS NULL THEN '{Reason.UNREADABLE_TIMESTAMP}'
                END AS reason
            FROM (
                SELECT page, event, verbatim, hash(kinds, keys) AS shape, texts[2] AS timestamp_text,
                    kinds[1] = 'OBJECT' AS is_object,
                    CASE WHEN kinds[2] = 'VARCHAR' THEN nullif(texts[1], '') END AS id,
                    coalesce(kinds[3], 'NULL') <> 'NULL' AS has_timestamp,
                    CASE WHEN kinds[3] = 'VARCHAR' THEN instant(texts[2]) END AS instant,
                    beyond_microsecond(texts[2]) AS nanoseconds
                FROM (
                    SELECT *, {self._shape("event")}, json_extract_string(event, ['/id', '/timestamp']) AS texts
                    FROM ({events})
                )
            )""",
            parameters,
        )

    def _shape(self, document: str) -> str:
        return f"""{statements.shape_types(self._probe, document)} AS kinds,
            {statements.shape_keys(self._probe, document)} AS keys"""

    def _readable(self, page: Page) -> bool:
        try:
            self._read([page], page.raw_bytes)
        except _UNREADABLE:
            return False
        return True

    def _mend(self, page: Page) -> bool:
        """Whether the page could be read after all; its events are in `mended` then."""
        events = mended(page.location)
        if events is None:
            return False
        readable, verbatim = zip(*events, strict=True)
        table = pa.table({"event": pa.array(readable), "verbatim": pa.array(verbatim)})
        self._connection.register("arrow_table", table)
        try:
            self._connection.execute(
                "INSERT INTO mended SELECT $page, event::JSON, nullif(verbatim, event) FROM arrow_table",
                {"page": page.number},
            )
        except _UNREADABLE:
            return False
        finally:
            self._connection.unregister("arrow_table")
        return True

    def _short(self, pages: Sequence[Page]) -> list[CorruptPage]:
        """DuckDB takes an array that is cut between two events for a shorter one."""
        read = dict(self._connection.execute("SELECT page, count(*) FROM staged GROUP BY page").fetchall())
        return [
            CorruptPage(page.file, f"holds {read.get(page.number, 0)} events where {page.rows} were landed")
            for page in pages
            if read.get(page.number, 0) != page.rows
        ]

    def _gather(self) -> None:
        """Marks those events whose structs lie in other places than their fields say; their shape is that when gathered."""
        elsewhere = [shape for shape, findings in self._findings.items() if findings.elsewhere]
        if not elsewhere:
            return
        self._connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE gathered AS
            SELECT staged_row, document, hash(kinds, keys) AS shape
            FROM (
                SELECT staged_row, document, {self._shape("document")}
                FROM (
                    SELECT staged.rowid AS staged_row, {statements.in_one_place(self._fields, "event")} AS document
                    FROM staged WHERE shape IN (SELECT unnest($shapes::UBIGINT[]))
                )
            )""",
            {"shapes": elsewhere},
        )
        self._judge("gathered", "document")
        self._connection.execute(
            "UPDATE staged SET shape = gathered.shape, scattered = true FROM gathered WHERE staged.rowid = staged_row"
        )
        self._connection.execute("DROP TABLE gathered")

    def _judge(self, table: str, document: str) -> None:
        """Judges one event of each shape that has not been seen before."""
        samples = self._connection.execute(
            f"""SELECT shape, {statements.shape_types(self._probe, "sample")}, {statements.shape_keys(self._probe, "sample")}
            FROM (
                SELECT shape, any_value({document}) AS sample FROM {table}
                WHERE shape NOT IN (SELECT unnest($known::UBIGINT[])) GROUP BY shape
            )""",
            {"known": list(self._findings)},
        ).fetchall()
        self._findings |= {shape: self._probe.judge(kinds, keys) for shape, kinds, keys in samples}

    def _describe(self) -> None:
        """Puts what is known of the shapes beside the events."""
        shapes = pa.table(
            {
                "shape": pa.array(self._findings, pa.uint64()),
                "misfits": pa.array([list(found.misfits) for found in self._findings.values()], pa.list_(pa.string())),
            }
        )
        self._connection.register("shape", shapes)

    def _leaving(self, start: datetime, end: datetime, contested: Ids | None) -> str:
        condition = f"(instant < '{start.isoformat()}' OR instant >= '{end.isoformat()}')"
        if contested is None:
            return condition
        self._connection.register("contested_id", pa.table({"id": pa.array(contested)}))
        return f"({condition} OR {_ID_HASH} IN (SELECT id FROM contested_id))"

    def _changed(self, statement: str, **parameters: Any) -> int:
        (count,) = self._connection.execute(statement, parameters).fetchall()[0]
        return int(count)

    def _scalar(self, query: str) -> int:
        (value,) = self._connection.execute(query).fetchall()[0]
        return int(value)


def _table_of(pages: Sequence[Page]) -> pa.Table:
    return pa.table(
        {
            "number": pa.array([page.number for page in pages], pa.int32()),
            "file": pa.array([page.file for page in pages], pa.string()),
            "location": pa.array([page.location for page in pages], pa.string()),
            "fetched_at": pa.array([page.fetched_at for page in pages], pa.timestamp("us", tz="UTC")),
        }
    )
