"""The questions: each one tries something, with a few requests that only read, and gives what it found."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from insights_pipeline.cli.probe.findings import (
    AcceptedServices,
    Arrivals,
    Compression,
    EmptyAnswer,
    EndReading,
    Finding,
    Identities,
    LimitReading,
    OldKeyShape,
    PastRetention,
    ServiceSum,
    Unanswered,
)
from insights_pipeline.cli.probe.shape import brief_type, types_by_path
from insights_pipeline.cli.probe.subject import SAMPLE_DAYS, Subject, take_sample
from insights_pipeline.collector import client_for, connect, lateness
from insights_pipeline.collector.account import moment_of
from insights_pipeline.collector.together import together
from insights_pipeline.events import KNOWN_SERVICES
from insights_pipeline.events.services import FALLBACK_NAMES
from insights_pipeline.jumpcloud import (
    MAX_LIMIT,
    BadRequest,
    DirectoryInsights,
    EventQuery,
    JumpCloudError,
    SearchTerm,
)
from insights_pipeline.lake import Lake
from insights_pipeline.settings import Settings

Question = Callable[[Subject], Awaitable[Finding]]

OLD_KEY_EVENT_TYPE = "admin_old_api_key_attempt"

# Names that JumpCloud's own or others' collectors list and its specification does not have.
RUMOURED_SERVICES = (
    *FALLBACK_NAMES.values(),
    "pam",
    "password_vault",
    "access_certification",
    "ai_admin",
    "adbridge_user",
    "generic_di",
    "genai",
    "aigw",
    "di_events",
)

_IMPOSSIBLE_SERVICE = "no_service_has_this_name"
_IMPOSSIBLE_ID = "no-event-has-this-id"

_SECOND = timedelta(seconds=1)
_FRACTION = re.compile(r"\.(\d+)")


async def probe(settings: Settings, services: Sequence[str], lake: Lake, now: datetime) -> dict[str, Finding]:
    """What each question found, by its name, of the first organization."""
    async with connect(settings) as client:
        of_org = client_for(client, settings.orgs[0])
        try:
            sample = await take_sample(of_org, settings, now)
        except JumpCloudError as error:
            return dict.fromkeys(QUESTIONS, Unanswered(str(error)))
        subject = Subject(of_org, services, settings, lake, now, sample)
        findings = await together(_find(question, subject) for question in QUESTIONS.values())
    return dict(zip(QUESTIONS, findings, strict=True))


async def _find(question: Question, subject: Subject) -> Finding:
    """One question that fails must not cost the others their answers."""
    try:
        return await question(subject)
    except JumpCloudError as error:
        return Unanswered(str(error))


async def end_reading(subject: Subject) -> EndReading:
    """Asks for windows that end on, or just before, events that are known to be there."""
    on_millisecond = on_finer = on_fraction = None
    for head in subject.sample.heads:
        moment = moment_of(head.timestamp)
        if moment is None or not isinstance(head.id, str):
            continue
        digits = _fraction_digits(str(head.timestamp))
        if digits[3:].strip("0"):
            on_finer = on_finer or (head.id, moment.replace(microsecond=moment.microsecond // 1000 * 1000))
        else:
            on_millisecond = on_millisecond or (head.id, moment)
        if digits.strip("0"):
            on_fraction = on_fraction or (head.id, moment.replace(microsecond=0))
    trials = [
        None if trial is None else await _holds(subject.client, *trial)
        for trial in (on_millisecond, on_finer, on_fraction)
    ]
    return EndReading(*trials)


def _fraction_digits(timestamp: str) -> str:
    found = _FRACTION.search(timestamp)
    return found[1] if found else ""


async def _holds(client: DirectoryInsights, event_id: str, end: datetime) -> bool:
    """Whether the window of a second up to `end` holds the event; it would be among its last."""
    query = EventQuery("all", end - _SECOND, end, limit=1_000, sort="DESC")
    return any(head.id == event_id for head in (await client.page(query)).heads)


async def limit_reading(subject: Subject) -> LimitReading:
    """Asks for one event more than the documented maximum, of a second: X-Limit tells without the events."""
    asked = MAX_LIMIT + 1
    body = EventQuery("all", *subject.settled_second).page_body() | {"limit": asked}
    try:
        used = (await subject.client.raw("events", body)).headers.get("x-limit", "")
    except BadRequest as error:
        return LimitReading(asked, None, error.server_message)
    return LimitReading(asked, int(used) if used.isascii() and used.isdigit() else None)


async def past_retention(subject: Subject) -> PastRetention:
    """Counts a week that ended a week before the retention begins, and looks for the first event after that."""
    end = subject.oldest - timedelta(days=7)
    start = end - timedelta(days=7)
    refusal, events = "", None
    try:
        events = await subject.client.count(EventQuery("all", start, end))
    except BadRequest as error:
        refusal = error.server_message
    until = subject.now.replace(microsecond=0)
    first = await subject.client.page(EventQuery("all", subject.oldest, until, limit=1))
    oldest_event = moment_of(first.heads[0].timestamp) if first.heads else None
    return PastRetention(start, end, events, oldest_event, subject.settings.retention_days, refusal)


async def service_sum(subject: Subject) -> ServiceSum:
    """Counts a closed day as `all` and by service, and where that differs asks which services `all` consists of."""
    start, end = subject.settled_until - timedelta(days=1), subject.settled_until
    everything = EventQuery("all", start, end)
    counts = await together(_count(subject.client, service, start, end) for service in subject.services)
    by_service = {name: count for name, count in zip(subject.services, counts, strict=True) if count is not None}
    refused = [service for service in subject.services if service not in by_service]
    all_events = await subject.client.count(everything)
    borne: dict[str, int] = {}
    if all_events != sum(by_service.values()):
        borne = dict((await subject.client.distinct(everything, "service")).values)
    return ServiceSum(start.date(), all_events, by_service, refused, borne)


async def _count(client: DirectoryInsights, service: str, start: datetime, end: datetime) -> int | None:
    """None for a service that doesn't exist here, under its other name neither."""
    for name in (service, FALLBACK_NAMES.get(service)):
        if name is not None:
            try:
                return await client.count(EventQuery(name, start, end))
            except BadRequest:
                continue
    return None


async def accepted_services(subject: Subject) -> AcceptedServices:
    """Asks for a service that can't exist, whose refusal lists those that do; tries each known name if it doesn't."""
    known = tuple(dict.fromkeys([*KNOWN_SERVICES, *subject.services, *RUMOURED_SERVICES]))
    start, end = subject.settled_second
    try:
        await subject.client.count(EventQuery(_IMPOSSIBLE_SERVICE, start, end))
    except BadRequest as error:
        accepted = [name for name in error.valid_services if name != "all"]
    else:
        return AcceptedServices("any", [], [], [])
    how: Literal["listed", "tried"] = "listed"
    if "directory" not in accepted:  # then it wasn't the list of services that was read out of the refusal
        tried = await together(_is_accepted(subject.client, name, start, end) for name in known)
        accepted, how = [name for name, taken in zip(known, tried, strict=True) if taken], "tried"
    refused = [name for name in known if name not in accepted]
    collected = {*subject.services, *FALLBACK_NAMES.values()}
    return AcceptedServices(how, accepted, refused, [name for name in accepted if name not in collected])


async def _is_accepted(client: DirectoryInsights, service: str, start: datetime, end: datetime) -> bool:
    try:
        await client.count(EventQuery(service, start, end))
    except BadRequest:
        return False
    return True


async def arrivals(subject: Subject) -> Arrivals:
    """Reads what runs before have measured; asks nothing."""
    manifests = (subject.lake.readable_manifest(key) for key in subject.lake.raw_days())
    return Arrivals(lateness(manifest for manifest in manifests if manifest is not None))


async def identities(subject: Subject) -> Identities:
    """Compares ids and texts within the sample; asks nothing."""
    texts_of_id: dict[str, set[str]] = defaultdict(set)
    ids_of_text: dict[str, set[str]] = defaultdict(set)
    without_id = 0
    for raw in subject.sample.events:
        event = json.loads(bytes(raw))
        event_id = event.pop("id", None) if isinstance(event, dict) else None
        if event_id is None:
            without_id += 1
            continue
        text = json.dumps(event, sort_keys=True)
        texts_of_id[str(event_id)].add(text)
        ids_of_text[text].add(str(event_id))
    return Identities(
        events=len(subject.sample.events),
        without_id=without_id,
        ids_of_several_texts=sum(len(texts) > 1 for texts in texts_of_id.values()),
        texts_of_several_ids=sum(len(ids) > 1 for ids in ids_of_text.values()),
    )


async def empty_answer(subject: Subject) -> EmptyAnswer:
    """Searches for an id that no event has."""
    query = EventQuery("all", *subject.settled_second, search_term=SearchTerm.all_of({"id": _IMPOSSIBLE_ID}))
    answer = await subject.client.raw("events", query.page_body())
    headers = answer.headers
    return EmptyAnswer(
        is_empty_list=answer.body.strip() == b"[]",
        result_count=headers.get("x-result-count"),
        limit=headers.get("x-limit"),
        sort=headers.get("x-sort"),
        search_after=_cursor_shape(headers.get("x-search_after")),
    )


def _cursor_shape(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return brief_type(json.loads(text))
    except ValueError:
        return "text that is no JSON" if text else "empty text"


async def compression(subject: Subject) -> Compression:
    """Asks for a hundred events; every request offers to take them compressed."""
    end = subject.settled_until
    answer = await subject.client.raw("events", EventQuery("all", end - SAMPLE_DAYS, end, limit=100).page_body())
    return Compression(answer.headers.get("content-encoding"), len(answer.body))


async def old_key_shape(subject: Subject) -> OldKeyShape:
    """Looks at a few uses of old API keys within the retention; keeps paths and types."""
    wanted = SearchTerm.all_of({"event_type": OLD_KEY_EVENT_TYPE})
    until = subject.now.replace(microsecond=0)
    page = await subject.client.page(EventQuery("directory", subject.oldest, until, limit=20, search_term=wanted))
    return OldKeyShape(page.result_count, types_by_path(json.loads(bytes(event)) for event in page.events))


async def retry_after(subject: Subject) -> Unanswered:
    """Not asked: only too many requests would tell."""
    return Unanswered(
        "not asked, because it takes more requests than is polite; runs obey Retry-After where they meet one, "
        "in seconds or as a date"
    )


QUESTIONS: dict[str, Question] = {
    "end": end_reading,
    "limit": limit_reading,
    "past_retention": past_retention,
    "sum": service_sum,
    "services": accepted_services,
    "arrivals": arrivals,
    "identities": identities,
    "empty_answer": empty_answer,
    "compression": compression,
    "retry_after": retry_after,
    "old_key_shape": old_key_shape,
}
