"""The client against the emulated service: what it reads is what the service holds, whatever goes wrong on the way."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import TypeVar

import msgspec
import pytest

from insights_pipeline.emulator import (
    DEMO_API_KEY,
    DEMO_CLIENT_ID,
    DEMO_CLIENT_SECRET,
    Behaviour,
    Fault,
    RunningEmulator,
    Tenant,
    serve,
)
from insights_pipeline.jumpcloud import (
    ApiKey,
    BadAnswer,
    BadRequest,
    Credentials,
    DirectoryInsights,
    EventQuery,
    Forbidden,
    JumpCloudError,
    NotEntitled,
    RequestLimits,
    RetryPolicy,
    SearchTerm,
    ServiceAccount,
    Unauthorized,
    Unavailable,
)

Result = TypeVar("Result")

START, END = datetime(2026, 3, 14, tzinfo=UTC), datetime(2026, 3, 16, tzinfo=UTC)
EVERYTHING = EventQuery("all", START, END, limit=50)


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return Tenant.invented(seed=11, last_day=date(2026, 3, 15), days=2, events_per_day=300)


def ask(
    emulator: RunningEmulator,
    call: Callable[[DirectoryInsights], Awaitable[Result]],
    credentials: Credentials | None = None,
    max_attempts: int = 8,
) -> Result:
    async def run() -> Result:
        async with DirectoryInsights(
            emulator.url,
            credentials or ApiKey(DEMO_API_KEY),
            limits=RequestLimits(500, 4),
            retries=RetryPolicy(max_attempts=max_attempts, first_pause=0.001, longest_pause=0.01),
        ) as client:
            return await call(client)

    return asyncio.run(run())


def now() -> datetime:
    return datetime(2026, 3, 16, 6, tzinfo=UTC)


async def bodies(client: DirectoryInsights) -> list[bytes]:
    return [bytes(event) async for page in client.pages(EVERYTHING) for event in page.events]


HARMLESS = {
    "nothing": Behaviour(),
    "gzip": Behaviour(gzip=True),
    "a lower maximum limit": Behaviour(maximum_limit=7),
    "429": Behaviour(faults=(Fault("status", status=429, every=3),)),
    "Retry-After": Behaviour(faults=(Fault("status", status=429, first=1, retry_after="seconds"),)),
    "503": Behaviour(faults=(Fault("status", status=503, share=0.4),)),
    "500": Behaviour(faults=(Fault("status", status=500, first=3),)),
    "dropped connections": Behaviour(faults=(Fault("dropped", share=0.4),)),
    "cut bodies": Behaviour(faults=(Fault("cut", share=0.4),)),
    "cut gzip": Behaviour(gzip=True, faults=(Fault("cut", share=0.4),)),
    "pages of HTML": Behaviour(faults=(Fault("not_json", every=2),)),
    "missing cursors": Behaviour(faults=(Fault("no_cursor", every=4),)),
    "repeated cursors": Behaviour(faults=(Fault("repeated_cursor", every=4),)),
    "wrong result counts": Behaviour(faults=(Fault("wrong_result_count", every=4),)),
}


@pytest.mark.parametrize("behaviour", HARMLESS.values(), ids=HARMLESS.keys())
def test_every_event_is_read_once_byte_for_byte_despite(tenant: Tenant, behaviour: Behaviour) -> None:
    with serve(tenant, behaviour=behaviour, clock=now) as emulator:
        assert ask(emulator, bodies) == emulator.truth.events("all", START, END)


LASTING: dict[str, tuple[Behaviour, type[JumpCloudError], str]] = {
    "503": (Behaviour(faults=(Fault("status"),)), Unavailable, "HTTP 503"),
    "dropped": (Behaviour(faults=(Fault("dropped"),)), Unavailable, "connection to JumpCloud failed"),
    "cut": (Behaviour(faults=(Fault("cut"),)), BadAnswer, "not a whole JSON array"),
    "HTML": (Behaviour(faults=(Fault("not_json"),)), BadAnswer, "not a whole JSON array"),
    "no cursor": (Behaviour(faults=(Fault("no_cursor"),)), BadAnswer, "no X-Search_after"),
    "repeated cursor": (Behaviour(faults=(Fault("repeated_cursor"),)), BadAnswer, "used before"),
    "result count": (Behaviour(faults=(Fault("wrong_result_count"),)), BadAnswer, "X-Result-Count says"),
    "not bought": (Behaviour(entitled=False), NotEntitled, "not enabled"),
    "role": (Behaviour(role_allowed=False), Forbidden, "role"),
}


@pytest.mark.parametrize(("behaviour", "kind", "sentence"), LASTING.values(), ids=LASTING.keys())
def test_a_fault_that_stays_is_an_error_of_its_kind(
    tenant: Tenant, behaviour: Behaviour, kind: type[JumpCloudError], sentence: str
) -> None:
    with serve(tenant, behaviour=behaviour, clock=now) as emulator, pytest.raises(kind, match=sentence):
        ask(emulator, bodies, max_attempts=3)


def test_counts_values_and_intervals_agree_with_the_events(tenant: Tenant) -> None:
    with serve(tenant, clock=now) as emulator:

        async def figures(client: DirectoryInsights) -> tuple[int, Counter[str], int]:
            distinct = await client.distinct(EVERYTHING, "service")
            intervals = await client.interval(EVERYTHING, unit="h")
            return await client.count(EVERYTHING), Counter(dict(distinct.values)), sum(b.count for b in intervals)

        count, services, in_intervals = ask(emulator, figures)
        events = [msgspec.json.decode(event) for event in emulator.truth.events("all", START, END)]
    assert count == in_intervals == len(events)
    assert services == Counter(event["service"] for event in events if "service" in event)


def test_a_search_finds_what_filtering_finds(tenant: Tenant) -> None:
    failed = SearchTerm.all_of({"event_type": ["User_Login_Attempt", "admin_login_attempt"], "success": False})
    query = EventQuery("directory", START, END, search_term=failed)

    async def found(client: DirectoryInsights) -> list[str]:
        return [event["id"] async for event in client.events(query)]

    with serve(tenant, clock=now) as emulator:
        events = [msgspec.json.decode(event) for event in emulator.truth.events("directory", START, END)]
        assert ask(emulator, found) == [
            event["id"]
            for event in events
            if event.get("event_type") in {"user_login_attempt", "admin_login_attempt"} and event["success"] is False
        ]


def test_a_refused_service_tells_those_that_exist(tenant: Tenant) -> None:
    query = EventQuery("saml", START, END)
    with serve(tenant, clock=now) as emulator, pytest.raises(BadRequest) as caught:
        ask(emulator, lambda client: client.count(query))
    assert {"all", "directory", "sso", "workflows"} <= set(caught.value.valid_services)
    assert "saml" not in caught.value.valid_services


def test_a_raw_answer_tells_what_became_of_a_limit_that_no_query_may_have(tenant: Tenant) -> None:
    body = EVERYTHING.page_body() | {"limit": 10_001}
    with serve(tenant, behaviour=Behaviour(gzip=True), clock=now) as emulator:
        answer = ask(emulator, lambda client: client.raw("events", body))
        events = emulator.truth.events("all", START, END)
    assert answer.headers["x-limit"] == "1000"
    assert answer.headers["content-encoding"] == "gzip"
    assert msgspec.json.decode(answer.body) == [msgspec.json.decode(event) for event in events[:1_000]]


def test_a_raw_question_is_tried_again_and_refused_like_any_other(tenant: Tenant) -> None:
    with serve(tenant, behaviour=Behaviour(faults=(Fault("status", first=1),)), clock=now) as emulator:
        with pytest.raises(BadRequest, match="Missing start_time"):
            ask(emulator, lambda client: client.raw("events/count", {"service": ["sso"]}))
        assert [request.status for request in emulator.requests] == [503, 400]


def test_a_wrong_key_is_refused(tenant: Tenant) -> None:
    with serve(tenant, clock=now) as emulator, pytest.raises(Unauthorized, match="JUMPCLOUD_API_KEY"):
        ask(emulator, lambda client: client.count(EVERYTHING), ApiKey("jca_wrong"))
    assert len(emulator.requests) == 1


def test_a_service_account_reads_the_same_with_one_token(tenant: Tenant) -> None:
    with serve(tenant, clock=now) as emulator:
        account = ServiceAccount(DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, f"{emulator.url}/oauth2/token")
        assert ask(emulator, bodies, account) == emulator.truth.events("all", START, END)
    assert Counter(request.call for request in emulator.requests)["token"] == 1


def test_each_organization_answers_for_itself() -> None:
    tenant = Tenant.invented(seed=11, last_day=date(2026, 3, 15), days=2, events_per_day=100, organizations=2)
    with serve(tenant, clock=now) as emulator:

        async def counts(client: DirectoryInsights) -> list[int]:
            views = [client.for_organization(organization) for organization in tenant.organizations]
            return await asyncio.gather(*(view.count(EVERYTHING) for view in views))

        assert ask(emulator, counts) == [
            emulator.truth.count("all", START, END, organization) for organization in tenant.organizations
        ]
