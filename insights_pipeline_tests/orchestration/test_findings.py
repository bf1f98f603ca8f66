"""What somebody is told, once for each finding, and that no person is in it."""

from datetime import UTC, date, datetime

from insights_pipeline.collector import Coverage, Unasked
from insights_pipeline.events import Drift, DriftKind
from insights_pipeline.lake.manifest import State
from insights_pipeline.orchestration import findings
from insights_pipeline.orchestration.findings import Finding, Source

DAY = date(2026, 3, 1)


def row(service: str, state: State, day: date = DAY) -> Coverage:
    return Coverage("self", service, day, state, None, 0, 0, None, None, date(2026, 5, 30))


def source(status: str, *, reopened: bool = False) -> Source:
    return Source("c1", "Python script", "/api/systems", 12, status, reopened)


def test_a_finding_is_told_once_and_again_after_it_was_gone() -> None:
    found = [Finding("a", "A is so."), Finding("b", "B is so.")]
    assert findings.news(found, findings.known_keys(None)) == ["A is so.", "B is so."]
    cursor = findings.cursor_of(found)
    assert findings.news([*found, Finding("c", "C is so.")], findings.known_keys(cursor)) == ["C is so."]
    gone = findings.cursor_of([found[0]])
    assert findings.news(found, findings.known_keys(gone)) == ["B is so."]


def test_a_day_at_risk_is_one_finding_for_all_its_services() -> None:
    (found,) = findings.days_at_risk([row("sso", "missing"), row("ldap", "short")])
    assert found.sentence == (
        "JumpCloud deletes 2026-03-01 of self on 2026-05-30, and it isn't proven: ldap (short), sso (missing)."
    )


def test_services_that_are_behind_are_told_once_until_they_have_caught_up() -> None:
    (first,) = findings.services_behind([row("sso", "missing")])
    (second,) = findings.services_behind([row("sso", "missing", date(2026, 3, 2)), row("ldap", "open")])
    assert first.key == second.key
    assert list(findings.services_behind([])) == []


def test_a_database_that_was_never_published_is_told_as_such() -> None:
    (never,) = findings.publication_behind(None, late=True)
    (late,) = findings.publication_behind(datetime(2026, 3, 1, 2, 5, tzinfo=UTC), late=True)
    assert "since ever" not in str(never.sentence)
    assert "2026-03-01 02:05 UTC" in str(late.sentence)
    assert list(findings.publication_behind(None, late=False)) == []


def test_drift_is_told_by_name_and_count() -> None:
    (found,) = findings.new_drift([Drift("sso", DriftKind.FIELD, "application.tier", DAY, DAY, 1, 7, "events/…")])
    assert found.sentence == (
        "Events of sso since 2026-03-01 have the member application.tier, which no column is made of (7 events)."
    )


def test_a_service_that_nobody_asked_for_is_the_same_finding_on_every_day() -> None:
    days = [
        Unasked(org="self", date=day, compared_at=datetime(2026, 3, 9, tzinfo=UTC), all_events=9, asked_events=8, services={"pam": 1})
        for day in (DAY, date(2026, 3, 2))
    ]  # fmt: skip
    assert len(findings.news(findings.new_services(days[:1]), frozenset())) == 1
    assert {found.key for found in findings.new_services(days)} == {"unasked:self:pam"}


def test_a_source_is_told_when_it_is_new_and_when_it_calls_again_and_not_in_between() -> None:
    told: list[list[str]] = []
    cursor = None
    for now in (source("active"), source("quiet"), source("closed"), source("active", reopened=True), source("quiet", reopened=True)):  # fmt: skip
        found = list(findings.old_key_sources([now]))
        told.append(findings.news(found, findings.known_keys(cursor)))
        cursor = findings.cursor_of(found)
    assert [len(sentences) for sentences in told] == [1, 0, 0, 1, 0]
    assert told[0] == ["New source with an old admin API key: Python script calling /api/systems, 12 attempts."]


def test_sources_that_were_closed_before_anybody_looked_are_not_told() -> None:
    assert findings.news(findings.old_key_sources([source("closed")]), frozenset()) == []


def test_a_source_carries_no_one() -> None:
    assert set(Source.__slots__) == {"caller_id", "integration", "api_path", "attempts", "status", "reopened"}
