"""The Directory Insights API as methods: one a call, with paging. How requests travel is `exchange`'s business."""

import json
import re
from collections.abc import AsyncGenerator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Literal, Self

import httpx

from insights_pipeline.jumpcloud.aggregates import (
    DistinctValues,
    IntervalBucket,
    IntervalUnit,
    read_count,
    read_distinct,
    read_intervals,
)
from insights_pipeline.jumpcloud.credentials import Credentials
from insights_pipeline.jumpcloud.exchange import Exchange, Usage
from insights_pipeline.jumpcloud.limits import RequestLimits
from insights_pipeline.jumpcloud.page import Page, cursor_key, read_page
from insights_pipeline.jumpcloud.query import EventQuery
from insights_pipeline.jumpcloud.retries import RetryPolicy

_TENANT_ID = re.compile(r"[0-9A-Za-z_-]+")
_UTC_OFFSET = re.compile(r"[+-]\d{4}")

Call = Literal["events", "events/count", "events/distinct", "events/interval"]


@dataclass(frozen=True)
class RawAnswer:
    """An answer of status 200 as it came: headers by their names in lower case, and the body, content-decoded."""

    headers: Mapping[str, str]
    body: bytes


class DirectoryInsights:
    """A client of the Directory Insights API, to be used as an async context manager in one event loop.

    `url` is the API's address without a path (see `api_url`). `org_id` is sent as `x-org-id`, `provider_id` as
    `x-provider-id`, which reads a managed-service provider's own events instead; without either, JumpCloud answers
    for the credential's own organization. Clients built with the same `limits` share them. `transport` replaces the
    network.

    Every call raises RequestRefused, Unavailable or BadAnswer (see `errors`).
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        *,
        limits: RequestLimits | None = None,
        retries: RetryPolicy | None = None,
        org_id: str | None = None,
        provider_id: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._tenant_headers: Mapping[str, str] = _tenant_headers(org_id, provider_id)
        self._exchange = Exchange(
            url,
            credentials,
            limits=limits or RequestLimits(),
            retries=retries or RetryPolicy(),
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        await self._exchange.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._exchange.__aexit__(kind, error, traceback)

    def for_organization(self, org_id: str) -> "DirectoryInsights":
        """The same client asking for another organization: same connections, credentials, limits and counters.

        It is of use as long as this client is open, and needs no closing of its own.
        """
        return self._view(_tenant_headers(org_id, None))

    def for_provider(self, provider_id: str) -> "DirectoryInsights":
        """The same client asking for a provider's own events: as `for_organization` does."""
        return self._view(_tenant_headers(None, provider_id))

    def _view(self, tenant_headers: Mapping[str, str]) -> "DirectoryInsights":
        view = copy(self)
        view._tenant_headers = tenant_headers
        return view

    @property
    def usage(self) -> Usage:
        """What was spent so far, by this client and its views."""
        return self._exchange.usage

    async def count(self, query: EventQuery) -> int:
        """How many events JumpCloud says there are."""
        return await self._exchange.post(
            "/events/count",
            query.filter_body(),
            headers=self._tenant_headers,
            asked=f"count of {query.asked}",
            read=lambda _, body: read_count(body),
        )

    async def page(self, query: EventQuery) -> Page:
        """One page, from the start or after `query.search_after`."""
        return await self._page(query, set())

    async def pages(self, query: EventQuery) -> AsyncGenerator[Page, None]:
        """All pages, one after the other, each fetched when it is asked for.

        A full page takes some 10 MB: let go of one before asking for the next, and close the generator (`aclosing`)
        when leaving it early. A window that still receives events is not stable: one that arrives late, with an
        earlier time, is not returned.
        """
        used_cursors: set[str] = set()
        while True:
            page = await self._page(query, used_cursors)
            yield page
            if page.is_last:
                return
            query = replace(query, search_after=page.search_after)
            del page  # not kept while the next is fetched

    async def _page(self, query: EventQuery, used_cursors: set[str]) -> Page:
        if query.search_after is not None:
            used_cursors.add(cursor_key(query.search_after))
        return await self._exchange.post(
            "/events",
            query.page_body(),
            headers=self._tenant_headers,
            asked=query.asked,
            read=lambda headers, body: read_page(headers, body, used_cursors),
        )

    async def events(self, query: EventQuery) -> AsyncGenerator[Any, None]:
        """All events as Python objects: dicts, unless JumpCloud sends an element that is no object."""
        async for page in self.pages(query):
            for event in page.events:
                yield json.loads(bytes(event))

    async def distinct(self, query: EventQuery, field: str) -> DistinctValues:
        """Which values a field has, and how often; `field` may be dotted. `event_type` and `service` find what is
        new.
        """
        return await self._exchange.post(
            "/events/distinct",
            query.filter_body() | {"field": field},
            headers=self._tenant_headers,
            asked=f"distinct {field} of {query.asked}",
            read=lambda _, body: read_distinct(body, field),
        )

    async def interval(
        self, query: EventQuery, unit: IntervalUnit = "m", value: int = 1, timezone: str | None = None
    ) -> list[IntervalBucket]:
        """How many events fall into each stretch of `value` seconds, minutes, hours, days or weeks.

        `timezone` is an offset such as `-0500` that days and weeks start by. Raises ValueError for another form.
        """
        if value < 1:
            raise ValueError("An interval must be at least 1 unit long.")
        body = query.filter_body() | {"interval_unit": unit, "interval_value": str(value)}
        if timezone is not None:
            if not _UTC_OFFSET.fullmatch(timezone):
                raise ValueError("An interval's timezone must be an offset such as -0500.")
            body["timezone"] = timezone
        return await self._exchange.post(
            "/events/interval",
            body,
            headers=self._tenant_headers,
            asked=f"intervals of {query.asked}",
            read=lambda _, body: read_intervals(body),
        )

    async def raw(self, call: Call, body: Mapping[str, Any]) -> RawAnswer:
        """The answer to a body of the caller's own making, believed whatever it says; to find out how the API behaves.

        Nothing of the body is checked, so that what `EventQuery` refuses to send can be tried too.
        """
        return await self._exchange.post(
            f"/{call}",
            body,
            headers=self._tenant_headers,
            asked=f"a trial of {call}",
            read=lambda headers, received: RawAnswer(dict(headers), received),
        )


def _tenant_headers(org_id: str | None, provider_id: str | None) -> dict[str, str]:
    if org_id is not None and provider_id is not None:
        raise ValueError("Ask for an organization or for a provider, not for both.")
    named = {"x-org-id": org_id, "x-provider-id": provider_id}
    headers = {name: tenant_id for name, tenant_id in named.items() if tenant_id is not None}
    for tenant_id in headers.values():
        if not _TENANT_ID.fullmatch(tenant_id):
            raise ValueError("An organization's or provider's id holds only letters, digits, - and _: copy it again.")
    return headers
