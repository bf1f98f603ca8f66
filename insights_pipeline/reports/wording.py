"""How numbers, times, names and what users typed are put into words. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from babel import Locale

_ENGLISH = Locale("en")

MOST_CHARACTERS = 200
"""Of a text that users can type; it ends in … where it was longer."""

CHANNELS = {
    "admin_portal": "Admin portal",
    "user_portal": "User portal",
    "sso": "SSO",
    "radius": "RADIUS",
    "ldap": "LDAP",
    "device": "Devices",
    "password_manager": "Password manager",
    "saas_app": "SaaS applications",
    "other": "Other",
}

FACTORS = {
    "totp": "One-time code (TOTP)",
    "webauthn": "Security key, passkey",
    "jumpcloud_protect": "JumpCloud Protect",
    "push": "JumpCloud Protect",
    "duo": "Duo",
}

# Control characters, and marks that turn the direction of what follows: they would show something else than is there.
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def number(value: int | None) -> str:
    """`12,345`; nothing for what is unknown."""
    return "" if value is None else f"{value:,}"


def compact(value: int) -> str:
    """At most four characters, for a cell of a chart: `999`, `1.2k`, `35k`, `1.2M`."""
    for unit, suffix in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if value >= unit:
            scaled = value / unit
            return f"{scaled:.1f}{suffix}" if scaled < 9.95 else f"{scaled:.0f}{suffix}"
    return str(value)


def share(part: int, whole: int) -> str:
    """`10.9%`, without claiming none or all where it isn't so; `–` of nothing."""
    if whole == 0:
        return "–"
    percent = 100 * part / whole
    if 0 < percent < 0.05:
        return "under 0.1%"
    if 99.95 <= percent < 100:
        return "over 99.9%"
    return f"{percent:.1f}%" if percent not in (0, 100) else f"{percent:.0f}%"


def many(value: int, thing: str, things: str | None = None) -> str:
    """`1 person`, `12,345 people`."""
    return f"{value:,} {thing if value == 1 else things or f'{thing}s'}"


def moment(value: datetime | None) -> str:
    """To the second; the pages say that all times are UTC."""
    return "" if value is None else f"{value:%Y-%m-%d %H:%M:%S}"


def span(first: date, last: date) -> str:
    """`2026-11-18` or `2026-11-18 to 2026-11-24`."""
    return first.isoformat() if first == last else f"{first} to {last}"


def shown(text: str | None) -> str:
    """What users typed, fit to be shown: nothing that can't be seen, and not too long."""
    if text is None:
        return ""
    visible = _UNSHOWABLE.sub("\ufffd", text[: MOST_CHARACTERS + 1])
    return visible if len(visible) <= MOST_CHARACTERS else f"{visible[: MOST_CHARACTERS - 1]}…"


def country(code: str | None) -> str:
    """By name, or the code where it is none that is known."""
    if code is None:
        return ""
    name: str = _ENGLISH.territories.get(code.upper(), shown(code))
    return name


def place(address: str | None, code: str | None) -> str:
    """`203.0.113.7, Moldova`."""
    return ", ".join(part for part in (shown(address), country(code)) if part)


def channel(name: str) -> str:
    """Where an attempt took place."""
    return CHANNELS.get(name, shown(name))


def listed(names: Sequence[str], most: int) -> str:
    """`a, b and 3 others`, of names that users may have typed."""
    if len(names) <= most + 1:
        return ", ".join(shown(name) for name in names)
    return f"{', '.join(shown(name) for name in names[:most])} and {len(names) - most:,} others"
