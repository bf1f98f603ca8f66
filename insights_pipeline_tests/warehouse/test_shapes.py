"""What the tables say of single events, one for each shape that the documents describe."""

from __future__ import annotations

from typing import Any

import pytest

from insights_pipeline_tests.warehouse.conftest import Stages
from insights_pipeline_tests.warehouse.events import WILD


def row(stages: Stages, table: str, number: int, columns: str) -> tuple[Any, ...]:
    (found,) = stages.tenant.rows(
        f"select {columns} from {table} where org = 'shapes' and event_id = '69cc{number:020d}'"
    )
    return found


@pytest.mark.parametrize(
    ("number", "channel", "actor", "actor_type", "outcome"),
    [
        (1, "admin_portal", "ann@example.org", "admin", "success"),
        (2, "radius", "zoe", "user", "success"),
        (3, "ldap", "bob", "user", "failure"),
        (4, "sso", "bob", "user", "success"),
        (5, "sso", "bob", "user", "failure"),
        (9, "device", "bob", "user", "unknown"),
        (10, "user_portal", "bob", "user", "failure"),
        (11, "password_manager", "bob", "user", "success"),
    ],
)
def test_a_sign_in_has_its_channel_actor_and_outcome(
    stages: Stages, number: int, channel: str, actor: str, actor_type: str, outcome: str
) -> None:
    columns = "channel, actor, actor_type, outcome"
    assert row(stages, "authentications", number, columns) == (channel, actor, actor_type, outcome)


def test_a_sign_in_without_a_type_is_recognised_by_its_fields_and_says_so(stages: Stages) -> None:
    assert row(stages, "authentications", 2, "event_type, is_event_type_inferred") == ("radius_auth_attempt", True)


@pytest.mark.parametrize(
    ("number", "used", "factor"),
    [(1, True, None), (6, False, None), (7, True, "totp, webauthn"), (8, True, "duo"), (3, None, None)],
)
def test_a_factor_counts_only_if_it_succeeded(
    stages: Stages, number: int, used: bool | None, factor: str | None
) -> None:
    assert row(stages, "authentications", number, "mfa_used, mfa_factor") == (used, factor)


@pytest.mark.parametrize(
    ("number", "reason"), [(3, "invalid credentials"), (5, None), (10, "account locked"), (1, None)]
)
def test_a_failure_has_the_reason_that_the_event_gives(stages: Stages, number: int, reason: str | None) -> None:
    assert row(stages, "authentications", number, "failure_reason") == (reason,)


def test_device_address_program_and_application_are_read_wherever_they_are(stages: Stages) -> None:
    assert row(stages, "authentications", 9, "device, client_ip, program") == ("bob-laptop", "192.0.2.7", "sshd")
    assert row(stages, "authentications", 5, "application") == ("google",)
    assert row(stages, "authentications", 11, "user_agent") == ("Desktop/3.1",)


def test_ids_user_names_and_addresses_of_one_person_are_one_person(stages: Stages) -> None:
    people = stages.tenant.rows(
        "select distinct person_id from authentications where org = 'shapes' and actor in ('bob', 'bob@example.org')"
    )
    assert people == [("5f00000000000000000000b1",)]


@pytest.mark.parametrize(
    ("number", "action", "via", "effect", "summary"),
    [
        (
            20,
            "update",
            "session",
            "weakens",
            (
                "ann@example.org changed organization settings: "
                "password minimum length 12 → 6, MFA required of administrators true → false"
            ),
        ),
        (
            21,
            "update",
            "directory sync",
            "neutral",
            'ann@example.org changed user bob: password, attributes division Sales → IT, tags ["a"] → none',
        ),
        (22, "associate", "api key", "neutral", "ann@example.org removed user bob from user group Sales"),
        (23, "update", "system", "neutral", "JumpCloud changed quantum key: size 1 → 2"),
        (24, "delete", "other", "neutral", "ann@example.org tried in vain: deleted user"),
    ],
)
def test_a_change_reads_as_a_sentence(
    stages: Stages, number: int, action: str, via: str, effect: str, summary: str
) -> None:
    columns = "action, via, effect, summary"
    assert row(stages, "admin_changes", number, columns) == (action, via, effect, summary)


def test_a_nested_change_has_a_row_for_each_value_that_differs(stages: Stages) -> None:
    fields = stages.tenant.rows(
        "select field, old_value, new_value, area, effect from admin_change_fields"
        " where org = 'shapes' and event_type = 'organization_update' order by field"
    )
    assert fields == [
        ("settings.passwordPolicy.minLength", "12", "6", "password policy", "weakens"),
        ("settings.requireAdminMFA", "true", "false", "MFA", "weakens"),
    ]


def test_changed_values_keep_their_json_and_a_value_that_is_not_given_is_null(stages: Stages) -> None:
    fields = stages.tenant.rows(
        "select field, old_value, new_value from admin_change_fields"
        " where org = 'shapes' and event_type = 'user_update' order by position_in_event"
    )
    assert fields == [
        ("password", None, None),
        ("attributes.Division", '"Sales"', '"IT"'),
        ("tags", '["a"]', "null"),
    ]


@pytest.mark.parametrize(
    ("number", "host", "path", "user_agent"),
    [
        (30, None, None, None),
        (31, "console.jumpcloud.com", "/api/systems", None),
        (32, "api.eu.jumpcloud.com", "/api/systemusers/5f00000000000000000000b1", None),
        (33, None, "/insights/directory/v1/events", "curl/8.5.0"),
    ],
)
def test_a_call_with_an_old_key_is_read_whatever_fields_it_has(
    stages: Stages, number: int, host: str | None, path: str | None, user_agent: str | None
) -> None:
    columns = "api_host, api_path, user_agent"
    assert row(stages, "old_api_key_attempts", number, columns) == (host, path, user_agent)


def test_an_event_of_an_unknown_service_is_among_the_events(stages: Stages) -> None:
    found = stages.tenant.rows("select event_type from events where org = 'shapes' and service = 'quantum_vault'")
    assert found == [("quantum_door_opened",)]


def test_values_of_any_shape_stop_no_build_and_lose_no_event(stages: Stages) -> None:
    counts = stages.tenant.rows(
        "select (select count(*) from authentications where org = 'wild'),"
        " (select count(*) from admin_changes where org = 'wild'),"
        " (select count(*) from old_api_key_attempts where org = 'wild')"
    )
    of_each_type = len(WILD) // 6
    assert counts == [(3 * of_each_type, 2 * of_each_type, of_each_type)]
