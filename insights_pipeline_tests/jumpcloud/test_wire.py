"""The client on a real connection: encodings, cut bodies, servers that go away, and the package's own example."""

import asyncio
import gzip
import inspect
import textwrap
from datetime import UTC, datetime

import pytest

import insights_pipeline.jumpcloud
from insights_pipeline.jumpcloud import (
    ApiKey,
    BadAnswer,
    DirectoryInsights,
    EventQuery,
    Page,
    RequestLimits,
    RetryPolicy,
    Unavailable,
    Usage,
)
from insights_pipeline_tests.jumpcloud.raw_server import answer, raw_server

QUERY = EventQuery("sso", datetime(2026, 3, 1, tzinfo=UTC))
EVENTS = b'[{"id":"a","pad":"' + b"x" * 5000 + b'"},\n {"id":"b"}]'
HEADERS = ("X-Result-Count: 2", "X-Limit: 10000", 'X-Search_after: [1,"x"]')
WHOLE = answer(EVENTS, *HEADERS)


def fetch(*answers: bytes) -> tuple[Page, Usage]:
    async def run() -> tuple[Page, Usage]:
        async with (
            raw_server(answers) as url,
            DirectoryInsights(
                url,
                ApiKey("k"),
                limits=RequestLimits(1000, 8),
                retries=RetryPolicy(max_attempts=3, first_pause=0.001),
            ) as client,
        ):
            return await client.page(QUERY), client.usage

    return asyncio.run(run())


def test_a_page_is_kept_byte_for_byte() -> None:
    page, usage = fetch(WHOLE)
    assert page.body == EVENTS
    assert [head.id for head in page.heads] == ["a", "b"]
    assert usage == Usage(requests=1, bytes_received=len(EVENTS), throttled_seconds=usage.throttled_seconds)


def test_gzip_is_decoded_and_counted_as_it_travelled() -> None:
    compressed = gzip.compress(EVENTS)
    page, usage = fetch(answer(compressed, *HEADERS, "content-encoding: gzip"))
    assert page.body == EVENTS
    assert usage.bytes_received == len(compressed)


@pytest.mark.parametrize("kept", [0, 1, 100, len(EVENTS) - 1])
def test_a_body_shorter_than_its_length_says_is_fetched_again(kept: int) -> None:
    page, usage = fetch(answer(EVENTS[:kept], *HEADERS, length=len(EVENTS)), WHOLE)
    assert page.body == EVENTS
    assert usage.retries == 1


@pytest.mark.parametrize("kept", [0, 1, 100, len(EVENTS) - 1])
def test_a_cut_body_whose_length_agrees_is_fetched_again(kept: int) -> None:
    page, usage = fetch(answer(EVENTS[:kept], *HEADERS), WHOLE)
    assert page.body == EVENTS
    assert usage.retries == 1


@pytest.mark.parametrize("kept", [1, 10, 40])
def test_cut_gzip_whose_length_agrees_is_fetched_again(kept: int) -> None:
    cut = gzip.compress(EVENTS)[:kept]
    page, usage = fetch(answer(cut, *HEADERS, "content-encoding: gzip"), WHOLE)
    assert page.body == EVENTS
    assert usage.retries == 1


def test_damaged_gzip_is_fetched_again() -> None:
    page, _ = fetch(answer(b"\x1f\x8b" + EVENTS, *HEADERS, "content-encoding: gzip"), WHOLE)
    assert page.body == EVENTS


@pytest.mark.parametrize("nonsense", [b"", b"HTTP/1.1 200", b"\x00\xff\r\n\r\n"])
def test_a_server_that_goes_away_or_speaks_no_http_is_asked_again(nonsense: bytes) -> None:
    page, _ = fetch(nonsense, WHOLE)
    assert page.body == EVENTS


def test_a_server_that_always_goes_away_is_named() -> None:
    with pytest.raises(Unavailable, match=r"connection to JumpCloud failed, RemoteProtocolError.*3 attempts"):
        fetch(b"")


def test_a_server_that_is_not_there_is_named() -> None:
    async def run() -> None:
        async with raw_server([WHOLE]) as url:
            pass
        async with DirectoryInsights(url, ApiKey("k"), retries=RetryPolicy(max_attempts=1)) as client:
            await client.count(QUERY)

    with pytest.raises(Unavailable, match="ConnectError"):
        asyncio.run(run())


def test_a_server_that_stops_in_the_middle_is_given_up_on_in_time() -> None:
    async def run() -> None:
        policy = RetryPolicy(max_attempts=2, first_pause=0.001, attempt_seconds=0.1)
        async with (
            raw_server([answer(EVENTS[:100], *HEADERS, length=len(EVENTS))], leave_open=True) as url,
            DirectoryInsights(url, ApiKey("k"), retries=policy) as client,
        ):
            await client.page(QUERY)

    with pytest.raises(Unavailable, match=r"TimeoutError.*2 attempts"):
        asyncio.run(run())


def test_answers_that_are_always_cut_are_named() -> None:
    with pytest.raises(BadAnswer, match=r"not a whole JSON array.*3 attempts"):
        fetch(answer(EVENTS[:-1], *HEADERS))


def test_the_packages_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    documentation = inspect.getdoc(insights_pipeline.jumpcloud) or ""
    indented = [line for line in documentation.splitlines() if not line or line.startswith("    ")]
    example: dict[str, object] = {}
    exec(textwrap.dedent("\n".join(indented)), example)
    failed_sign_ins = example["failed_sign_ins"]
    events = answer(b'[{"timestamp":"2026-03-01T08:00:00Z","event_type":"user_login_attempt"}]', "X-Result-Count: 1")
    page = events.replace(b"X-Result-Count: 1", b"X-Result-Count: 1\r\nX-Limit: 10000")

    async def run() -> object:
        assert callable(failed_sign_ins)
        async with raw_server([page, answer(b'{"count":1}')]) as url:
            return await failed_sign_ins(url, "k")

    assert asyncio.run(run()) == 1
    assert capsys.readouterr().out == "2026-03-01T08:00:00Z user_login_attempt\n"
