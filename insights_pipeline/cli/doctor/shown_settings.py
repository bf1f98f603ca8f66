"""The settings as they may be shown: every one of them, no secret among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from insights_pipeline.settings import Settings

# As long for every secret: its length would tell something.
_MASK = "********"


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """One setting, by its variable."""

    variable: str
    value: str
    """Empty where it isn't set and there is no default."""
    source: Literal["environment", "default"]


def shown_settings(settings: Settings) -> list[ShownSetting]:
    """In the order in which they are declared."""
    return [
        ShownSetting(
            field.alias or name,
            _shown(getattr(settings, name)),
            "environment" if name in settings.model_fields_set else "default",
        )
        for name, field in Settings.model_fields.items()
    ]


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return _MASK
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ",".join(_shown(part) for part in value)
    return _without_password(str(value))


def _without_password(text: str) -> str:
    """An address may carry a user's name and password: `https://user:password@host`."""
    parts = urlsplit(text)
    if not parts.hostname or "@" not in parts.netloc:
        return text
    return parts._replace(netloc=f"{_MASK}@{parts.netloc.rpartition('@')[2]}").geturl()
