"""JumpCloud's Directory Insights API over HTTP, and nothing else: no settings, no files, no rest of this package.

    from datetime import UTC, datetime
    from insights_pipeline.jumpcloud import ApiKey, DirectoryInsights, EventQuery, SearchTerm

    async def failed_sign_ins(url: str, key: str) -> int:
        failed = SearchTerm.all_of({"event_type": ["admin_login_attempt", "user_login_attempt"], "success": False})
        query = EventQuery("directory", datetime(2026, 3, 1, tzinfo=UTC), search_term=failed)
        async with DirectoryInsights(url, ApiKey(key)) as client:
            async for event in client.events(query):
                print(event["timestamp"], event["event_type"])
            return await client.count(query)

`url` is `api_url("us")`, or that of another region. Requests share one `RequestLimits`, are tried again where that
may help (`RetryPolicy`), and an answer that contradicts itself is an error rather than a page. The specification is
JumpCloud's "Directory Insights API", version 1.
"""

from insights_pipeline.jumpcloud.addresses import REGION_HOSTS, api_url
from insights_pipeline.jumpcloud.aggregates import DistinctValues, IntervalBucket, IntervalUnit
from insights_pipeline.jumpcloud.client import DirectoryInsights, RawAnswer
from insights_pipeline.jumpcloud.clock import Clock
from insights_pipeline.jumpcloud.credentials import TOKEN_URL, ApiKey, Credentials, ServiceAccount
from insights_pipeline.jumpcloud.errors import (
    BadAnswer,
    BadRequest,
    Forbidden,
    JumpCloudError,
    LimitUnavailable,
    NotEntitled,
    NotFound,
    RequestRefused,
    Unauthorized,
    Unavailable,
)
from insights_pipeline.jumpcloud.exchange import Usage
from insights_pipeline.jumpcloud.limits import RequestLimits
from insights_pipeline.jumpcloud.pace import Pace
from insights_pipeline.jumpcloud.page import EventHead, Page, read_elements
from insights_pipeline.jumpcloud.query import MAX_LIMIT, EventQuery, SearchTerm, format_time
from insights_pipeline.jumpcloud.retries import RetryPolicy

__all__ = [
    "MAX_LIMIT",
    "REGION_HOSTS",
    "TOKEN_URL",
    "ApiKey",
    "BadAnswer",
    "BadRequest",
    "Clock",
    "Credentials",
    "DirectoryInsights",
    "DistinctValues",
    "EventHead",
    "EventQuery",
    "Forbidden",
    "IntervalBucket",
    "IntervalUnit",
    "JumpCloudError",
    "LimitUnavailable",
    "NotEntitled",
    "NotFound",
    "Pace",
    "Page",
    "RawAnswer",
    "RequestLimits",
    "RequestRefused",
    "RetryPolicy",
    "SearchTerm",
    "ServiceAccount",
    "Unauthorized",
    "Unavailable",
    "Usage",
    "api_url",
    "format_time",
    "read_elements",
]
