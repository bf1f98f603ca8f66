"""Checks of the API: address, credential, shared limit, clock, organizations and services, each asked with small counts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from insights_pipeline.cli.doctor.check import Check
from insights_pipeline.collector import client_for, connect
from insights_pipeline.collector.access import credentials
from insights_pipeline.collector.landing import Clock
from insights_pipeline.collector.shared_limit import check_shared_limit
from insights_pipeline.events.services import FALLBACK_NAMES
from insights_pipeline.jumpcloud import (
    BadAnswer,
    BadRequest,
    DirectoryInsights,
    EventQuery,
    JumpCloudError,
    LimitUnavailable,
    NotFound,
    RawAnswer,
    RequestRefused,
    Unauthorized,
    Unavailable,
    api_url,
)
from insights_pipeline.settings import Settings, SettingsError

# What stands between this machine and any organization's events: where one of these is met, nothing else is worth asking.
_BARRIERS: tuple[tuple[str, tuple[type[JumpCloudError], ...]], ...] = (
    ("the API answers", (Unavailable, BadAnswer, NotFound)),
    ("the credential is accepted", (Unauthorized,)),
)

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

# JumpCloud refuses a start in the future, and a clock that is behind takes days for settled too late; the Date header is in
# whole seconds, and an answer can be half a minute under way.
_WORST_SKEW = timedelta(seconds=60)


# Keys and secrets can expire, and nothing that may be asked with them says when; one that has expired is refused.
_EXPIRY = "when it expires, only JumpCloud's Admin Portal tells"


def check_address(settings: Settings) -> Check:
    """Where the API is, and whether the credential would travel in the clear."""
    url = settings.api_url or api_url(settings.region)
    parts = urlsplit(url)
    what = f"address {parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        return Check("fail", what, "The credential would travel unencrypted: set JUMPCLOUD_API_URL to https://.")
    if settings.api_url is not None and "region" in settings.model_fields_set and url != api_url(settings.region):
        return Check("warn", what, "JUMPCLOUD_API_URL overrides JUMPCLOUD_REGION: unset one of them.")
    return Check("ok", what if settings.api_url else f"{what}, region {settings.region}")


def check_credentials(settings: Settings) -> Check:
    """Whether there are any, of which kind, and whether they can be what they are taken for."""
    try:
        credentials(settings)
    except SettingsError as error:
        return Check("fail", "credentials", str(error))
    if settings.client_id is None:
        return Check("ok", f"credentials: an administrator's API key; {_EXPIRY}")
    if not settings.org_ids:
        return Check(
            "warn",
            "credentials: a service account",
            "JumpCloud's own exporter always names an organization with it: set JUMPCLOUD_ORG_IDS.",
        )
    return Check("ok", f"credentials: a service account; {_EXPIRY}")


def check_limit(settings: Settings) -> list[Check]:
    """Whether the rate limit that workers share can be asked; no check where none is shared."""
    if settings.shared_limit_url is None:
        return []
    what = "rate limit shared by all workers"
    try:
        check_shared_limit(settings)
    except (SettingsError, LimitUnavailable) as error:
        return [Check("fail", what, str(error))]
    return [Check("ok", f"{what}: Postgres answers")]


async def check_access(settings: Settings, services: Sequence[str], clock: Clock) -> list[Check]:
    """What the API says to the credential: as far as the first barrier, or each organization and its services."""
    async with connect(settings) as client:
        first = await _asked(client_for(client, settings.orgs[0]), clock)
        barriers = _barriers(first)
        if any(check.verdict == "fail" for check in barriers):
            return barriers
        checks = [*barriers, _clock_check(first, clock())] if isinstance(first, RawAnswer) else barriers
        for org in settings.orgs:
            checks += await _organization(client_for(client, org), org, services, clock)
        return checks


async def _asked(client: DirectoryInsights, clock: Clock) -> RawAnswer | JumpCloudError:
    try:
        return await client.raw("events/count", _minute_of_yesterday("directory", clock()).filter_body())
    except JumpCloudError as error:
        return error


def _barriers(answer: RawAnswer | JumpCloudError) -> list[Check]:
    checks: list[Check] = []
    for what, errors in _BARRIERS:
        if isinstance(answer, errors):
            return [*checks, Check("fail", what, str(answer))]
        checks.append(Check("ok", what))
    return checks


def _clock_check(answer: RawAnswer, now: datetime) -> Check:
    """Compares with the answer's Date header."""
    try:
        skew = now - parsedate_to_datetime(answer.headers.get("date", "")).astimezone(now.tzinfo)
    except ValueError:
        return Check("warn", "clock", "The API's answer doesn't tell the time: compare this machine's clock yourself.")
    seconds = round(skew.total_seconds())
    if abs(skew) > _WORST_SKEW:
        how = "ahead of" if seconds > 0 else "behind"
        return Check(
            "warn",
            f"clock is {abs(seconds)} s {how} JumpCloud's",
            "Let this machine's clock be set over the network (NTP).",
        )
    return Check("ok", "clock agrees with JumpCloud's")


async def _organization(client: DirectoryInsights, org: str, services: Sequence[str], clock: Clock) -> list[Check]:
    """Whether the organization may be read, and which of the services it has."""
    answer = await _asked(client, clock)
    if isinstance(answer, JumpCloudError):
        return [Check("fail", f"organization {org}: Directory Insights may be read", str(answer))]
    refusals = await asyncio.gather(*(_refusal(client, service, clock) for service in services))
    refused = [Check("warn", f"organization {org}: {why[0]}", why[1]) for why in refusals if why is not None]
    accepted = len(services) - len(refused)
    return [
        Check("ok", f"organization {org}: Directory Insights may be read"),
        Check("ok", f"organization {org}: {accepted} of {len(services)} services are accepted"),
        *refused,
    ]


async def _refusal(client: DirectoryInsights, service: str, clock: Clock) -> tuple[str, str] | None:
    """What is wrong with the service and what to do; None where it, or its other name, is accepted."""
    names = [service, *([FALLBACK_NAMES[service]] if service in FALLBACK_NAMES else [])]
    for name in names:
        try:
            await client.count(_minute_of_yesterday(name, clock()))
        except BadRequest:
            continue
        except RequestRefused as error:
            return f"the service {service} is refused", str(error)
        except JumpCloudError as error:
            return f"the service {service} gave no answer", str(error)
        return None
    return (
        f"the service {service} does not exist here",
        "A run skips it until it does; leave it out of INSIGHTS_SERVICES to not ask for it at all.",
    )


def _minute_of_yesterday(service: str, now: datetime) -> EventQuery:
    """Little to count, and not refused as the future even where this machine's clock is hours ahead."""
    moment = now.replace(microsecond=0) - timedelta(days=1)
    return EventQuery(service, moment - timedelta(minutes=1), moment)
