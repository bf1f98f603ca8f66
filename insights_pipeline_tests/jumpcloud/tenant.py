"""A small Directory Insights answering in process: pages of given events, with whatever goes wrong put in front."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx

Reply = httpx.Response | Exception


class SmallTenant:
    """Pages `events` as the specification says; first gives the replies in `instead`, one a request.

    `requests` are those that came. `before` runs at each, so that an answer may take time.
    """

    def __init__(
        self,
        events: list[Any] | None = None,
        *,
        instead: Sequence[Reply] = (),
        limit: int = 10_000,
        before: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.events = events or []
        self.instead = list(instead)
        self.limit = limit
        self.requests: list[httpx.Request] = []
        self._before = before

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests]

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._reply)

    async def _reply(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self._before is not None:
            await self._before()
        if self.instead:
            reply = self.instead.pop(0)
            if isinstance(reply, Exception):
                raise reply
            return reply
        body = json.loads(request.content)
        if request.url.path.endswith("/count"):
            return httpx.Response(200, json={"count": len(self.events)})
        start = body.get("search_after", [0, "x"])[0]
        return page(self.events[start : start + self.limit], limit=self.limit, cursor=[start + self.limit, "x"])


def page(
    events: list[Any], *, limit: int = 10_000, cursor: list[Any] | None = None, count: int | None = None
) -> httpx.Response:
    """An answer of `/events`; `count` is what it claims, by default the truth."""
    headers = {
        "X-Result-Count": str(len(events) if count is None else count),
        "X-Limit": str(limit),
        "X-Sort": "ASC",
        "X-Request-Id": "f3a1c0de",
    }
    if cursor is not None:
        headers["X-Search_after"] = json.dumps(cursor)
    return httpx.Response(200, json=events, headers=headers)
