"""API keys and service accounts: sent where they belong, never shown."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import parse_qs

import httpx
import pytest

from insights_pipeline.jumpcloud import (
    ApiKey,
    BadAnswer,
    DirectoryInsights,
    EventQuery,
    RequestLimits,
    RetryPolicy,
    ServiceAccount,
    Unauthorized,
    Unavailable,
)
from insights_pipeline_tests.jumpcloud.virtual_clock import VirtualTime

Result = TypeVar("Result")

QUERY = EventQuery("sso", datetime(2026, 3, 1, tzinfo=UTC))
TOKEN_URL = "https://oauth.example.com/oauth2/token"
ACCOUNT = ServiceAccount("the-id", "the-secret", TOKEN_URL)


class TokenServer:
    """Grants tokens `token-1`, `token-2`, ... and counts for whoever holds one that it still accepts."""

    def __init__(self, *, answers: list[httpx.Response] | None = None, **grant: Any) -> None:
        self.arrived = 0
        self.granted = 0
        self.revoked: set[str] = set()
        self.token_requests: list[httpx.Request] = []
        self.counts = 0
        self._answers = list(answers or [])
        self._grant = grant

    async def reply(self, request: httpx.Request) -> httpx.Response:
        self.arrived += 1
        for _ in range(self.arrived * 7 % 40):  # so that requests overlap, and end in another order than they began
            await asyncio.sleep(0)
        if str(request.url) != TOKEN_URL:
            token = request.headers["authorization"].removeprefix("Bearer ")
            if token in self.revoked:
                return httpx.Response(401, json={"message": "no"})
            self.counts += 1
            return httpx.Response(200, json={"count": 1})
        self.token_requests.append(request)
        if self._answers:
            return self._answers.pop(0)
        self.granted += 1
        return httpx.Response(200, json={"access_token": f"token-{self.granted}", "token_type": "bearer"} | self._grant)

    def ask(self, call: Callable[[DirectoryInsights], Awaitable[Result]], time: VirtualTime | None = None) -> Result:
        async def run() -> Result:
            async with DirectoryInsights(
                "https://api.example.com",
                ACCOUNT,
                limits=RequestLimits(1000, 8, clock=(time or VirtualTime()).clock),
                retries=RetryPolicy(max_attempts=3),
                transport=httpx.MockTransport(self.reply),
            ) as client:
                return await call(client)

        return asyncio.run(run())


async def count_once(client: DirectoryInsights) -> int:
    return await client.count(QUERY)


async def count_at_once(client: DirectoryInsights) -> list[int]:
    return await asyncio.gather(*(client.count(QUERY) for _ in range(20)))


def test_secrets_are_not_in_what_python_shows_of_them() -> None:
    assert "jca_x" not in repr(ApiKey("jca_x"))
    assert "the-secret" not in repr(ACCOUNT)


@pytest.mark.parametrize("secret", ["", " ", "jca_x\n", "jca x", "jca_\u00e9", "jca_\x7f"])
def test_a_secret_that_no_header_can_carry_is_refused_without_being_shown(secret: str) -> None:
    for make in (ApiKey, lambda text: ServiceAccount(text, "s"), lambda text: ServiceAccount("i", text)):
        with pytest.raises(ValueError, match="copy it again") as caught:
            make(secret)
        assert "jca" not in str(caught.value)


def test_a_token_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="token address is no web address"):
        ServiceAccount("i", "s", "admin-oauth")


def test_the_token_is_asked_for_as_oauth_client_credentials() -> None:
    server = TokenServer()
    assert server.ask(count_once) == 1
    (request,) = server.token_requests
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"the-id:the-secret").decode()
    assert parse_qs(request.content.decode()) == {"grant_type": ["client_credentials"], "scope": ["api"]}
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["user-agent"].startswith("insights-pipeline/")
    assert request.extensions["timeout"]["read"] is not None


def test_requests_at_once_share_one_token() -> None:
    server = TokenServer()
    assert server.ask(count_at_once) == [1] * 20
    assert server.granted == 1


@pytest.mark.parametrize(
    ("grant", "renewed_after"), [({}, 3540), ({"expires_in": "600"}, 540), ({"expires_in": 60}, 30)]
)
def test_a_token_is_renewed_before_it_ends(grant: dict[str, Any], renewed_after: float) -> None:
    time = VirtualTime()
    server = TokenServer(**grant)

    async def call(client: DirectoryInsights) -> list[int]:
        granted = []
        for moment in (0, renewed_after - 1, renewed_after + 1):
            time.seconds = moment
            await client.count(QUERY)
            granted.append(server.granted)
        return granted

    assert server.ask(call, time) == [1, 1, 2]


def test_a_token_that_is_refused_is_renewed_once_for_all_requests() -> None:
    server = TokenServer()
    server.revoked.add("token-1")
    assert server.ask(count_at_once) == [1] * 20
    assert server.granted == 2


def test_a_renewed_token_that_is_refused_as_well_is_the_end() -> None:
    server = TokenServer()
    server.revoked |= {"token-1", "token-2"}
    with pytest.raises(Unauthorized, match="service account's id and secret"):
        server.ask(count_once)
    assert server.granted == 2


@pytest.mark.parametrize("status", [400, 401, 403])
def test_an_account_that_is_refused_is_not_tried_again(status: int) -> None:
    server = TokenServer(answers=[httpx.Response(status, json={"message": "no"})])
    with pytest.raises(Unauthorized, match=f"HTTP {status}.*count of sso") as caught:
        server.ask(count_once)
    assert caught.value.status == status
    assert "the-secret" not in str(caught.value)
    assert len(server.token_requests) == 1


def test_a_token_address_that_fails_for_a_while_is_tried_again() -> None:
    server = TokenServer(answers=[httpx.Response(503), httpx.Response(429)])
    assert server.ask(count_once) == 1


def test_a_token_address_that_stays_down_is_named() -> None:
    with pytest.raises(Unavailable, match="token address answered HTTP 503"):
        TokenServer(answers=[httpx.Response(503)] * 3).ask(count_once)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"access_token":""}', b'{"access_token":"a\\nb"}', b"[1]"])
def test_an_answer_without_a_token_is_not_believed(body: bytes) -> None:
    with pytest.raises(BadAnswer, match="access token"):
        TokenServer(answers=[httpx.Response(200, content=body)] * 3).ask(count_once)
