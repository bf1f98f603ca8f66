"""A page is believed only if headers, body and cursor agree."""

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from insights_pipeline.jumpcloud import EventHead
from insights_pipeline.jumpcloud.implausible import Implausible
from insights_pipeline.jumpcloud.page import Page, cursor_key, read_page

CURSOR = '[1576181718000,"DZrPyW8BNsa9iKWoOm7h"]'

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
events = st.dictionaries(st.sampled_from(["id", "timestamp", "changes", "é"]), values)
bodies = st.lists(events | values, max_size=5)


def headers(count: int, limit: int = 10_000, **others: str) -> dict[str, str]:
    return {"x-result-count": str(count), "x-limit": str(limit)} | others


def encoded(elements: list[Any], *, ascii_only: bool = False, indent: int | None = None) -> bytes:
    # Half a surrogate pair has no UTF-8; written as an escape it is what another server may send.
    text = json.dumps(elements, ensure_ascii=ascii_only, indent=indent)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(elements, indent=indent).encode()


@given(bodies, st.booleans(), st.sampled_from([None, 2]))
def test_any_array_is_read_with_each_events_own_bytes(
    elements: list[Any], ascii_only: bool, indent: int | None
) -> None:
    body = encoded(elements, ascii_only=ascii_only, indent=indent)
    page = read_page(headers(len(elements)), body)
    assert page.body == body
    assert [json.loads(bytes(event)) for event in page.events] == elements
    assert all(bytes(event) in body for event in page.events)
    assert page.heads == [
        EventHead(element.get("id"), element.get("timestamp")) if isinstance(element, dict) else EventHead()
        for element in elements
    ]


@given(bodies, st.data())
def test_a_body_that_is_cut_anywhere_is_never_believed(elements: list[Any], data: st.DataObject) -> None:
    body = encoded(elements)
    kept = data.draw(st.integers(0, len(body) - 1))
    for count in {0, len(elements)}:
        with pytest.raises(Implausible):
            read_page(headers(count), body[:kept])


@given(bodies, st.data())
def test_no_damaged_body_gets_a_wrong_count_accepted(elements: list[Any], data: st.DataObject) -> None:
    body = encoded(elements)
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, len(body)))
    damaged = body[:start] + data.draw(st.binary(max_size=8)) + body[end:]
    count = data.draw(st.integers(0, 6))
    try:
        page = read_page(headers(count), damaged)
    except Implausible:
        return
    assert len(page.events) == len(page.heads) == count == len(json.loads(damaged))


@given(st.binary())
def test_no_bytes_make_reading_fail_with_anything_but_implausible(body: bytes) -> None:
    with pytest.raises(Implausible):
        read_page(headers(1), b"\x00" + body)


@given(bodies, st.integers(0, 9))
def test_a_count_other_than_the_bodys_is_not_believed(elements: list[Any], count: int) -> None:
    assume(count != len(elements))
    with pytest.raises(Implausible, match=f"says {count} events, the body holds {len(elements)}"):
        read_page(headers(count), encoded(elements))


@pytest.mark.parametrize("missing", ["x-result-count", "x-limit"])
@pytest.mark.parametrize(
    "text", [None, "", " ", "-1", "+1", "1.0", "1e3", "0x1", "one", "1,1", "1_0", "²", "٣", "9" * 5000]
)
def test_a_header_that_is_no_whole_number_is_not_believed(missing: str, text: str | None) -> None:
    damaged = headers(1) | ({missing: text} if text is not None else {})
    if text is None:
        del damaged[missing]
    with pytest.raises(Implausible, match=missing):
        read_page(damaged, b"[{}]")


def test_numbers_are_compared_as_numbers() -> None:
    assert read_page(headers(2, limit=10), b"[{},{}]").is_last


def test_a_page_short_of_its_limit_is_the_last_though_a_cursor_came() -> None:
    page = read_page(headers(1, limit=2, **{"x-search_after": CURSOR}), b"[{}]")
    assert page.is_last
    assert page.search_after == (1576181718000, "DZrPyW8BNsa9iKWoOm7h")


def test_a_full_page_is_not_the_last() -> None:
    assert not read_page(headers(1, limit=1, **{"x-search_after": CURSOR}), b"[{}]").is_last


@pytest.mark.parametrize("cursor", [None, "", "null", "[]", "{}", "[1", '"x"'])
def test_a_full_page_without_a_cursor_is_not_believed(cursor: str | None) -> None:
    sent = {} if cursor is None else {"x-search_after": cursor}
    with pytest.raises(Implausible, match="no X-Search_after"):
        read_page(headers(1, limit=1, **sent), b"[{}]")
    assert read_page(headers(0, limit=1, **sent), b"[]").is_last


def test_a_full_page_with_a_cursor_used_before_is_not_believed_in_whatever_type_it_was_sent() -> None:
    used = {cursor_key(("1576181718000", "DZrPyW8BNsa9iKWoOm7h"))}
    with pytest.raises(Implausible, match="used before"):
        read_page(headers(1, limit=1, **{"x-search_after": CURSOR}), b"[{}]", used)
    assert read_page(headers(1, limit=2, **{"x-search_after": CURSOR}), b"[{}]", used).is_last


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b"<html>log in</html>",
        b'{"message":"no"}',
        b"[{},]",
        b"[{} {}]",
        b"[{}]x",
        b"[NaN]",
        b'["\\ud800",NaN]',
        b'["\\ud800"',
        b'["\\ud800" 1]',
        b'["\\ud800"]]',
        b"\xef\xbb\xbf[{}]",
        b'["\xff"]',
        b'["\xc3"]',
        b"[" * 100_000,
    ],
)
def test_what_is_no_json_array_is_not_believed(body: bytes) -> None:
    for count in (0, 1, 2):
        with pytest.raises(Implausible):
            read_page(headers(count), body)


def test_half_a_surrogate_pair_in_one_event_does_not_make_its_page_unreadable() -> None:
    body = b' [ {"id": "a", "user": "\\ud800"} , 7 , {"id":"b","timestamp":"t"}\n]\n'
    page = read_page(headers(3), body)
    assert [bytes(event) for event in page.events] == [
        b'{"id": "a", "user": "\\ud800"}',
        b"7",
        b'{"id":"b","timestamp":"t"}',
    ]
    assert page.heads == [EventHead("a"), EventHead(), EventHead("b", "t")]


def test_an_id_that_no_number_can_hold_leaves_the_other_heads() -> None:
    page = read_page(headers(2), b'[{"id":1e999},{"id":"b"}]')
    assert page.heads == [EventHead(), EventHead("b")]


def test_a_letter_across_the_border_of_what_is_checked_at_once_is_whole() -> None:
    text = "x" * 65_533 + "é" * 100_000
    page = read_page(headers(1), json.dumps([text], ensure_ascii=False).encode())
    assert json.loads(bytes(page.events[0])) == text


def test_a_page_tells_the_servers_own_figures() -> None:
    page: Page = read_page(headers(1, limit=1000, **{"x-sort": "ASC", "x-request-id": "r-1"}), b"[{}]")
    assert (page.result_count, page.limit, page.sort, page.request_id) == (1, 1000, "ASC", "r-1")
