"""The client's methods: what they send, how they page, what they try again and what they give up on."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, TypeVar

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.jumpcloud import (
    ApiKey,
    BadAnswer,
    BadRequest,
    DirectoryInsights,
    DistinctValues,
    EventQuery,
    IntervalBucket,
    JumpCloudError,
    RequestLimits,
    RequestRefused,
    RetryPolicy,
    Unavailable,
)
from insights_pipeline_tests.jumpcloud.tenant import SmallTenant, page
from insights_pipeline_tests.jumpcloud.virtual_clock import VirtualTime

Result = TypeVar("Result")

QUERY = EventQuery("sso", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))
KEY = "jca_not_to_be_shown"
ORGANIZATION = "5dc058bc3f53f95e3972f03f"


def ask(
    tenant: SmallTenant,
    call: Callable[[DirectoryInsights], Awaitable[Result]],
    *,
    time: VirtualTime | None = None,
    retries: RetryPolicy | None = None,
    org_id: str | None = None,
    provider_id: str | None = None,
) -> Result:
    """One call to the tenant, in virtual time."""

    async def run() -> Result:
        async with DirectoryInsights(
            "https://api.example.com",
            ApiKey(KEY),
            limits=RequestLimits(10, 8, clock=(time or VirtualTime()).clock),
            retries=retries,
            org_id=org_id,
            provider_id=provider_id,
            transport=tenant.transport,
        ) as client:
            return await call(client)

    return asyncio.run(run())


async def all_events(client: DirectoryInsights) -> list[Any]:
    return [event async for event in client.events(QUERY)]


async def one_page(client: DirectoryInsights) -> list[Any]:
    return [bytes(event) for event in (await client.page(QUERY)).events]


def test_a_request_carries_key_program_and_json_and_asks_for_gzip() -> None:
    tenant = SmallTenant()
    ask(tenant, lambda client: client.count(QUERY))
    (request,) = tenant.requests
    assert (request.method, str(request.url)) == (
        "POST",
        "https://api.example.com/insights/directory/v1/events/count",
    )
    assert request.headers["x-api-key"] == KEY
    assert re.fullmatch(r"insights-pipeline/\d+\.\d+\.\d+.*", request.headers["user-agent"])
    assert request.headers["content-type"] == "application/json"
    assert "gzip" in request.headers["accept-encoding"]
    assert "x-org-id" not in request.headers
    assert tenant.bodies == [QUERY.filter_body()]


@pytest.mark.parametrize(
    ("org_id", "provider_id", "sent"),
    [(ORGANIZATION, None, {"x-org-id": ORGANIZATION}), (None, "p1", {"x-provider-id": "p1"}), (None, None, {})],
)
def test_a_client_may_belong_to_an_organization_or_a_provider(
    org_id: str | None, provider_id: str | None, sent: dict[str, str]
) -> None:
    tenant = SmallTenant()
    ask(tenant, lambda client: client.count(QUERY), org_id=org_id, provider_id=provider_id)
    assert {name: text for name, text in tenant.requests[0].headers.items() if name.endswith("-id")} == sent


def test_views_ask_for_others_and_share_the_counters() -> None:
    tenant = SmallTenant()

    async def call(client: DirectoryInsights) -> int:
        await client.for_organization("a1").count(QUERY)
        await client.for_provider("b2").count(QUERY)
        await client.count(QUERY)
        return client.usage.requests

    assert ask(tenant, call, org_id=ORGANIZATION) == 3
    sent = [(request.headers.get("x-org-id"), request.headers.get("x-provider-id")) for request in tenant.requests]
    assert sent == [("a1", None), (None, "b2"), (ORGANIZATION, None)]


@pytest.mark.parametrize("wrong", ["", "a b", "a\r\nx-api-key: b", "é"])
def test_an_id_that_no_header_can_carry_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="copy it again"):
        DirectoryInsights("https://api.example.com", ApiKey(KEY), org_id=wrong)


def test_an_organization_and_a_provider_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match="not for both"):
        DirectoryInsights("https://api.example.com", ApiKey(KEY), org_id="a1", provider_id="b2")


@given(st.integers(0, 25), st.integers(1, 10))
def test_every_event_comes_once_and_in_order_whatever_the_pages(events: int, limit: int) -> None:
    tenant = SmallTenant([{"id": str(number)} for number in range(events)], limit=limit)
    assert ask(tenant, all_events) == tenant.events
    assert len(tenant.requests) == events // limit + 1  # a last page that is full is followed by an empty one


def test_following_pages_repeat_the_query_with_the_cursor() -> None:
    tenant = SmallTenant([{}] * 3, limit=2)
    ask(tenant, all_events)
    assert tenant.bodies == [QUERY.page_body(), QUERY.page_body() | {"search_after": [2, "x"]}]


def test_pages_are_fetched_as_they_are_asked_for() -> None:
    tenant = SmallTenant([{}] * 9, limit=2)

    async def first_page(client: DirectoryInsights) -> int:
        pages = client.pages(QUERY)
        first = await anext(pages)
        await pages.aclose()
        return first.result_count

    assert ask(tenant, first_page) == 2
    assert len(tenant.requests) == 1


def test_an_event_that_is_no_object_is_not_dropped() -> None:
    assert ask(SmallTenant([{"id": "a"}, 7, None]), all_events) == [{"id": "a"}, 7, None]


def test_distinct_and_interval_send_what_they_need_and_no_paging() -> None:
    tenant = SmallTenant(
        instead=[
            httpx.Response(200, json={"event_type": [{"key": "sso_auth", "doc_count": 2}]}),
            httpx.Response(200, json={"buckets": [{"key": 0, "key_as_string": "", "doc_count": 2}]}),
            httpx.Response(200, json={"buckets": []}),
        ]
    )

    async def call(client: DirectoryInsights) -> tuple[DistinctValues, list[IntervalBucket]]:
        distinct = await client.distinct(QUERY, "event_type")
        intervals = await client.interval(QUERY, unit="h", value=2, timezone="-0500")
        return distinct, intervals + await client.interval(QUERY)

    distinct, intervals = ask(tenant, call)
    assert distinct.values == [("sso_auth", 2)]
    assert intervals == [IntervalBucket(datetime(1970, 1, 1, tzinfo=UTC), 2)]
    assert tenant.bodies == [
        QUERY.filter_body() | {"field": "event_type"},
        QUERY.filter_body() | {"interval_unit": "h", "interval_value": "2", "timezone": "-0500"},
        QUERY.filter_body() | {"interval_unit": "m", "interval_value": "1"},
    ]


@pytest.mark.parametrize("arguments", [{"value": 0}, {"timezone": "Europe/Berlin"}, {"timezone": "-05:00"}])
def test_an_interval_that_means_nothing_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="An interval"):
        ask(SmallTenant(), lambda client: client.interval(QUERY, **arguments))


PASSING_FAULTS = [
    httpx.ConnectError("no route"),
    httpx.ConnectTimeout("slow"),
    httpx.ReadTimeout("slow"),
    httpx.ReadError("reset"),
    httpx.RemoteProtocolError("peer closed connection"),
    httpx.DecodingError("incorrect data check"),
    TimeoutError(),
    *(httpx.Response(status) for status in (408, 429, 500, 502, 503, 504)),
    httpx.Response(200, content=b"<html>log in</html>"),
    httpx.Response(200, content=b'[{"id":"a"},'),
    httpx.Response(200, json=[{}]),
    httpx.Response(202, json=[]),
    page([{}], count=2),
    page([{}], limit=1),
]


@pytest.mark.parametrize("fault", PASSING_FAULTS, ids=repr)
def test_what_may_pass_is_tried_again(fault: httpx.Response | Exception) -> None:
    tenant = SmallTenant([{"id": "a"}], instead=[fault])

    async def call(client: DirectoryInsights) -> tuple[list[Any], int, int]:
        return await one_page(client), client.usage.requests, client.usage.retries

    assert ask(tenant, call) == ([b'{"id":"a"}'], 2, 1)
    assert tenant.bodies[0] == tenant.bodies[1]


def test_a_cursor_that_comes_back_is_tried_again_then_named() -> None:
    stuck = [page([{}], limit=1, cursor=[7, "x"]) for _ in range(10)]
    tenant = SmallTenant(instead=stuck)
    with pytest.raises(BadAnswer, match="X-Search_after was used before"):
        ask(tenant, all_events, retries=RetryPolicy(max_attempts=3))
    assert len(tenant.requests) == 1 + 3


def test_cursors_that_go_round_in_a_longer_circle_are_found_out() -> None:
    circle = [page([{}], limit=1, cursor=[number % 3, "x"]) for number in range(30)]
    with pytest.raises(BadAnswer, match="X-Search_after was used before"):
        ask(SmallTenant(instead=circle), all_events, retries=RetryPolicy(max_attempts=1))


def test_a_fault_that_stays_is_named_with_what_was_asked() -> None:
    lies = [page([{"email": "ada@example.com"}], count=2) for _ in range(8)]
    with pytest.raises(BadAnswer) as caught:
        ask(SmallTenant(instead=lies), one_page)
    assert str(caught.value) == (
        "JumpCloud's answer is not to be believed, X-Result-Count says 2 events, the body holds 1: try again later "
        "(sso from 2026-03-01T00:00:00.000Z to 2026-03-02T00:00:00.000Z, request f3a1c0de, 8 attempts)"
    )


@pytest.mark.parametrize("status", [301, 400, 401, 402, 403, 404, 413])
def test_a_refusal_is_final(status: int) -> None:
    tenant = SmallTenant(instead=[httpx.Response(status, json={"message": "no"})])
    with pytest.raises(RequestRefused) as caught:
        ask(tenant, one_page)
    assert caught.value.status == status
    assert len(tenant.requests) == 1


def test_a_bad_request_tells_the_valid_services() -> None:
    refused = httpx.Response(400, json={"message": "Invalid service: must be one of [all directory sso]"})
    with pytest.raises(BadRequest, match="must be one of") as caught:
        ask(SmallTenant(instead=[refused]), lambda client: client.count(QUERY))
    assert caught.value.valid_services == ("all", "directory", "sso")


def test_pauses_between_attempts_are_bounded_by_a_limit_that_doubles() -> None:
    time = VirtualTime()
    asked_at: list[float] = []

    async def note_the_time() -> None:
        asked_at.append(time.seconds)

    down = SmallTenant(instead=[httpx.Response(503) for _ in range(20)], before=note_the_time)
    policy = RetryPolicy(max_attempts=6, first_pause=1, longest_pause=4)
    with pytest.raises(Unavailable, match="HTTP 503"):
        ask(down, lambda client: client.count(QUERY), time=time, retries=policy)
    pauses = [later - earlier for earlier, later in pairwise(asked_at)]
    # A random pause can be shorter than the tenth of a second that the rate leaves between two starts.
    assert [pause <= longest for pause, longest in zip(pauses, (1, 2, 4, 4, 4), strict=True)] == [True] * 5


def test_total_time_ends_the_attempts_before_their_number_does() -> None:
    time = VirtualTime()

    async def for_a_minute() -> None:
        await time.clock.sleep(60)

    down = SmallTenant(instead=[httpx.Response(503) for _ in range(99)], before=for_a_minute)
    with pytest.raises(Unavailable):
        ask(
            down,
            lambda client: client.count(QUERY),
            time=time,
            retries=RetryPolicy(max_attempts=99, max_seconds=200),
        )
    assert 3 <= len(down.requests) <= 4


def test_waiting_for_a_free_place_does_not_use_up_the_time_for_attempts() -> None:
    time = VirtualTime()

    async def slowly() -> None:
        await time.clock.sleep(200)

    tenant = SmallTenant(instead=[httpx.Response(503) for _ in range(8)], before=slowly)

    async def many(client: DirectoryInsights) -> list[int]:
        return await asyncio.gather(*(client.count(QUERY) for _ in range(40)))

    assert ask(tenant, many, time=time, retries=RetryPolicy(max_seconds=450)) == [0] * 40


@pytest.mark.parametrize("retry_after", ["30", "Sun, 01 Mar 2026 00:00:30 GMT"])
def test_retry_after_holds_every_request_that_shares_the_limits(retry_after: str) -> None:
    time = VirtualTime()
    came: list[float] = []
    first_came = asyncio.Event()

    async def note() -> None:
        came.append(time.seconds)
        first_came.set()

    tenant = SmallTenant(instead=[httpx.Response(429, headers={"Retry-After": retry_after})], before=note)

    async def several(client: DirectoryInsights) -> float:
        first = asyncio.create_task(client.count(QUERY))
        await first_came.wait()
        await asyncio.gather(first, *(client.for_organization("a1").count(QUERY) for _ in range(5)))
        return client.usage.throttled_seconds

    assert ask(tenant, several, time=time) > 29
    assert came[0] == 0
    assert min(came[1:]) >= 29.9


def test_a_hard_limit_at_the_server_is_found_and_kept_to() -> None:
    time = VirtualTime()
    served: list[float] = []
    refused: list[float] = []

    def reply(_: httpx.Request) -> httpx.Response:
        if sum(time.seconds - moment < 1 for moment in served) >= 4:
            refused.append(time.seconds)
            return httpx.Response(429)
        served.append(time.seconds)
        return httpx.Response(200, json={"count": 1})

    async def run() -> list[int]:
        async with DirectoryInsights(
            "https://api.example.com",
            ApiKey(KEY),
            limits=RequestLimits(10, 8, clock=time.clock),
            transport=httpx.MockTransport(reply),
        ) as client:
            return await asyncio.gather(*(client.count(QUERY) for _ in range(300)))

    assert asyncio.run(run()) == [1] * 300
    assert len(refused) < 60
    assert time.seconds < 150  # 75 seconds would be the limit's own pace


def test_no_error_and_no_log_line_shows_the_key_or_an_event(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    event = {"id": "a", "email": "ada@example.com"}
    faults: list[httpx.Response | Exception] = [
        page([event], count=2),
        httpx.ReadError(f"x-api-key: {KEY}"),
        httpx.Response(500, json=[event]),
    ]
    shown = []
    for fault in faults:
        with pytest.raises(JumpCloudError) as caught:
            ask(SmallTenant(instead=[fault] * 2), one_page, retries=RetryPolicy(max_attempts=2))
        shown.append(str(caught.value))
    assert "again in" in caplog.text
    for text in (*shown, caplog.text):
        assert KEY not in text
        assert "ada" not in text


def test_one_client_per_event_loop_and_one_limit_for_all_of_them() -> None:
    limits = RequestLimits(10, 2, clock=VirtualTime().clock)
    tenant = SmallTenant([{}])

    async def run() -> list[int]:
        async with DirectoryInsights(
            "https://api.example.com/", ApiKey(KEY), limits=limits, transport=tenant.transport
        ) as client:
            return await asyncio.gather(*(client.count(QUERY) for _ in range(5)))

    assert [asyncio.run(run()) for _ in range(3)] == [[1] * 5] * 3
