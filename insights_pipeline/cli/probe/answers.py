"""Puts findings into words; asks and computes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import singledispatch
from typing import Any

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

QUESTION_TEXTS = {
    "end": "Does a window hold the events on its end?",
    "limit": "What does a limit above 10,000 do?",
    "past_retention": "What comes of asking for days past retention?",
    "sum": "Do the services add up to `all`?",
    "services": "Which services are accepted?",
    "arrivals": "How late do events arrive?",
    "identities": "Does one id stand for several events, or one event under several ids?",
    "empty_answer": "Which headers has an answer without events?",
    "compression": "Do answers come compressed?",
    "retry_after": "Does a 429 carry Retry-After?",
    "old_key_shape": "How is an admin_old_api_key_attempt built?",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with its answer in words, and what that rests on as plain JSON values."""

    name: str
    question: str
    answer: str
    evidence: Mapping[str, Any]


def answer(name: str, finding: Finding) -> Answer:
    """The answer to one of the questions."""
    return Answer(name, QUESTION_TEXTS[name], sentence(finding), asdict(finding))


@singledispatch
def sentence(finding: Finding) -> str:
    """What was found, for people."""
    raise TypeError(f"nobody has words for {type(finding).__name__}")


@sentence.register
def _(finding: EndReading) -> str:
    if finding.at_its_second:
        return "Yes, and all events of the second that it ends in."
    if finding.at_its_millisecond:
        return "Yes, and all events of the millisecond that it ends in."
    if finding.at_its_instant:
        finer = "an event a fraction of a millisecond later is not held"
        unknown = "whether events of the same millisecond are held too is not known, no event bears finer fractions"
        return f"Yes; {unknown if finding.at_its_millisecond is None else finer}."
    if finding.at_its_instant is None:
        return "Not known: the sample has no event on a whole millisecond to try it on."
    return "No, a window ends before its end."


@sentence.register
def _(finding: LimitReading) -> str:
    if finding.refusal:
        return f"{finding.asked:,} is refused: {finding.refusal}"
    if finding.used is None:
        return "Not known: the answer has no X-Limit."
    return f"{finding.asked:,} becomes {finding.used:,}, as X-Limit says."


@sentence.register
def _(finding: PastRetention) -> str:
    days = f"{finding.asked_from:%Y-%m-%d} to {finding.asked_until:%Y-%m-%d}"
    oldest = f"{finding.oldest_event:%Y-%m-%d}" if finding.oldest_event else "none"
    held = f"the first event of the last {finding.retention_days} days is of {oldest}"
    if finding.events is None:
        return f"They are refused ({finding.refusal or 'without a reason'}); {held}."
    if finding.events:
        return f"{finding.events:,} events of {days} are still there: INSIGHTS_RETENTION_DAYS may be raised."
    return f"Silence: {days} counts no event; {held}."


@sentence.register
def _(finding: ServiceSum) -> str:
    without = f" ({', '.join(finding.refused)} not among them)" if finding.refused else ""
    counts = f"{finding.all_events:,} of `all`, {finding.sum_events:,} of {len(finding.by_service)} services{without}"
    if finding.all_events == finding.sum_events:
        return f"Yes, on {finding.date}: {counts}."
    strangers = {name: count for name, count in finding.borne.items() if name not in finding.by_service}
    bear = ", ".join(f"{name} {count:,}" for name, count in strangers.items()) or "none but those"
    return f"No, on {finding.date}: {counts}. Other services that events of `all` bear: {bear}."


@sentence.register
def _(finding: AcceptedServices) -> str:
    if finding.how == "any":
        return "Not known: even a service that can't exist is accepted."
    how = "as a refusal lists them" if finding.how == "listed" else "each tried"
    unasked = f" Not collected, name them in INSIGHTS_SERVICES: {_names(finding.unasked)}." if finding.unasked else ""
    return f"{_names(finding.accepted)} ({how}). Refused: {_names(finding.refused)}.{unasked}"


@sentence.register
def _(finding: Arrivals) -> str:
    if not finding.services:
        return (
            "Not known: no late event was met. Let runs go on for some days, then see `insights coverage --lateness`."
        )
    slowest = max(finding.services, key=lambda row: row.p99_seconds)
    return (
        f"99 of 100 late events of {slowest.service}, the slowest service, within {slowest.p99_seconds:,} s; "
        "`insights coverage --lateness` tells of each."
    )


@sentence.register
def _(finding: Identities) -> str:
    if not finding.events:
        return "Not known: the last settled week has no events."
    if not finding.ids_of_several_texts and not finding.texts_of_several_ids:
        found = "neither"
    else:
        found = f"{finding.ids_of_several_texts:,} ids and {finding.texts_of_several_ids:,} events"
    return f"Among {finding.events:,} events: {found}; {finding.without_id:,} have no id."


@sentence.register
def _(finding: EmptyAnswer) -> str:
    if not finding.is_empty_list:
        return "Not known: a search for an id that no event has found something."
    headers = {
        "X-Result-Count": finding.result_count,
        "X-Limit": finding.limit,
        "X-Sort": finding.sort,
        "X-Search_after": finding.search_after,
    }
    return ", ".join(f"{name}: {'not sent' if value is None else value}" for name, value in headers.items()) + "."


@sentence.register
def _(finding: Compression) -> str:
    size = f"a page of {finding.body_bytes:,} bytes"
    return f"Yes, {size} came as {finding.encoding}." if finding.encoding else f"No, {size} came as it is."


@sentence.register
def _(finding: OldKeyShape) -> str:
    if not finding.events:
        return "Not known: there is no such event within the retention."
    types = ", ".join(f"{path} {'|'.join(kinds)}" for path, kinds in finding.types.items())
    return f"In {finding.events:,} of them: {types}."


@sentence.register
def _(finding: Unanswered) -> str:
    return f"Not known: {finding.reason}."


def _names(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
