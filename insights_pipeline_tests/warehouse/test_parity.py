"""The tables against the emulated tenant's own events, worked out here in Python by other means, to the row."""

from __future__ import annotations

import csv
from collections import Counter
from typing import Any

from insights_pipeline.warehouse import PROJECT_FOLDER
from insights_pipeline_tests.warehouse.conftest import Stages

Event = dict[str, Any]


def _classes() -> dict[str, str]:
    with (PROJECT_FOLDER / "seeds" / "event_types.csv").open() as rows:
        return {row["event_type"]: row["class"] for row in csv.DictReader(rows)}


def _events_of(stages: Stages, prefix: str) -> list[Event]:
    classes = _classes()
    return [
        event
        for events in stages.tenant_events.values()
        for event in events
        if classes.get(event.get("event_type", ""), "other").startswith(prefix)
    ]


def _outcome(event: Event) -> str:
    if event["event_type"].endswith("lockout"):
        return "failure"
    told = event.get("success", event.get("sso_token_success"))
    return {True: "success", False: "failure", None: "unknown"}[told]


def _actor(event: Event) -> str:
    initiator = event.get("initiated_by", {})
    return str(
        initiator.get("email" if initiator.get("type") == "admin" else "username")
        or event.get("username")
        or event["resource"]["username"]
    )


def test_every_sign_in_has_the_outcome_actor_and_address_of_its_event(stages: Stages) -> None:
    expected = Counter(
        (event["id"], _outcome(event), _actor(event), event.get("client_ip") or event.get("src_ip") or None)
        for event in _events_of(stages, "authentication")
    )
    found = stages.tenant.rows("select event_id, outcome, actor, client_ip from authentications where org = 'tenant'")
    assert len(expected) > 500
    assert Counter(found) == expected


def test_every_change_is_there_with_its_actor_and_its_changed_fields(stages: Stages) -> None:
    changes = _events_of(stages, "admin_change")
    actors = {
        event["id"]: (event.get("initiated_by") or {}).get("email") or (event.get("initiated_by") or {}).get("username")
        for event in changes
    }
    found = dict(stages.tenant.rows("select event_id, actor from admin_changes where org = 'tenant'"))
    assert found.keys() == actors.keys()
    assert {key: actor for key, actor in found.items() if actors[key]} == {k: a for k, a in actors.items() if a}

    positions = {
        (event["id"], position)
        for event in changes
        for position, change in enumerate(event.get("changes") or [], start=1)
        if "field" in change
    }
    rows = stages.tenant.rows("select event_id, position_in_event from admin_change_fields where org = 'tenant'")
    assert set(rows) == positions


def test_the_callers_with_an_old_key_are_the_integrations_that_still_use_it(stages: Stages) -> None:
    attempts = _events_of(stages, "old_api_key_attempt")
    expected = Counter((event["initiated_by"]["email"], event["client_ip"]) for event in attempts)
    found = stages.tenant.rows("select admin_email, client_ip, attempts from old_api_key_sources where org = 'tenant'")
    assert {(email, address): calls for email, address, calls in found} == expected
    rhythms = dict(
        stages.tenant.rows("select client_ip, typical_interval from old_api_key_sources where org = 'tenant'")
    )
    assert set(rhythms.values()) == {"every 15 minutes", "hourly", "daily at 02:00", "irregular"}


def test_the_story_shows_as_weakening_changes(stages: Stages) -> None:
    summaries = [
        summary
        for (summary,) in stages.tenant.rows(
            "select summary from admin_changes where effect = 'weakens' and org = 'tenant'"
        )
    ]
    assert any("password minimum length 12 → 6" in summary for summary in summaries)
    assert any("MFA exclusion false → true" in summary for summary in summaries)


def test_the_burndown_counts_each_source_once_a_day_from_the_first_call_on(stages: Stages) -> None:
    days = stages.tenant.rows(
        "select active_sources + quiet_sources + closed_sources, new_sources from old_api_key_burndown"
        " where org = 'tenant' order by date"
    )
    assert len(days) == 7
    assert [known for known, _ in days] == [sum(new for _, new in days[: n + 1]) for n in range(7)]
    assert days[-1][0] == stages.tenant.value("select count(*) from old_api_key_sources where org = 'tenant'")
