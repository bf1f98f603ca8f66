"""The invented organization: its offices, people, administrators, groups, applications and devices.

All follows from (seed, organization), so two runs employ the same people. Names are invented, e-mail domains and
addresses are those that RFC 2606, 5737 and 3849 set aside for examples.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from insights_pipeline.emulator.tenant.names import FIRST_NAMES, LAST_NAMES

_DEPARTMENTS = ("Engineering", "Sales", "Support", "Finance", "People", "Marketing", "Operations", "Legal")
_ADMIN_ROLES = ("Administrator With Billing", "Administrator", "Administrator", "Manager", "Help Desk")
_PEOPLE = 240


@dataclass(frozen=True)
class Place:
    """Where an address is, as the API's `geoip` tells it."""

    country_code: str
    continent_code: str
    region_code: str
    region_name: str
    timezone: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Office:
    """A place of work and the networks that its people come from."""

    city: str
    place: Place
    network: str
    home_network: str
    home_network_v6: str
    share: int


OFFICES = (
    Office(
        "Denver",
        Place("US", "NA", "CO", "Colorado", "America/Denver", 39.7388, -104.9868),
        "192.0.2.1",
        "198.51.100.1",
        "2001:db8:1::",
        45,
    ),
    Office(
        "Berlin",
        Place("DE", "EU", "BE", "Land Berlin", "Europe/Berlin", 52.5196, 13.4069),
        "192.0.2.6",
        "198.51.100.6",
        "2001:db8:2::",
        30,
    ),
    Office(
        "Bengaluru",
        Place("IN", "AS", "KA", "Karnataka", "Asia/Kolkata", 12.9634, 77.5855),
        "192.0.2.12",
        "198.51.100.12",
        "2001:db8:3::",
        25,
    ),
)


@dataclass(frozen=True)
class Device:
    """A managed computer."""

    id: str
    hostname: str
    os: str
    os_version: str


@dataclass(frozen=True)
class Person:
    """A user of the directory, with the computer and the addresses that they work from."""

    id: str
    username: str
    email: str
    display_name: str
    department: str
    office: Office
    device: Device
    office_address: str
    home_address: str
    uses_mfa: bool
    user_agent: int


@dataclass(frozen=True)
class Admin:
    """An administrator of the organization; administrators have accounts apart from the people's."""

    id: str
    email: str
    role: str
    office: Office
    address: str
    user_agent: int


@dataclass(frozen=True)
class Application:
    """An application that people sign in to through JumpCloud."""

    id: str
    name: str
    label: str

    @property
    def sso_url(self) -> str:
        return f"https://sso.jumpcloud.com/saml2/{self.name}"


@dataclass(frozen=True)
class Group:
    """A user group."""

    id: str
    name: str


@dataclass(frozen=True)
class Company:
    """Everyone and everything that an organization's events are about."""

    organization: str
    people: tuple[Person, ...]
    admins: tuple[Admin, ...]
    applications: tuple[Application, ...]
    groups: tuple[Group, ...]
    device_manager: str


_APPLICATIONS = (
    ("google", "Google Workspace"),
    ("slack", "Slack"),
    ("salesforce", "Salesforce"),
    ("github", "GitHub"),
    ("aws", "AWS IAM Identity Center"),
    ("zoom", "Zoom"),
    ("atlassian", "Atlassian Cloud"),
    ("datadog", "Datadog"),
    ("notion", "Notion"),
    ("workday", "Workday"),
)
_SYSTEMS = (
    ("Mac OS X", "15.1"),
    ("Mac OS X", "14.7.1"),
    ("Windows", "11 Pro"),
    ("Windows", "10 Pro"),
    ("Ubuntu", "24.04"),
)
USER_AGENTS_PER_SYSTEM = 3


def found_company(seed: int, organization: str) -> Company:
    """The company of an organization: the same for the same arguments."""
    rng = random.Random(f"company:{seed}:{organization}")
    groups = [Group(object_id(rng), name) for name in (*_DEPARTMENTS, "All Staff", "Contractors", "VPN", "On Call")]
    return Company(
        organization=organization,
        people=tuple(_hire(rng, _PEOPLE)),
        admins=tuple(_appoint(rng, number, role) for number, role in enumerate(_ADMIN_ROLES, start=1)),
        applications=tuple(Application(object_id(rng), name, label) for name, label in _APPLICATIONS),
        groups=tuple(groups),
        device_manager=object_id(rng),
    )


def object_id(rng: random.Random) -> str:
    """24 hexadecimal digits, as MongoDB's ids are written."""
    return f"{rng.getrandbits(96):024x}"


def _hire(rng: random.Random, count: int) -> list[Person]:
    names = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
    return [_person(rng, first, last) for first, last in rng.sample(names, count)]


def _person(rng: random.Random, first: str, last: str) -> Person:
    username = f"{first}.{last}".lower()
    (office,) = rng.choices(OFFICES, weights=[office.share for office in OFFICES])
    system = rng.randrange(len(_SYSTEMS))
    os, os_version = _SYSTEMS[system]
    hostname = f"{last.upper()}-{'MBP' if os == 'Mac OS X' else 'PC'}-{rng.randrange(100, 1000)}"
    home = office.home_network_v6 + f"{rng.randrange(1, 0xFFFF):x}" if rng.random() < 0.25 else None
    return Person(
        id=object_id(rng),
        username=username,
        email=f"{username}@example.com",
        display_name=f"{first} {last}",
        department=rng.choice(_DEPARTMENTS),
        office=office,
        device=Device(object_id(rng), hostname, os, os_version),
        office_address=office.network + str(rng.randrange(1, 5)),
        home_address=home or office.home_network + str(rng.randrange(0, 10)),
        uses_mfa=rng.random() < 0.7,
        user_agent=system * USER_AGENTS_PER_SYSTEM + rng.randrange(USER_AGENTS_PER_SYSTEM),
    )


def _appoint(rng: random.Random, number: int, role: str) -> Admin:
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    office = OFFICES[number % len(OFFICES)]
    agent = rng.randrange(len(_SYSTEMS) * USER_AGENTS_PER_SYSTEM)
    return Admin(
        object_id(rng), f"{first}.{last}.admin{number}@example.com".lower(), role, office, office.network + "9", agent
    )
