"""One request and its answer, under the limits, again where that may help. What is asked is not known here."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from types import TracebackType
from typing import Any, Self, TypedDict, TypeVar

import httpx
import tenacity

from insights_pipeline.jumpcloud.addresses import checked_url
from insights_pipeline.jumpcloud.credentials import Credentials, TokenNotGranted
from insights_pipeline.jumpcloud.errors import (
    BadAnswer,
    Unauthorized,
    Unavailable,
    refusal,
    server_message,
)
from insights_pipeline.jumpcloud.implausible import Implausible
from insights_pipeline.jumpcloud.limits import RequestLimits
from insights_pipeline.jumpcloud.retries import RetryPolicy, is_transient, retry_after

_logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

_BASE_PATH = "/insights/directory/v1"

# A connection that yields no byte for a minute is taken for dead. There are as many connections as places among the
# requests, so nobody waits for one.
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)


@dataclass
class Usage:
    """What a client has spent so far.

    `throttled_seconds` is the time that the rate or a pause kept requests waiting, added up over all of them;
    `bytes_received` counts bodies as transferred, compressed where they were.
    """

    requests: int = 0
    retries: int = 0
    throttled_seconds: float = 0.0
    bytes_received: int = 0


class Exchange:
    """Connections, credentials, limits and counters: what a client and its views share. Belongs to one event loop."""

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        *,
        limits: RequestLimits,
        retries: RetryPolicy,
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self.usage = Usage()
        self._limits = limits
        self._retries = retries
        self._http = httpx.AsyncClient(
            base_url=checked_url(url, "API address") + _BASE_PATH,
            auth=credentials.auth(limits.clock),
            headers={
                "accept": "application/json",
                "user-agent": f"insights-pipeline/{version('insights-pipeline')}",
            },
            timeout=_TIMEOUT,
            limits=httpx.Limits(
                max_connections=limits.max_concurrency, max_keepalive_connections=limits.max_concurrency
            ),
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self._http.__aexit__(kind, error, traceback)
        finally:
            await self._limits.close()

    async def post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        headers: Mapping[str, str],
        asked: str,
        read: Callable[[httpx.Headers, bytes], Answer],
    ) -> Answer:
        """Sends `body` as JSON until `read` makes an answer of what comes back.

        `read` gets the headers and the decoded body of a 200 and raises Implausible for what it does not believe;
        `asked` says in messages what it was about. Raises RequestRefused at once; Unavailable or BadAnswer, whichever
        came last, when the retry policy is exhausted; LimitUnavailable where a shared limit can't be asked.
        """
        trial = _Trial(asked)
        retrying = tenacity.AsyncRetrying(
            sleep=self._limits.clock.sleep,
            retry=tenacity.retry_if_exception_type((Unavailable, BadAnswer)),
            stop=lambda _: trial.is_over(self._retries),
            wait=tenacity.wait_random_exponential(
                multiplier=self._retries.first_pause, max=self._retries.longest_pause
            ),
            before_sleep=trial.before_pause,
            reraise=True,
        )
        request = self._http.build_request("POST", path, json=body, headers=headers)
        return await retrying(self._attempt, request, trial, read)

    async def _attempt(
        self, request: httpx.Request, trial: "_Trial", read: Callable[[httpx.Headers, bytes], Answer]
    ) -> Answer:
        received = await self._send(request, trial)
        request_id = received.headers.get("x-request-id")
        if is_transient(received.status):
            reason = f"JumpCloud answered HTTP {received.status}: try again later"
            raise Unavailable(reason, **trial.context(request_id))
        if not httpx.codes.is_success(received.status):
            raise refusal(received.status, received.body, **trial.context(request_id))
        try:
            if received.status != httpx.codes.OK:
                raise Implausible(f"HTTP {received.status} where 200 was due")
            return read(received.headers, received.body)
        except Implausible as contradiction:
            reason = f"JumpCloud's answer is not to be believed, {contradiction}: try again later"
            raise BadAnswer(reason, **trial.context(request_id)) from None

    async def _send(self, request: httpx.Request, trial: "_Trial") -> "_Received":
        """The whole answer to one try, whatever its status. Raises Unavailable, BadAnswer or Unauthorized."""
        clock = self._limits.clock
        async with self._limits.slot() as held_up:
            started = clock.monotonic()
            trial.attempts += 1
            self.usage.requests += 1
            self.usage.retries += trial.attempts > 1
            self.usage.throttled_seconds += held_up
            try:
                async with asyncio.timeout(self._retries.attempt_seconds):
                    received = await self._receive(request)
            except (httpx.RequestError, TimeoutError) as error:
                # An error's text can quote what was sent; its name cannot.
                cause = type(error).__name__
                raise Unavailable(
                    f"the connection to JumpCloud failed, {cause}: check the network or try again later",
                    **trial.context(),
                ) from error
            except TokenNotGranted as error:
                if is_transient(error.status):
                    raise Unavailable(f"{error}: try again later", **trial.context()) from None
                raise Unauthorized(
                    status=error.status, server_message=server_message(error.body), **trial.context()
                ) from None
            except Implausible as contradiction:
                raise BadAnswer(f"{contradiction}: check its address or try again later", **trial.context()) from None
            finally:
                trial.seconds += held_up + clock.monotonic() - started
            await self._tell_limits(received, started)
        return received

    async def _receive(self, request: httpx.Request) -> "_Received":
        response = await self._http.send(request, stream=True)
        # Gathered here rather than by httpx, whose list of pieces beside their sum costs twice the page.
        body = BytesIO()
        try:
            async for piece in response.aiter_bytes():
                body.write(piece)
        finally:
            self.usage.bytes_received += response.num_bytes_downloaded
            await response.aclose()
        return _Received(response.status_code, response.headers, body.getvalue())

    async def _tell_limits(self, received: "_Received", started: float) -> None:
        if received.status == httpx.codes.TOO_MANY_REQUESTS:
            await self._limits.throttled(started)
        elif httpx.codes.is_success(received.status):
            await self._limits.succeeded()
        if is_transient(received.status):
            await self._limits.pause(retry_after(received.headers, self._limits.clock.now()))


@dataclass(frozen=True)
class _Received:
    """A whole answer, content-decoded."""

    status: int
    headers: httpx.Headers
    body: bytes


class _Context(TypedDict):
    asked: str
    request_id: str | None
    attempts: int


@dataclass
class _Trial:
    """One request's attempts so far, and the seconds that they and the pauses between them took."""

    asked: str
    attempts: int = 0
    seconds: float = 0.0

    def before_pause(self, state: tenacity.RetryCallState) -> None:
        self.seconds += state.upcoming_sleep
        error = state.outcome.exception() if state.outcome else None
        _logger.info("%s; again in %.1f s", error, state.upcoming_sleep)

    def is_over(self, policy: RetryPolicy) -> bool:
        return self.attempts >= policy.max_attempts or self.seconds >= policy.max_seconds

    def context(self, request_id: str | None = None) -> _Context:
        return {"asked": self.asked, "request_id": request_id, "attempts": self.attempts}
