"""One request and its answer, under the limits, again where that may help. What is asked is not known here."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self, TypedDict, TypeVar

import httpx
import tenacity

from insights_pipeline.jumpcloud.credentials import Credentials, TokenUnavailable
from insights_pipeline.jumpcloud.errors import BadAnswer, Unavailable, refusal
from insights_pipeline.jumpcloud.limits import RequestLimits
from insights_pipeline.jumpcloud.page import Implausible
from insights_pipeline.jumpcloud.retries import RetryPolicy, is_transient, retry_after

Answer = TypeVar("Answer")

_BASE_PATH = "/insights/directory/v1"

# A connection that yields no byte for a minute is taken for dead. There are as many connections as places among the
# requests, so nobody waits for one.
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)

# A page of 10,000 events is some 10 MB; what takes longer than this trickles, or is fed a byte at a time.
_ATTEMPT_SECONDS = 300.0


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
            base_url=_checked_url(url) + _BASE_PATH,
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
        await self._http.__aexit__(kind, error, traceback)

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
        came last, when the retry policy is exhausted.
        """
        trial = _Trial(asked)
        retrying = tenacity.AsyncRetrying(
            sleep=self._limits.clock.sleep,
            retry=tenacity.retry_if_exception_type((Unavailable, BadAnswer)),
            stop=lambda _: trial.is_over(self._retries),
            wait=tenacity.wait_random_exponential(
                multiplier=self._retries.first_pause, max=self._retries.longest_pause
            ),
            before_sleep=lambda state: trial.pause(state.upcoming_sleep),
            reraise=True,
        )
        request = self._http.build_request("POST", path, json=body, headers=headers)
        return await retrying(self._attempt, request, trial, read)

    async def _attempt(
        self, request: httpx.Request, trial: "_Trial", read: Callable[[httpx.Headers, bytes], Answer]
    ) -> Answer:
        response = await self._send(request, trial)
        request_id = response.headers.get("x-request-id")
        if is_transient(response.status_code):
            raise Unavailable(
                f"JumpCloud answered HTTP {response.status_code}: try again later", **trial.context(request_id)
            )
        if not response.is_success:
            raise refusal(response.status_code, response.content, **trial.context(request_id))
        try:
            if response.status_code != httpx.codes.OK:
                raise Implausible(f"HTTP {response.status_code} where 200 was due")
            return read(response.headers, response.content)
        except Implausible as contradiction:
            raise BadAnswer(
                f"JumpCloud's answer is not to be believed, {contradiction}: try again later",
                **trial.context(request_id),
            ) from None

    async def _send(self, request: httpx.Request, trial: "_Trial") -> httpx.Response:
        """The whole answer to one try, whatever its status; tells the limits how it went. Raises Unavailable or
        BadAnswer.
        """
        clock = self._limits.clock
        async with self._limits.slot() as held_up:
            started = clock.monotonic()
            trial.attempts += 1
            self.usage.requests += 1
            self.usage.retries += trial.attempts > 1
            self.usage.throttled_seconds += held_up
            try:
                async with asyncio.timeout(_ATTEMPT_SECONDS):
                    response = await self._http.send(request)
            except (httpx.RequestError, TimeoutError) as error:
                # An error's text can quote what was sent; its name cannot.
                cause = type(error).__name__
                raise Unavailable(
                    f"the connection to JumpCloud failed, {cause}: check the network or try again later",
                    **trial.context(),
                ) from error
            except TokenUnavailable as error:
                raise Unavailable(f"{error}: try again later", **trial.context()) from None
            except Implausible as contradiction:
                raise BadAnswer(f"no access token could be had, {contradiction}", **trial.context()) from None
            finally:
                trial.seconds += held_up + clock.monotonic() - started
            self.usage.bytes_received += response.num_bytes_downloaded
            self._tell_limits(response, started)
        return response

    def _tell_limits(self, response: httpx.Response, started: float) -> None:
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            self._limits.throttled(started)
        elif response.is_success:
            self._limits.succeeded()
        if is_transient(response.status_code):
            self._limits.pause(retry_after(response.headers, self._limits.clock.now()))


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

    def pause(self, seconds: float) -> None:
        self.seconds += seconds

    def is_over(self, policy: RetryPolicy) -> bool:
        return self.attempts >= policy.max_attempts or self.seconds >= policy.max_seconds

    def context(self, request_id: str | None = None) -> _Context:
        return {"asked": self.asked, "request_id": request_id, "attempts": self.attempts}


def _checked_url(url: str) -> str:
    parts = httpx.URL(url)
    if parts.scheme not in ("https", "http") or not parts.host:
        raise ValueError("The API address must be like https://api.jumpcloud.com.")
    return url.rstrip("/")
