"""What an event is made from: who acts, when, from where; and the nested objects that several services share."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from insights_pipeline.emulator.tenant.company import (
    USER_AGENTS_PER_SYSTEM,
    Admin,
    Application,
    Company,
    Group,
    Person,
    Place,
    object_id,
)

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """The circumstances of one event. `instant` is in nanoseconds since 1970."""

    company: Company
    rng: random.Random
    instant: int
    person: Person
    event_type: str

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def admin(self) -> Admin:
        return self.rng.choice(self.company.admins)

    def other_person(self) -> Person:
        return self.rng.choice(self.company.people)

    def application(self) -> Application:
        # The first applications are used most.
        return self.company.applications[min(int(self.rng.expovariate(0.4)), len(self.company.applications) - 1)]

    def group(self) -> Group:
        return self.rng.choice(self.company.groups)

    def object_id(self) -> str:
        return object_id(self.rng)

    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.person.office.place.timezone)

    def address(self) -> str:
        """Where the person works from right now."""
        return self.person.office_address if self.chance(0.7) else self.person.home_address


# (name, version, operating system, its version, device), as browsers introduce themselves.
_BROWSERS = {
    "Mac OS X": (("Chrome", "131.0.0.0"), ("Safari", "18.1"), ("Firefox", "132.0")),
    "Windows": (("Chrome", "131.0.0.0"), ("Edge", "131.0.0.0"), ("Firefox", "132.0")),
    "Ubuntu": (("Chrome", "130.0.0.0"), ("Firefox", "131.0"), ("Firefox", "132.0")),
}
_SYSTEM_OF_AGENT = ("Mac OS X", "Mac OS X", "Windows", "Windows", "Ubuntu")
_SYSTEM_VERSION = {"Mac OS X": ("10", "15", "7"), "Windows": ("10", "", ""), "Ubuntu": ("", "", "")}


def browser(number: int) -> JsonObject:
    """The `useragent` of a browser: all text, and members that don't apply are missing."""
    system = _SYSTEM_OF_AGENT[number // USER_AGENTS_PER_SYSTEM]
    name, version = _BROWSERS[system][number % USER_AGENTS_PER_SYSTEM]
    os_major, os_minor, os_patch = _SYSTEM_VERSION[system]
    os_version = ".".join(part for part in (os_major, os_minor, os_patch) if part)
    major, minor, *rest = version.split(".")
    members = {
        "os": system,
        "os_name": system,
        "os_full": f"{system} {os_version}".strip(),
        "os_version": os_version,
        "os_major": os_major,
        "os_minor": os_minor,
        "os_patch": os_patch,
        "name": name,
        "version": version,
        "major": major,
        "minor": minor,
        "patch": rest[0] if rest else "",
        "device": "Mac" if system == "Mac OS X" else "Other",
    }
    return {name: value for name, value in members.items() if value}


def program(name: str = "Other", version: str = "") -> JsonObject:
    """The `useragent` of a script: most are known as "Other", some by name and version."""
    parts = version.split(".") if version else []
    numbered = dict(zip(("major", "minor", "patch"), parts, strict=False))
    members = {"os": "Other", "os_name": "Other", "os_full": "Other", "name": name, "device": "Other"}
    return members | numbered | ({"version": version} if version else {})


def geoip(place: Place) -> JsonObject:
    """The `geoip` of an address."""
    return asdict(place)


def by_admin(admin: Admin) -> JsonObject:
    return {"id": admin.id, "type": "admin", "email": admin.email}


def by_user(person: Person) -> JsonObject:
    return {"id": person.id, "type": "user", "username": person.username}


def user_resource(person: Person) -> JsonObject:
    return {"id": person.id, "type": "user", "username": person.username}


def system_of(person: Person) -> JsonObject:
    """The person's computer as directory, systems and software events show it."""
    device = person.device
    return {"id": device.id, "hostname": device.hostname, "displayName": device.hostname, "type": "system"}


def admin_origin(admin: Admin) -> JsonObject:
    """The members that every event of an administrator at the portal has."""
    return {
        "initiated_by": by_admin(admin),
        "geoip": geoip(admin.office.place),
        "useragent": browser(admin.user_agent),
        "client_ip": admin.address,
    }


def user_origin(scene: Scene) -> JsonObject:
    """The members that every event of a person at a browser has."""
    person = scene.person
    return {
        "initiated_by": by_user(person),
        "geoip": geoip(person.office.place),
        "useragent": browser(person.user_agent),
        "client_ip": scene.address(),
    }
