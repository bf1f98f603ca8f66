"""Each question against services that answer it differently: what is found is how the service was set."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from insights_pipeline.cli.probe import questions
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
from insights_pipeline.cli.probe.questions import Question
from insights_pipeline.cli.probe.subject import Subject, take_sample
from insights_pipeline.collector import Collector, connect
from insights_pipeline.emulator import Behaviour, Fault, RunningEmulator, Tenant, serve
from insights_pipeline.events import KNOWN_SERVICES
from insights_pipeline.jumpcloud import NotEntitled
from insights_pipeline.lake import DayKey, Lake
from insights_pipeline.settings import IsolatedSettings

NOW = datetime(2026, 3, 16, 6, tzinfo=UTC)
LAST_DAY = date(2026, 3, 15)

Settings = Callable[..., IsolatedSettings]


@pytest.fixture(scope="module")
def invented() -> Tenant:
    return Tenant.invented(seed=3, last_day=LAST_DAY, days=3, events_per_day=100)


def event(number: int, timestamp: str, **fields: Any) -> dict[str, Any]:
    return {"id": f"event-{number}", "timestamp": timestamp, **fields}


def served(*events: dict[str, Any]) -> Tenant:
    return Tenant.empty().with_events("sso", events)


class Prober:
    """Asks one question of a tenant that is served as told."""

    def __init__(self, settings: Settings, home: Path) -> None:
        self.settings = settings
        self.home = home
        self.requests = 0

    def ask(self, question: Question, tenant: Tenant, behaviour: Behaviour | None = None, **settings: Any) -> Finding:
        with serve(tenant, behaviour=behaviour or Behaviour(), clock=lambda: NOW) as emulator:
            finding = asyncio.run(self._ask(question, emulator, settings))
            self.requests = len(emulator.requests) - 1  # the sample's
        return finding

    async def _ask(self, question: Question, emulator: RunningEmulator, others: dict[str, Any]) -> Finding:
        settings = self.settings(emulator.url, self.home, **others)
        async with connect(settings) as client:
            sample = await take_sample(client, settings, NOW)
            services = settings.services or KNOWN_SERVICES
            return await question(Subject(client, services, settings, Lake(settings.lake_root), NOW, sample))


@pytest.fixture
def prober(emulator_settings: Settings, tmp_path: Path) -> Prober:
    return Prober(emulator_settings, tmp_path)


WHOLE = event(1, "2026-03-14T10:00:00.250Z")
FINER = event(2, "2026-03-14T11:00:00.123456789Z")


@pytest.mark.parametrize(
    ("events", "end_inclusive", "found"),
    [
        ([WHOLE, FINER], False, EndReading(False, False, False)),
        # The emulator compares milliseconds, as JumpCloud's sort keys do.
        ([WHOLE, FINER], True, EndReading(True, True, False)),
        ([WHOLE], True, EndReading(True, None, False)),
        ([event(3, "2026-03-14T12:00:00Z")], True, EndReading(True, None, None)),
        ([FINER], False, EndReading(None, False, False)),
        ([{"timestamp": "2026-03-14T10:00:00Z"}], True, EndReading(None, None, None)),
        ([], True, EndReading(None, None, None)),
    ],
)
def test_the_end_is_tried_on_events_of_each_precision(
    prober: Prober, events: list[dict[str, Any]], end_inclusive: bool, found: EndReading
) -> None:
    assert prober.ask(questions.end_reading, served(*events), Behaviour(end_inclusive=end_inclusive)) == found
    assert prober.requests <= 3


@pytest.mark.parametrize("end_inclusive", [False, True])
def test_the_end_is_tried_on_a_whole_tenant(prober: Prober, invented: Tenant, end_inclusive: bool) -> None:
    found = prober.ask(questions.end_reading, invented, Behaviour(end_inclusive=end_inclusive))
    assert isinstance(found, EndReading)
    assert found.at_its_instant is end_inclusive
    assert found.at_its_second is False


@pytest.mark.parametrize(
    ("behaviour", "used"),
    [
        (Behaviour(excessive_limit="default"), 1_000),
        (Behaviour(excessive_limit="maximum"), 10_000),
        (Behaviour(excessive_limit="maximum", maximum_limit=500), 500),
    ],
)
def test_a_limit_above_the_maximum_becomes_what_the_header_says(
    prober: Prober, behaviour: Behaviour, used: int
) -> None:
    assert prober.ask(questions.limit_reading, served(), behaviour) == LimitReading(10_001, used)


def refusing(call: Any, spare: int = 0) -> Behaviour:
    return Behaviour(faults=(Fault("status", status=400, calls=frozenset({call}), spare=spare),))


def test_a_limit_above_the_maximum_may_be_refused(prober: Prober) -> None:
    found = prober.ask(questions.limit_reading, served(), refusing("events", spare=1))
    assert found == LimitReading(10_001, None, "We are having difficulties")


def test_days_past_retention_may_be_silent(prober: Prober, invented: Tenant) -> None:
    found = prober.ask(questions.past_retention, invented)
    assert isinstance(found, PastRetention)
    assert found.events == 0
    assert found.asked_until == datetime(2025, 12, 10, tzinfo=UTC)  # the retention begins on the 17th
    assert found.oldest_event is not None
    assert found.oldest_event.date() == LAST_DAY - timedelta(days=2)


def test_days_past_retention_may_still_be_there(prober: Prober) -> None:
    found = prober.ask(questions.past_retention, served(event(1, "2025-12-05T10:00:00Z")))
    assert isinstance(found, PastRetention)
    assert (found.events, found.oldest_event) == (1, None)


def test_days_past_retention_may_be_refused(prober: Prober) -> None:
    found = prober.ask(questions.past_retention, served(WHOLE), refusing("count"))
    assert isinstance(found, PastRetention)
    assert (found.events, found.refusal) == (None, "We are having difficulties")
    assert found.oldest_event == datetime(2026, 3, 14, 10, 0, 0, 250_000, tzinfo=UTC)


def test_services_that_add_up_are_counted_and_nothing_else_is_asked(prober: Prober, invented: Tenant) -> None:
    found = prober.ask(questions.service_sum, invented)
    assert isinstance(found, ServiceSum)
    assert found.date == LAST_DAY
    assert found.all_events == found.sum_events > 0
    assert found.borne == {}
    assert prober.requests == len(KNOWN_SERVICES) + 1


def test_an_event_of_a_service_that_nobody_collects_is_named(prober: Prober) -> None:
    tenant = served(event(1, "2026-03-15T10:00:00Z", service="sso")).with_events(
        "pam", [event(2, "2026-03-15T11:00:00Z", service="pam")]
    )
    found = prober.ask(questions.service_sum, tenant)
    assert isinstance(found, ServiceSum)
    assert (found.all_events, found.sum_events, found.borne) == (2, 1, {"pam": 1, "sso": 1})


def test_refused_services_are_left_out_of_the_sum_and_renamed_ones_are_not(prober: Prober) -> None:
    behaviour = Behaviour(refused_services=frozenset({"workflows"}), renamed_services={"alerts": "alert"})
    tenant = Tenant.empty().with_events("alerts", [event(1, "2026-03-15T10:00:00Z")])
    found = prober.ask(questions.service_sum, tenant, behaviour)
    assert isinstance(found, ServiceSum)
    assert (found.all_events, found.by_service["alerts"], found.refused) == (1, 1, ["workflows"])


def test_the_refusal_of_an_impossible_service_lists_those_that_exist(prober: Prober) -> None:
    behaviour = Behaviour(refused_services=frozenset({"workflows"}), renamed_services={"alerts": "alert"})
    tenant = Tenant.empty().with_events("pam", [WHOLE])
    found = prober.ask(questions.accepted_services, tenant, behaviour, INSIGHTS_SERVICES="directory,sso")
    assert isinstance(found, AcceptedServices)
    assert found.how == "listed"
    assert {"directory", "sso", "alert", "pam"} <= set(found.accepted)
    assert {"workflows", "alerts", "genai"} <= set(found.refused)
    assert {"pam", "radius"} <= set(found.unasked)
    assert not {"directory", "alert", "all"} & set(found.unasked)
    assert prober.requests == 1


def test_each_name_is_tried_where_a_refusal_lists_none(prober: Prober) -> None:
    silent = Fault("status", status=400, services=frozenset({"no_service_has_this_name"}))
    behaviour = Behaviour(refused_services=frozenset({"workflows"}), faults=(silent,))
    found = prober.ask(questions.accepted_services, served(), behaviour)
    assert isinstance(found, AcceptedServices)
    assert found.how == "tried"
    assert set(found.accepted) == set(KNOWN_SERVICES) - {"workflows"}


def test_a_service_that_takes_any_name_is_told(prober: Prober) -> None:
    tenant = Tenant.empty().with_events("no_service_has_this_name", [WHOLE])
    assert prober.ask(questions.accepted_services, tenant) == AcceptedServices("any", [], [], [])


def test_ids_and_texts_of_the_sample_are_compared(prober: Prober) -> None:
    moment = "2026-03-14T10:00:00Z"
    tenant = served(
        event(1, moment, success=True),
        event(1, moment, success=True),  # the same document twice
        event(2, moment, success=False),
        event(2, moment, success=None),  # one id, two texts
        event(3, moment, success=True),  # the first's text under another id
        {"timestamp": moment},
    )
    assert prober.ask(questions.identities, tenant) == Identities(
        events=6, without_id=1, ids_of_several_texts=1, texts_of_several_ids=1
    )
    assert prober.requests == 0


def test_an_answer_without_events_tells_its_headers(prober: Prober, invented: Tenant) -> None:
    found = prober.ask(questions.empty_answer, invented)
    assert found == EmptyAnswer(True, result_count="0", limit="10000", sort="ASC", search_after="[]")
    lacking = Behaviour(faults=(Fault("no_cursor", calls=frozenset({"events"})),))
    found = prober.ask(questions.empty_answer, served(), lacking)
    assert isinstance(found, EmptyAnswer)
    assert found.search_after is None


@pytest.mark.parametrize(("gzip", "encoding"), [(True, "gzip"), (False, None)])
def test_compression_is_what_the_header_says(
    prober: Prober, invented: Tenant, gzip: bool, encoding: str | None
) -> None:
    found = prober.ask(questions.compression, invented, Behaviour(gzip=gzip))
    assert isinstance(found, Compression)
    assert found.encoding == encoding
    assert found.body_bytes > 1_000


def test_the_shape_of_old_key_attempts_holds_no_value(prober: Prober) -> None:
    old_key = event(
        1, "2026-03-14T10:00:00Z", event_type="admin_old_api_key_attempt", initiated_by={"email": "ann@example.com"}
    )
    tenant = Tenant.empty().with_events("directory", [old_key, event(2, "2026-03-14T10:00:01Z", event_type="other")])
    found = prober.ask(questions.old_key_shape, tenant)
    assert isinstance(found, OldKeyShape)
    assert found.types["initiated_by.email"] == ["string"]
    assert found.events == 1
    assert "ann" not in str(found)


def test_lateness_comes_from_what_runs_have_measured(prober: Prober, emulator_settings: Settings) -> None:
    tenant = served(WHOLE)
    with serve(tenant, clock=lambda: NOW) as emulator:
        settings = emulator_settings(emulator.url, prober.home)

        async def run_twice() -> None:
            async with connect(settings) as client:
                collector = Collector(Lake(settings.lake_root), client, lambda: NOW, timedelta(0), 8)
                key = DayKey("self", "sso", date(2026, 3, 14))
                await collector.collect([key])
                emulator.arrive("sso", [event(9, "2026-03-14T06:00:00Z")])
                await collector.collect([key])

        asyncio.run(run_twice())
    found = prober.ask(questions.arrivals, tenant)
    assert isinstance(found, Arrivals)
    (row,) = found.services
    assert (row.service, row.later_events, row.max_seconds) == ("sso", 1, 2 * 24 * 3600)


def test_one_question_that_fails_leaves_the_others_their_answers(emulator_settings: Settings, tmp_path: Path) -> None:
    behaviour = Behaviour(faults=(Fault("status", status=403, calls=frozenset({"count"})),))
    with serve(served(WHOLE), behaviour=behaviour, clock=lambda: NOW) as emulator:
        settings = emulator_settings(emulator.url, tmp_path)
        findings = asyncio.run(questions.probe(settings, KNOWN_SERVICES, Lake(settings.lake_root), NOW))
    failed = {name for name, finding in findings.items() if isinstance(finding, Unanswered)}
    assert failed == {"past_retention", "sum", "services", "retry_after"}
    assert findings["limit"] == LimitReading(10_001, 1_000)


def test_without_a_sample_every_question_says_why(emulator_settings: Settings, tmp_path: Path) -> None:
    with serve(served(WHOLE), behaviour=Behaviour(entitled=False), clock=lambda: NOW) as emulator:
        settings = emulator_settings(emulator.url, tmp_path)
        findings = asyncio.run(questions.probe(settings, KNOWN_SERVICES, Lake(settings.lake_root), NOW))
    assert findings.keys() == questions.QUESTIONS.keys()
    for finding in findings.values():
        assert isinstance(finding, Unanswered)
        assert NotEntitled.advice in finding.reason
