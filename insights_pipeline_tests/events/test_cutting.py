"""A page that is cut gives what DuckDB reads from it, to the last byte of each event."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from insights_pipeline.events import reading
from insights_pipeline.events.cutting import cut
from insights_pipeline.events.database import session
from insights_pipeline.events.pages import Page
from insights_pipeline.events.schema import service_fields
from insights_pipeline_tests.events.raw_days import FETCHED_AT
from insights_pipeline_tests.events.test_wild import SERVICES, VALUES, events, mostly


def rows_of(service: str, page: bytes, rows: int, *, by_cutting: bool) -> tuple[list[dict[str, Any]], int]:
    """Its events without members that are null, and how many pages are corrupt."""
    with TemporaryDirectory() as folder, session("300MB") as connection:
        path = Path(folder) / "0000.json.zst"
        path.write_bytes(pa.compress(page, codec="zstd", asbytes=True))
        landed = Page(0, path.name, str(path), rows, len(page), FETCHED_AT, None)
        reader = reading.Reader(service_fields(service), connection)
        with mock.patch.object(reading, "cut", cut if by_cutting else lambda *_: None):
            table, corrupt = reader.rows([landed])
    plain = ("page", "event", "keys", "id", "timestamp_text", "instant", "nanoseconds", "reason")
    return [
        {
            name: value if name in plain else json.loads(value)
            for name, value in row.items()
            if value is not None
            and not (name in ("timestamp_text", "nanoseconds") and row["instant"] is None)  # nobody reads them then
        }
        for row in table.to_pylist()
    ], len(corrupt)


def same(service: str, page: bytes, rows: int) -> None:
    """In whatever order: rows are put into that of the file later."""
    (cut_rows, cut_corrupt), (parsed, corrupt) = (
        rows_of(service, page, rows, by_cutting=by_cutting) for by_cutting in (True, False)
    )
    assert sorted(cut_rows, key=repr) == sorted(parsed, key=repr)
    assert cut_corrupt == corrupt


@st.composite
def compact_pages(draw: st.DrawFn) -> tuple[str, Sequence[str]]:
    service = draw(st.sampled_from(SERVICES))
    texts = draw(st.lists(mostly(events(service), VALUES.map(json.dumps)), min_size=1, max_size=8))
    decoded = [json.loads(text) for text in texts]
    return service, [json.dumps(event, separators=(",", ":"), ensure_ascii=draw(st.booleans())) for event in decoded]


@given(compact_pages())
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_whatever_a_page_holds_it_is_read_alike(given_page: tuple[str, Sequence[str]]) -> None:
    service, texts = given_page
    same(service, f"[{','.join(texts)}]".encode(), len(texts))


@given(compact_pages(), st.data())
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_a_page_with_a_wrong_byte_is_read_alike_or_not_cut(
    given_page: tuple[str, Sequence[str]], data: st.DataObject
) -> None:
    service, texts = given_page
    page = bytearray(f"[{','.join(texts)}]".encode())
    place = data.draw(st.integers(0, len(page) - 1))
    page[place] = data.draw(st.sampled_from(b'{}[],:"\\ \n0n\xff') | st.integers(0, 255))
    assume(cut(bytes(page)) is not None)
    same(service, bytes(page), len(texts))


def test_a_page_without_a_byte_too_many_is_cut() -> None:
    page = '[{"id":"a","x":[1, {"y":2}],"changes":[],"timestamp":null},{"é":{},"id":1.50}]'
    pieces = cut(f"{page}\n".encode())
    assert pieces is not None
    there, back = np.array([0, 1]), np.array([1, 0])
    first, second = '{"id":"a","x":[1, {"y":2}],"changes":[],"timestamp":null}', '{"é":{},"id":1.50}'
    assert pieces.text(there).to_pylist() == [first, second]
    assert pieces.text(back).to_pylist() == [second, first]
    assert pieces.keys(back).to_pylist() == ["é\x1fid", "id\x1fx\x1fchanges\x1ftimestamp"]
    assert pieces.members == {"id", "x", "changes", "timestamp", "é"}
    assert pieces.member("id", back).to_pylist() == ["1.50", '"a"']
    assert pieces.member("changes", there).to_pylist() == ["[]", None]
    assert pieces.member("timestamp", there).to_pylist() == [None, None]


@pytest.mark.parametrize(
    "page",
    [
        "",
        "[]",
        "[{}]",
        '{"id":1}',
        '[{"id":1},2]',
        '[{"id":1}, {"id":2}]',
        '[{"id": 1}]',
        '[{"id":1,"id":2}]',
        '[{"\\u0069d":1}]',
        '[{"id":"\\ud83d"}]',
        '[{"id":"\\uD83D\\uDE00"}]',
        '[{"id":1}]x',
        '[{"id":1}',
    ],
)
def test_a_page_with_more_in_it_is_left_to_the_other_way(page: str) -> None:
    assert cut(page.encode()) is None


def test_a_page_that_is_no_utf_8_is_left_to_the_other_way() -> None:
    assert cut(b'[{"id":"\xff"}]') is None
