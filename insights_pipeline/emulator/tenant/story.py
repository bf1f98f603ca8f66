"""What goes wrong in the invented company during its last seven days, so that reports have something to find.

A password spray, a sign-in from a new country, MFA switched off, an administrator made, a password policy weakened, and
an API key rotated that four integrations go on using. Each chapter names its day by its distance from the last one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from insights_pipeline.emulator.tenant.authentications import admin_sign_in
from insights_pipeline.emulator.tenant.catalogue import SERVICES
from insights_pipeline.emulator.tenant.company import Admin, Company, Person, Place, object_id
from insights_pipeline.emulator.tenant.dated import DatedEvent, finish
from insights_pipeline.emulator.tenant.instants import NANOSECONDS, start_of
from insights_pipeline.emulator.tenant.scene import (
    JsonObject,
    Scene,
    admin_origin,
    browser,
    by_admin,
    by_user,
    geoip,
    program,
    user_resource,
)

_FOREIGN = Place("MD", "EU", "CU", "Chisinau Municipality", "Europe/Chisinau", 47.0042, 28.8574)
_CLOUD = Place("US", "NA", "VA", "Virginia", "America/New_York", 39.0469, -77.4903)
_SPRAY_ADDRESS = "203.0.113.66"
_INTRUDER_ADDRESS = "203.0.113.67"
_SPRAYED_PEOPLE = 140
_KEY_ROTATED_DAYS_BEFORE = 6
_KEY_ROTATED_AT = 9 * 3_600 + 12 * 60

_MINUTE = 60
_HOUR = 3_600


@dataclass(frozen=True)
class Stage:
    """One day of the story: who is there, and a chance of its own so that ordinary events stay as they are."""

    company: Company
    day: date
    rng: random.Random

    @property
    def target(self) -> Person:
        """The person whose password the spray finds: one without a second factor."""
        return next(person for person in self.company.people if not person.uses_mfa)

    @property
    def colleague(self) -> Person:
        """The person who had a second factor until an administrator was talked into switching it off."""
        return next(person for person in self.company.people if person.uses_mfa)

    @property
    def new_admin(self) -> Admin:
        """The administrator whom the intruder makes; the id is the same on every day of the story."""
        rng = random.Random(f"new admin:{self.company.organization}")
        made_by = self.company.admins[1]
        return replace(made_by, id=object_id(rng), email="support.desk@example.org", address=_INTRUDER_ADDRESS)

    @property
    def rotating_admin(self) -> Admin:
        """The administrator whose API key is rotated."""
        return self.company.admins[0]

    def event(self, label: str, service: str, event_type: str, seconds: float, members: JsonObject) -> DatedEvent:
        """An event at so many seconds into the day."""
        instant = start_of(self.day) + int(seconds * NANOSECONDS)
        scene = Scene(self.company, self.rng, instant, self.target, event_type)
        return DatedEvent(service, finish(service, SERVICES[service], scene, members), label)


Chapter = Callable[[Stage], Iterator[DatedEvent]]


def _from_abroad(address: str) -> JsonObject:
    return {"client_ip": address, "geoip": geoip(_FOREIGN)}


def password_spray(stage: Stage) -> Iterator[DatedEvent]:
    """One address tries one password on many people, twice within the hour; two accounts lock."""
    people = stage.rng.sample([p for p in stage.company.people if p != stage.target], _SPRAYED_PEOPLE)
    for attempt in range(2):
        for number, person in enumerate(people):
            seconds = 2 * _HOUR + 10 * _MINUTE + attempt * 20 * _MINUTE + number * 7 + stage.rng.random() * 5
            members = _from_abroad(_SPRAY_ADDRESS) | {
                "initiated_by": by_user(person),
                "useragent": program("Python Requests", "2.31"),
                "auth_method": "session",
                "auth_context": {"auth_methods": {"password": {"success": False}}},
                "mfa": False,
                "provider": None,
                "success": False,
                "error_message": "invalid username or password",
            }
            yield stage.event("password_spray", "directory", "user_login_attempt", seconds, members)
    for person in people[:2]:
        members = {
            "initiated_by": {"type": "system", "source": "system"},
            "resource": user_resource(person),
            "username": person.username,
            "client_ip": _SPRAY_ADDRESS,
            "provider": None,
        }
        yield stage.event("password_spray", "directory", "user_lockout", 2 * _HOUR + 50 * _MINUTE, members)


def sign_in_from_new_country(stage: Stage) -> Iterator[DatedEvent]:
    """The same night a sign-in from the same country succeeds, and two applications are opened from there."""
    person = stage.target
    origin = _from_abroad(_INTRUDER_ADDRESS) | {"initiated_by": by_user(person), "useragent": browser(6), "mfa": False}
    members = origin | {
        "auth_method": "session",
        "auth_context": {"auth_methods": {"password": {"success": True}}},
        "provider": None,
        "success": True,
    }
    yield stage.event("new_country", "directory", "user_login_attempt", 3 * _HOUR + 5 * _MINUTE, members)
    for minute, application in zip((7, 11), stage.company.applications, strict=False):
        opened = origin | {
            "application": {
                "id": application.id,
                "name": application.name,
                "display_label": application.label,
                "sso_type": "saml",
                "sso_url": application.sso_url,
            },
            "auth_context": {"auth_methods": {}},
            "error_message": "",
            "idp_initiated": True,
            "provider": "",
            "sso_token_success": True,
        }
        yield stage.event("new_country", "sso", "sso_auth", 3 * _HOUR + minute * _MINUTE, opened)


def mfa_switched_off(stage: Stage) -> Iterator[DatedEvent]:
    """An administrator frees a person from MFA and removes the enrolled app."""
    origin = admin_origin(stage.company.admins[1]) | {
        "auth_method": "session",
        "provider": None,
        "resource": user_resource(stage.colleague),
        "success": True,
    }
    changes = [
        {"field": "mfa.exclusion", "from": False, "to": True},
        {"field": "enable_user_portal_multifactor", "from": True, "to": False},
    ]
    at = 13 * _HOUR + 40 * _MINUTE
    yield stage.event("mfa_off", "directory", "user_update", at, origin | {"changes": changes})
    yield stage.event("mfa_off", "directory", "totp_delete_enrollment", at + 25, origin)


def administrator_made(stage: Stage) -> Iterator[DatedEvent]:
    """A new administrator, a person granted administration, and the newcomer's first sign-in from abroad."""
    admin, maker = stage.new_admin, stage.company.admins[1]
    origin = admin_origin(maker) | {"auth_method": "session", "mfa": True, "provider": None, "success": True}
    resource = {"id": admin.id, "type": "admin", "email": admin.email}
    created = [
        {"field": "email", "to": admin.email},
        {"field": "roleName", "to": "Administrator With Billing"},
        {"field": "apiKeyAllowed", "to": True},
        {"field": "enableMultiFactor", "to": False},
    ]
    at = 22 * _HOUR + 15 * _MINUTE
    yield stage.event(
        "admin_made", "directory", "admin_create", at, origin | {"resource": resource, "changes": created}
    )
    granted = {
        "resource": user_resource(stage.colleague),
        "changes": [{"field": "admin", "from": None, "to": admin.id}],
    }
    yield stage.event("admin_made", "directory", "user_admin_granted", at + 4 * _MINUTE, origin | granted)
    sign_in = admin_sign_in(admin, success=True) | _from_abroad(_INTRUDER_ADDRESS) | {"mfa": False}
    yield stage.event("admin_made", "directory", "admin_login_attempt", at + 16 * _MINUTE, sign_in)


def password_policy_weakened(stage: Stage) -> Iterator[DatedEvent]:
    """The new administrator lowers what passwords must be: a nested object changes within one field."""
    before = {"enableMinLength": True, "minLength": 12, "needsSymbolic": True, "lockoutTimeInSeconds": 900}
    after = before | {"minLength": 6, "needsSymbolic": False, "lockoutTimeInSeconds": 60}
    members = (
        admin_origin(stage.new_admin)
        | _from_abroad(_INTRUDER_ADDRESS)
        | {
            "auth_method": "session",
            "changes": [{"field": "settings.passwordPolicy", "from": before, "to": after}],
            "provider": None,
            "resource": {"id": stage.company.organization, "type": "organization", "name": "Example Ltd"},
            "success": True,
        }
    )
    yield stage.event("policy_weakened", "directory", "organization_update", 23 * _HOUR + 5 * _MINUTE, members)


def api_key_rotated(stage: Stage) -> Iterator[DatedEvent]:
    """An administrator generates a new API key. What type the real event has is not public; an update fits it best."""
    admin = stage.rotating_admin
    members = admin_origin(admin) | {
        "auth_method": "session",
        "changes": [{"field": "apiKey"}],
        "provider": None,
        "resource": by_admin(admin),
        "success": True,
    }
    yield stage.event("key_rotated", "directory", "admin_update", _KEY_ROTATED_AT, members)


@dataclass(frozen=True)
class Integration:
    """A program that still has the old key: the seconds of a day at which it calls, and until when it does."""

    name: str
    address: str
    useragent: JsonObject
    resource: Any
    seconds: Callable[[random.Random], list[float]]
    quiet_from_days_before: int = -1


def _regularly(start: int, every: int, jitter: float) -> Callable[[random.Random], list[float]]:
    return lambda rng: [start + call + rng.random() * jitter for call in range(0, 86_400 - start, every)]


def _now_and_then(rng: random.Random) -> list[float]:
    return [rng.random() * 86_400 for _ in range(rng.randint(2, 9))]


# Each spells the called address differently: how the real event does is not public.
INTEGRATIONS = (
    Integration(
        "inventory synchronization",
        "203.0.113.10",
        program("Python Requests", "2.28"),
        "https://console.jumpcloud.com/api/systems?limit=100",
        _regularly(0, 15 * _MINUTE, 4),
    ),
    Integration(
        "log forwarder",
        "203.0.113.20",
        program("Go-http-client", "1.1"),
        {"type": "api", "url": "https://api.jumpcloud.com/insights/directory/v1/events"},
        _regularly(5 * _MINUTE, _HOUR, 20),
    ),
    Integration(
        "nightly user import",
        "203.0.113.30",
        program("curl", "7.81.0"),
        "/api/v2/bulk/users/import/users",
        _regularly(2 * _HOUR, 24 * _HOUR, 8),
    ),
    Integration(
        "report script",
        "2001:db8:4::30",
        program(),
        {"name": "https://api.jumpcloud.com/insights/directory/v1/reports"},
        _now_and_then,
        quiet_from_days_before=3,
    ),
)


def old_api_key_attempts(stage: Stage, days_before: int) -> Iterator[DatedEvent]:
    """The calls with the old key on one day since the rotation."""
    admin = stage.rotating_admin
    for integration in INTEGRATIONS:
        for seconds in integration.seconds(stage.rng):
            too_early = days_before == _KEY_ROTATED_DAYS_BEFORE and seconds <= _KEY_ROTATED_AT
            if too_early or days_before <= integration.quiet_from_days_before:
                continue
            members = {
                "initiated_by": by_admin(admin),
                "resource": integration.resource,
                "client_ip": integration.address,
                "geoip": geoip(_CLOUD),
                "useragent": integration.useragent,
                "auth_method": "api key",
                "provider": None,
            }
            label = f"old_api_key:{integration.name}"
            yield stage.event(label, "directory", "admin_old_api_key_attempt", min(seconds, 86_399.9), members)


_CHAPTERS: tuple[tuple[int, Chapter], ...] = (
    (_KEY_ROTATED_DAYS_BEFORE, api_key_rotated),
    (5, password_spray),
    (5, sign_in_from_new_country),
    (4, mfa_switched_off),
    (3, administrator_made),
    (2, password_policy_weakened),
)


def story_of_day(seed: int, company: Company, day: date, last_day: date) -> Iterator[DatedEvent]:
    """The story's events of one UTC day, given the last day of the period."""
    days_before = (last_day - day) // timedelta(days=1)
    if not 0 <= days_before <= _KEY_ROTATED_DAYS_BEFORE:
        return
    stage = Stage(company, day, random.Random(f"story:{seed}:{company.organization}:{day.isoformat()}"))
    for chapter_day, chapter in _CHAPTERS:
        if chapter_day == days_before:
            yield from chapter(stage)
    yield from old_api_key_attempts(stage, days_before)
