"""Raw pages read: a row an event, with what places it and the JSON of each of its known members. Nothing is typed here.

Most pages are cut (`cutting`); DuckDB reads those that can't be.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights_pipeline.events import placing
from insights_pipeline.events.cutting import BETWEEN_KEYS, Cut, cut
from insights_pipeline.events.database import session
from insights_pipeline.events.field import Field
from insights_pipeline.events.pages import NOT_AN_ARRAY, CorruptPage, Page
from insights_pipeline.events.placing import ORDER, UNPLACED
from insights_pipeline.events.rejects import Reason
from insights_pipeline.events.statements import literal, quoted
from insights_pipeline.events.surrogates import mended

# DuckDB's reader takes objects up to this size unless told otherwise, and reserves a multiple of it for each thread.
_USUAL_OBJECT_BYTES: Final = 4 * 2**20
# What DuckDB may take where a page has a larger event, or none that can be read: 300 MB are too few for one of 20 MB.
_MEMORY_FOR_LARGE_OBJECTS: Final = "2GB"

# What DuckDB raises about a page or a JSON text that it can't read. Its message can quote it, so it is not passed on.
# Behind a reader of Arrow batches it becomes an OSError.
_UNREADABLE: Final = (duckdb.InvalidInputException, duckdb.IOException, duckdb.ConversionException, OSError)

# A column of text in Arrow holds 2 GB: 200 kB for each event of a batch.
_ROWS_PER_BATCH: Final = 10_000

# So many events tell nearly all members that a day's events have.
_SAMPLE_ROWS: Final = 500

_MEND: Final = pa.schema([("page", pa.int32()), ("event", pa.string()), ("readable", pa.string())])


def member_column(key: str) -> str:
    """The name that a member of the event has among the columns of a row: its JSON pointer."""
    return f"/{key}"


def root_keys(field: Field) -> tuple[str, ...]:
    """The members of an event that a field is made from, the one where it is expected first."""
    elsewhere = (pointer.split("/")[1] for pointer in field.elsewhere)
    return tuple(dict.fromkeys((*field.json_keys, *elsewhere)))


class Reader:
    """Reads pages of one service. Which members its events have is learned from them, so that no other is looked for."""

    def __init__(self, fields: Sequence[Field], connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._known = frozenset(key for field in fields for key in root_keys(field))
        self._present: set[str] = set()

    def rows(self, pages: Sequence[Page]) -> tuple[pa.Table, list[CorruptPage]]:
        """The events of the pages, and the pages that are not JSON arrays of as many rows as landed.

        Columns: `page` (its number), `event` (the JSON exactly as received), `keys` (see `keys_of_events`), `id`,
        `timestamp_text`, `instant` (UTC, cut to the microsecond), `nanoseconds` (what was cut off it), `reason` (why it
        can't be placed or told apart, else null), and `member_column(key)` for each known member that one of them has:
        its JSON. JSON null is null. Of members with one name the first is read.
        """
        tables: list[pa.Table] = []
        uncut: list[Page] = []
        for page in pages:
            pieces = _cut(page)
            if pieces is None:
                uncut.append(page)
            else:
                tables.append(self._placed(page, pieces))
        corrupt: list[CorruptPage] = []
        if uncut or not tables:
            table, corrupt = self._parsed(uncut)
            tables.append(table)
        unusable = {page.file for page in corrupt}
        together = pa.concat_tables(tables, promote_options="default")
        return together, [*corrupt, *_short(together, [page for page in pages if page.file not in unusable])]

    def _placed(self, page: Page, pieces: Cut) -> pa.Table:
        """The events of a page that was cut, in order of time and id: so they seldom have to be moved again."""
        as_sent = np.arange(pieces.events)
        ids, timestamps = (pieces.member(key, as_sent) for key in ("id", "timestamp"))
        placed = placing.placed(self._connection, ids, timestamps)
        places = pc.sort_indices(placed, [(name, "ascending") for name in ORDER])
        order = places.to_numpy().astype(np.int64)
        return pa.table(
            {
                "page": pa.array(np.full(pieces.events, page.number, np.int32)),
                "event": pieces.text(order),
                "keys": pieces.keys(order),
                **dict(zip(placed.column_names, placed.take(places).columns, strict=True)),
                **{member_column(key): pieces.member(key, order) for key in sorted(self._known & pieces.members)},
            }
        )

    def _parsed(self, pages: Sequence[Page]) -> tuple[pa.Table, list[CorruptPage]]:
        """The same of pages that can't be cut, without a check of how many events they hold."""
        corrupt: list[CorruptPage] = []
        if not self._present and pages:
            self._learn(self._sample(pages))
        try:
            table = self._read(self._connection, pages)
        except (*_UNREADABLE, duckdb.OutOfMemoryException):
            with session(_MEMORY_FOR_LARGE_OBJECTS) as roomy:
                table, corrupt = self._read_each(roomy, pages)
        unseen = self._unseen(table)
        if unseen:
            self._learn(unseen)
            return self._parsed(pages)
        return table, corrupt

    def _sample(self, pages: Sequence[Page]) -> list[str]:
        try:
            return [
                key
                for (key,) in self._connection.execute(
                    f"""SELECT DISTINCT unnest(json_keys(json)) FROM (
                        SELECT json FROM {_objects(pages[:1], _USUAL_OBJECT_BYTES)} LIMIT {_SAMPLE_ROWS}
                    )"""
                ).fetchall()
            ]
        except _UNREADABLE:
            return []

    def _learn(self, keys: Iterable[str]) -> None:
        self._present.update(key for key in keys if key in self._known)

    def _unseen(self, table: pa.Table) -> set[str]:
        """Known members that events have though they were not looked for."""
        present = {key for keys, _ in keys_of_events(table) for key in keys}
        return (present & self._known) - self._present

    def _read_each(
        self, connection: duckdb.DuckDBPyConnection, pages: Sequence[Page]
    ) -> tuple[pa.Table, list[CorruptPage]]:
        """What can be read of pages one of which can't, and those that can't."""
        refused = [page for page in pages if not self._readable(connection, page)]
        mends = {page.number: self._mended(connection, page) for page in refused}
        corrupt = [CorruptPage(page.file, NOT_AN_ARRAY) for page in refused if mends[page.number] is None]
        readable = [page for page in pages if page not in refused]
        object_bytes = max((page.raw_bytes for page in readable), default=0)
        sound_mends = [mend for mend in mends.values() if mend is not None]
        return self._read(connection, readable, sound_mends, object_bytes=object_bytes), corrupt

    def _readable(self, connection: duckdb.DuckDBPyConnection, page: Page) -> bool:
        try:
            self._read(connection, [page], object_bytes=page.raw_bytes)
        except _UNREADABLE:
            return False
        return True

    def _mended(self, connection: duckdb.DuckDBPyConnection, page: Page) -> pa.Table | None:
        """The events of a page that DuckDB refuses, as received and so that it can read them; None where there is no way."""
        events = mended(page.location)
        if events is None:
            return None
        readable, verbatim = zip(*events, strict=True)
        mend = pa.table([[page.number] * len(events), verbatim, readable], schema=_MEND)
        try:
            self._read(connection, (), [mend])
        except _UNREADABLE:
            return None
        return mend

    def _read(
        self,
        connection: duckdb.DuckDBPyConnection,
        pages: Sequence[Page],
        mends: Sequence[pa.Table] = (),
        *,
        object_bytes: int = _USUAL_OBJECT_BYTES,
    ) -> pa.Table:
        sources = []
        if any(page.rows for page in pages):
            sources.append(
                "SELECT number AS page, json::VARCHAR AS event, json AS readable "
                f"FROM {_objects(pages, object_bytes)} JOIN page ON location = filename"
            )
            connection.register("page", _table_of(pages))
        if mends or not sources:
            sources.append("SELECT page, event, readable::JSON AS readable FROM mend")
            connection.register("mend", pa.concat_tables([_MEND.empty_table(), *mends]))
        present = sorted(self._present)
        query = _query(" UNION ALL ".join(sources), present)
        with connection.sql(query).to_arrow_reader(_ROWS_PER_BATCH) as batches:
            table = pa.Table.from_batches(batches, batches.schema)
        made = table.num_columns - len(present)
        return table.rename_columns([*table.column_names[:made], *map(member_column, present)])


def _cut(page: Page) -> Cut | None:
    try:
        stored = Path(page.location).read_bytes()
        content: bytes = pa.Codec("zstd").decompress(stored, page.raw_bytes, asbytes=True)
    except OSError:
        return None
    return cut(content)


def _query(source: str, present: Sequence[str]) -> str:
    """One level of query for each step, so that nothing is computed twice. The present members are its last columns."""
    read = {key.lower(): key for key in present}.values()
    structure = {"id": "JSON", "timestamp": "VARCHAR"} | dict.fromkeys(read, "JSON")
    # To DuckDB the members of a struct are the same if their names differ in case alone, as geoip and Geoip do.
    members = [
        f"t.{quoted(key)}" if key in read else f"nullif(json_extract(readable, {literal('/' + key)}), 'null'::JSON)"
        for key in present
    ]
    return f"""SELECT page, event, keys, id, timestamp_text, instant, nanoseconds,
            CASE
                WHEN keys = '' AND coalesce(json_type(readable), '') <> 'OBJECT' THEN '{Reason.NOT_AN_OBJECT}'{UNPLACED}{"".join(f", {member}::VARCHAR" for member in members)}
        FROM (
            SELECT page, event, readable, keys, t, t."timestamp" AS timestamp_text, nullif(json_text(t.id), '') AS id,
                instant(t."timestamp") AS instant, beyond_microsecond(t."timestamp") AS nanoseconds
            FROM (
                SELECT page, event, readable, array_to_string(json_keys(readable), {literal(BETWEEN_KEYS)}) AS keys,
                    json_transform(readable, {literal(json.dumps(structure))}) AS t
                FROM ({source})
            )
        )"""


def keys_of_events(table: pa.Table) -> list[tuple[frozenset[str], int]]:
    """The different sets of members that the rows' events have, and how many have each."""
    counts = table["keys"].drop_null().value_counts().to_pylist()
    return [(frozenset(entry["values"].split(BETWEEN_KEYS)), entry["counts"]) for entry in counts]


def _objects(pages: Sequence[Page], object_bytes: int) -> str:
    """A table function: the elements of the pages' arrays as `json`, and the `filename` of each."""
    files = ", ".join(literal(page.location) for page in pages)
    return f"""read_json_objects(
        [{files}], format = 'array', filename = true, maximum_object_size = {object_bytes}, compression = 'zstd'
    )"""


def _short(table: pa.Table, pages: Sequence[Page]) -> list[CorruptPage]:
    """DuckDB takes an array that is cut between two events for a shorter one."""
    read = np.bincount(table["page"].to_numpy(), minlength=max((page.number for page in pages), default=0) + 1)
    return [
        CorruptPage(page.file, f"holds {read[page.number]} events where {page.rows} were landed")
        for page in pages
        if read[page.number] != page.rows
    ]


def _table_of(pages: Sequence[Page]) -> pa.Table:
    return pa.table(
        {
            "number": pa.array([page.number for page in pages], pa.int32()),
            "location": pa.array([page.location for page in pages], pa.string()),
        }
    )
