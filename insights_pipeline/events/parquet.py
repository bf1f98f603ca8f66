"""How typed events lie in a Parquet file: row groups, encodings, compression. What the columns are is said in `schema`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

# Large enough for long runs of equal values, small enough that a time filter skips most of a day. Of 60,000 rows the file is
# 1 % smaller and the process's peak higher by what 20,000 more take.
ROWS_PER_GROUP: Final = 40_000

# Nearly every value is different: a dictionary would only be built and thrown away.
_WITHOUT_DICTIONARY: Final = frozenset(
    {"id", "timestamp", "timestamp_text", "event", "server_timestamp", "system_timestamp"}
)
# The least and greatest JSON text help no filter, and are as long as an event.
_WITHOUT_STATISTICS: Final = frozenset({"event", "changes", "association", "auth_context"})


# zstd sees further in a larger page: 5 % off a file, where the usual page has 1 MB.
_PAGE_BYTES: Final = 8 * 2**20
# Neighbours differ little: instants in order, and the ids and texts that begin with them. 8 % off a file, and cheaper.
_ENCODINGS: Final = {
    "timestamp": "DELTA_BINARY_PACKED",
    "timestamp_text": "DELTA_BYTE_ARRAY",
    "id": "DELTA_BYTE_ARRAY",
}
# Level 3 takes 1 % off a file, level 5 another 8 % and costs half as much again as all the rest of writing it; level 1 adds 5 %.
_LEVEL: Final = 2


class RowGroups:
    """Gathers tables until they make a row group."""

    def __init__(self, parquet: pq.ParquetWriter) -> None:
        self._parquet = parquet
        self._tables: list[pa.Table] = []

    def write(self, table: pa.Table) -> None:
        self._tables.append(table)
        if sum(waiting.num_rows for waiting in self._tables) >= ROWS_PER_GROUP:
            self.flush()

    def flush(self) -> None:
        if self._tables:
            # As they are: to copy them into one piece first took a third as long as to write them.
            self._parquet.write_table(pa.concat_tables(self._tables))
            self._tables.clear()


@contextmanager
def writer(path: str | pa.NativeFile, schema: pa.Schema) -> Iterator[RowGroups]:
    """A file that is whole when the block ends."""
    leaves = list(_leaves(schema))
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=_LEVEL,
        data_page_size=_PAGE_BYTES,
        column_encoding=_ENCODINGS,
        use_dictionary=[leaf for leaf in leaves if leaf not in _WITHOUT_DICTIONARY],
        write_statistics=[leaf for leaf in leaves if leaf not in _WITHOUT_STATISTICS],
    ) as parquet:
        groups = RowGroups(parquet)
        yield groups
        groups.flush()


def _leaves(schema: pa.Schema) -> Iterator[str]:
    for field in schema:
        yield from _paths(field.name, field.type)


def _paths(path: str, type_: pa.DataType) -> Iterator[str]:
    if pa.types.is_struct(type_):
        for index in range(type_.num_fields):
            member = type_.field(index)
            yield from _paths(f"{path}.{member.name}", member.type)
    elif pa.types.is_list(type_):
        yield from _paths(f"{path}.list.element", type_.value_type)
    else:
        yield path
