"""What stands between a credential and its events is found and named, once."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from insights_pipeline.cli.doctor.access import check_access, check_address, check_credentials
from insights_pipeline.cli.doctor.check import Check
from insights_pipeline.emulator import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Behaviour, Fault, Tenant, serve
from insights_pipeline.events import KNOWN_SERVICES
from insights_pipeline.settings import IsolatedSettings

FIRST, SECOND = "5f0000000000000000000001", "5f0000000000000000000002"

Settings = Callable[..., IsolatedSettings]


def checks_of(
    settings: Settings,
    home: Path,
    behaviour: Behaviour | None = None,
    tenant: Tenant | None = None,
    clock_error: timedelta = timedelta(0),
    **others: Any,
) -> list[Check]:
    with serve(tenant or Tenant.empty(), behaviour=behaviour) as emulator:
        asked = settings(emulator.url, home, **others)
        return asyncio.run(
            check_access(asked, asked.services or KNOWN_SERVICES, lambda: datetime.now(UTC) + clock_error)
        )


def failures(checks: list[Check]) -> list[Check]:
    return [check for check in checks if check.verdict != "ok"]


def test_all_is_well_with_a_healthy_service(emulator_settings: Settings, tmp_path: Path) -> None:
    checks = checks_of(emulator_settings, tmp_path)
    assert failures(checks) == []
    assert [check.what for check in checks] == [
        "the API answers",
        "the credential is accepted",
        "clock agrees with JumpCloud's",
        "organization self: Directory Insights may be read",
        "organization self: 16 of 16 services are accepted",
    ]


def test_nothing_more_is_asked_with_a_credential_that_is_refused(emulator_settings: Settings, tmp_path: Path) -> None:
    with serve(Tenant.empty()) as emulator:
        settings = emulator_settings(emulator.url, tmp_path).model_copy(update={"api_key": SecretStr("jca_wrong")})
        checks = asyncio.run(check_access(settings, KNOWN_SERVICES, lambda: datetime.now(UTC)))
        assert len(emulator.requests) == 1
    (failure,) = failures(checks)
    assert failure.what == "the credential is accepted"
    assert "JUMPCLOUD_API_KEY" in failure.remedy
    assert checks[0] == Check("ok", "the API answers")


def test_an_address_where_no_such_api_is_fails_first(emulator_settings: Settings, tmp_path: Path) -> None:
    with serve(Tenant.empty()) as emulator:
        settings = emulator_settings(f"{emulator.url}/elsewhere", tmp_path)
        (check,) = asyncio.run(check_access(settings, KNOWN_SERVICES, lambda: datetime.now(UTC)))
    assert (check.verdict, check.what) == ("fail", "the API answers")
    assert "404" in check.remedy


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (Behaviour(entitled=False), "Directory Insights is not enabled"),
        (Behaviour(role_allowed=False), "role may read Directory Insights"),
    ],
)
def test_what_the_organization_denies_is_told_with_its_remedy(
    emulator_settings: Settings, tmp_path: Path, behaviour: Behaviour, said: str
) -> None:
    checks = checks_of(emulator_settings, tmp_path, behaviour)
    (failure,) = failures(checks)
    assert failure.verdict == "fail"
    assert failure.what == "organization self: Directory Insights may be read"
    assert said in failure.remedy
    assert Check("ok", "the credential is accepted") in checks


def test_one_organization_that_refuses_leaves_the_others_checked(emulator_settings: Settings, tmp_path: Path) -> None:
    checks = checks_of(
        emulator_settings,
        tmp_path,
        Behaviour(forbidden_organizations=frozenset({FIRST})),
        Tenant.empty((FIRST, SECOND)),
        JUMPCLOUD_ORG_IDS=f"{FIRST},{SECOND}",
    )
    (failure,) = failures(checks)
    assert failure.what == f"organization {FIRST}: Directory Insights may be read"
    assert Check("ok", f"organization {SECOND}: 16 of 16 services are accepted") in checks


def test_services_that_do_not_exist_are_named_and_renamed_ones_are_not(
    emulator_settings: Settings, tmp_path: Path
) -> None:
    behaviour = Behaviour(refused_services=frozenset({"workflows"}), renamed_services={"alerts": "alert"})
    checks = checks_of(emulator_settings, tmp_path, behaviour)
    (doubt,) = failures(checks)
    assert doubt.verdict == "warn"
    assert "workflows does not exist here" in doubt.what
    assert "INSIGHTS_SERVICES" in doubt.remedy
    assert checks[-2].what == "organization self: 15 of 16 services are accepted"


def test_a_service_that_is_denied_is_named_with_the_reason(emulator_settings: Settings, tmp_path: Path) -> None:
    behaviour = Behaviour(faults=(Fault("status", status=403, services=frozenset({"radius"})),))
    (doubt,) = failures(checks_of(emulator_settings, tmp_path, behaviour))
    assert doubt.what == "organization self: the service radius is refused"
    assert "403" in doubt.remedy


@pytest.mark.parametrize(("error", "how"), [(timedelta(minutes=-10), "behind"), (timedelta(minutes=10), "ahead of")])
def test_a_clock_that_is_wrong_is_told(emulator_settings: Settings, tmp_path: Path, error: timedelta, how: str) -> None:
    (doubt,) = failures(checks_of(emulator_settings, tmp_path, clock_error=error))
    assert doubt.verdict == "warn"
    assert how in doubt.what
    assert "NTP" in doubt.remedy


def test_a_service_account_is_checked_like_a_key(emulator_settings: Settings, tmp_path: Path) -> None:
    with serve(Tenant.empty()) as emulator:
        account = {
            "JUMPCLOUD_CLIENT_ID": DEMO_CLIENT_ID,
            "JUMPCLOUD_CLIENT_SECRET": DEMO_CLIENT_SECRET,
            "JUMPCLOUD_TOKEN_URL": f"{emulator.url}/oauth2/token",
        }
        settings = emulator_settings(emulator.url, tmp_path, **account)
        checks = asyncio.run(check_access(settings, ("sso",), lambda: datetime.now(UTC)))
        wrong = emulator_settings(emulator.url, tmp_path, **account | {"JUMPCLOUD_CLIENT_SECRET": "wrong"})
        refused = asyncio.run(check_access(wrong, ("sso",), lambda: datetime.now(UTC)))
    assert failures(checks) == []
    assert [check.what for check in failures(refused)] == ["the credential is accepted"]


@pytest.mark.parametrize(
    ("settings", "verdict", "what"),
    [
        ({"JUMPCLOUD_REGION": "eu"}, "ok", "https://api.eu.jumpcloud.com, region eu"),
        ({"JUMPCLOUD_API_URL": "http://127.0.0.1:1"}, "ok", "http://127.0.0.1:1"),
        ({"JUMPCLOUD_API_URL": "http://api.jumpcloud.com"}, "fail", "http://api.jumpcloud.com"),
        ({"JUMPCLOUD_API_URL": "https://api.jumpcloud.com", "JUMPCLOUD_REGION": "eu"}, "warn", "api.jumpcloud.com"),
    ],
)
def test_the_address_is_judged_without_asking_it(settings: dict[str, Any], verdict: str, what: str) -> None:
    check = check_address(IsolatedSettings(**settings))
    assert check.verdict == verdict
    assert what in check.what


@pytest.mark.parametrize(
    ("settings", "verdict", "said"),
    [
        ({}, "fail", "JUMPCLOUD_API_KEY"),
        ({"JUMPCLOUD_API_KEY": "k"}, "ok", ""),
        ({"JUMPCLOUD_API_KEY": "two words"}, "fail", "copy it again"),
        ({"JUMPCLOUD_CLIENT_ID": "c", "JUMPCLOUD_CLIENT_SECRET": "s"}, "warn", "JUMPCLOUD_ORG_IDS"),
        ({"JUMPCLOUD_CLIENT_ID": "c", "JUMPCLOUD_CLIENT_SECRET": "s", "JUMPCLOUD_ORG_IDS": FIRST}, "ok", ""),
    ],
)
def test_credentials_are_judged_by_kind(settings: dict[str, Any], verdict: str, said: str) -> None:
    check = check_credentials(IsolatedSettings(**settings))
    assert check.verdict == verdict
    assert said in check.remedy
